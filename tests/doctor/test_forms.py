"""How values are written, without what they say."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.apis import API_WORDS
from exporter.apis.vocabulary import words_in
from exporter.doctor.forms import MAX_FORMS, OTHERS, FieldForms, form
from exporter.evidence import Content


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("14.29 %", "N.NN %"),
        ("0.00 %", "N.NN %"),
        ("110%", "N%"),
        ("15,233.33 %", "N,NNN.NN %"),
        ("1,234", "N,NNN"),
        ("6 (14.29 %)", "N (N.NN %)"),
        ("00:03:12", "N:NN:NN"),
        ("-5", "-N"),
        ("1e5", "NaN"),
        ("4875", "N"),
        ("4875 - VENTAS BOGOTÁ - tel1 (100%)", "N - a - telN (N%)"),
        (
            "32841 - Prueba api 3 - Strategy (Manana (50%) - Tarde (50%))",
            "N - a api N - Strategy (a (N%) - a (N%))",
        ),
        ("phone1 – ring: 60(seg)", "phoneN – ring: N(seg)"),  # noqa: RUF001 - the dash of the vendor's page
        ("Started", "Started"),
        ("Encendida", "a"),
        ("Ñandú 😀", "a *"),
        ("", "empty"),
        (" \t", "blank"),
        ("-", "-"),
        (None, "null"),
        (True, "true"),
        (5, "number N"),
        (12.5, "number N.N"),
        ({"a": 1}, "an object"),
        (["x"], "a list"),
        ("٣٤", "N"),
        ("½", "a"),
    ],
)
def test_forms(value: object, expected: str) -> None:
    assert form(value) == expected


# What stands for digits and letters may stand right beside a word.
_ALLOWED = re.compile(f"(?:n+|a|{'|'.join(sorted(API_WORDS, key=len, reverse=True))}|empty|blank)*")


def test_a_time_keeps_its_digits() -> None:
    assert form("2026-08-12 08:02:08", Content.TIME) == "NNNN-NN-NN NN:NN:NN"
    assert form("2026-8-12", Content.TIME) == "NNNN-N-NN"


def test_a_form_is_short() -> None:
    assert len(form("x-1 " * 100_000)) < 100


@given(st.text(max_size=60))
def test_nothing_is_told_but_words_of_the_api(text: str) -> None:
    assert all(_ALLOWED.fullmatch(word) for word in words_in(form(text)))
    assert not any(character.isdigit() for character in form(text))


def test_fields_are_counted_by_form() -> None:
    fields = FieldForms({"last_use": Content.TIME})
    fields.add([{"speed": "110%", "last_use": "2026-08-12"}, {"speed": "90%"}, {"speed": None}, "no row"])
    assert fields.rows == 3
    assert fields.forms == {"speed": {"N%": 2, "null": 1}, "last_use": {"NNNN-NN-NN": 1}}
    assert fields.missing(["speed", "records"]) == ["records"]
    assert fields.beyond(["speed"]) == ["last_use"]


def test_of_no_rows_nothing_is_missing() -> None:
    assert FieldForms({}).missing(["speed"]) == []


def test_free_text_does_not_fill_the_memory() -> None:
    fields = FieldForms({})
    fields.add({"text": "-" * number} for number in range(1, 2 * MAX_FORMS))
    assert len(fields.forms["text"]) <= MAX_FORMS + 1
    # Long ones are cut, and so alike.
    assert sum(fields.forms["text"].values()) == 2 * MAX_FORMS - 1
    assert OTHERS not in fields.forms["text"]
