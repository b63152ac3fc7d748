"""What is noticed about the answer of one API."""

from dataclasses import replace

import pytest

from doctor.support import GOOD, checks, kept, said
from exporter.capture import Exchange, Failure
from exporter.doctor import Grade
from exporter.doctor.answers import ADVICE, read_again
from exporter.wolkvox import Cause
from support.fakes import MORNING, campaigns_row, make_operation, telephone_row


def of(api: str, body: object, *, status: int = 200) -> list[str]:
    return said(checks([kept(api, body, status=status)]), api)


@pytest.mark.parametrize(
    ("body", "shape"),
    [
        ([campaigns_row()], "a bare list"),
        (
            {"code": "200", "error": None, "msg": "", "data": [campaigns_row()]},
            'an object with code "200" and a list under data',
        ),
        ({"code": 200, "data": [campaigns_row()]}, "an object with code 200 and a list under data"),
        ({"data": campaigns_row()}, "an object with code null and an object under data"),
    ],
)
def test_a_good_answer_says_how_many_rows_came_in_what(body: object, shape: str) -> None:
    assert of("campaigns", body) == [f"good: HTTP 200 after 0.6 s: 1 row, in {shape}"]


def test_what_wolkvox_says_is_repeated() -> None:
    body = {"code": "200", "error": None, "msg": "1 records were found", "data": [campaigns_row()]}
    assert 'HTTP 200 "1 records were found"' in of("campaigns", body)[0]


def test_no_rows_are_odd() -> None:
    nothing = {"code": "404", "error": "Not Found", "msg": "Validate dates entered"}
    assert of("campaigns", nothing, status=404) == [
        'odd: HTTP 404 "Validate dates entered" after 0.6 s: 0 rows'
    ]
    assert of("campaigns", []) == ["odd: HTTP 200 after 0.6 s: 0 rows"]


def test_a_failure_is_named_with_what_to_do() -> None:
    page = b"<html><title>Login</title>"
    (check,) = [one for one in checks([kept("campaigns", page)]) if one.subject == "campaigns"]
    assert (check.grade, check.text) == (Grade.WRONG, "decode: the answer is HTML or XML, not JSON")
    assert check.advice == ADVICE[Cause.DECODE]


@pytest.mark.parametrize(
    ("exchange", "advice"),
    [
        (kept("campaigns", b"<html>", status=404), "a server lacks an API"),
        (
            Exchange("ventas", "campaigns", "", MORNING, 1.0, 200, failure=Failure(Cause.CONNECTION, "cut")),
            "the answer had begun",
        ),
    ],
)
def test_advice_goes_by_more_than_the_cause(exchange: Exchange, advice: str) -> None:
    (check,) = [one for one in checks([exchange]) if one.subject == "campaigns"]
    assert advice in check.advice


def test_an_answer_that_takes_long_is_odd() -> None:
    slow = replace(kept("campaigns", [campaigns_row()]), seconds=44.6)
    found = said(checks([slow]), "campaigns")
    assert found[1:] == ["odd: the answer took 45 s, and calls end after 60 s"]


def test_several_fields_that_cannot_be_read_are_one_line() -> None:
    rows = [campaigns_row(speed="about 110%", records="x1", clean="2"), campaigns_row("2 - X", clean="n/d")]
    (text,) = of("campaigns", rows)[1:]
    assert text == (
        "odd: speed cannot be read in 1 row, written `a N%`; records in 1 row, written `xN`; "
        "clean in 1 row, written `n/a`"
    )


def test_every_cause_has_advice() -> None:
    assert set(ADVICE) == set(Cause)


@pytest.mark.parametrize("cause", list(Cause))
def test_a_call_without_an_answer_fails_again_with_its_cause(cause: Cause) -> None:
    failed = Exchange("ventas", "campaigns", "", MORNING, 10.0, failure=Failure(cause, "why", "do that"))
    read = read_again(make_operation(), failed)
    assert read.failure is not None
    assert (read.failure.cause, read.failure.detail, read.failure.hint) == (cause, "why", "do that")


def test_an_answer_that_was_cut_short_fails_with_its_status() -> None:
    failure = Failure(Cause.CONNECTION, "the answer was cut short")
    cut = Exchange("ventas", "campaigns", "", MORNING, 10.0, 200, failure=failure)
    read = read_again(make_operation(), cut)
    assert read.failure is not None
    assert (read.failure.detail, read.failure.http_status) == ("the answer was cut short", 200)


def test_fields_that_are_missing_and_fields_that_are_not_documented() -> None:
    row = campaigns_row(agents_on="4", **{"Casa 300": "x"})
    del row["clean"]
    found = of("campaigns", [row])
    assert found[1:] == [
        "odd: documented, but not sent: clean",
        "odd: sent, but not documented: agents_on, `a N`",
    ]


def test_further_fields_are_no_surprise_where_the_documentation_names_some() -> None:
    found = of("services", {"data": {"licenses": "25", "customer_prot": "yes", "chat": "no"}})
    assert "good: sent, but not documented: chat" in found


def test_many_fields_are_counted() -> None:
    row = campaigns_row(**{f"new_{letter}": "1" for letter in "abcdefghijklm"})
    assert of("campaigns", [row])[1].endswith("new_i, new_j and 3 more")


def test_values_that_cannot_be_read() -> None:
    rows = [campaigns_row(f"{number} - X", speed="about 110%" if number == 1 else "90%") for number in (1, 2)]
    assert of("campaigns", rows)[1:] == ["odd: speed cannot be read in 1 row, written `a N%`"]
    assert of("campaigns", rows[:1])[1:] == ["wrong: speed cannot be read in 1 row, written `a N%`"]


def test_what_cannot_be_read_is_shown_as_it_is_written() -> None:
    found = of("campaigns", [campaigns_row(status="Detención total 3")])
    assert found[1:] == ["wrong: status cannot be read in 1 row, written `a total N`"]
    # Of a value that is too long for an example nothing is shown.
    found = of("campaigns", [campaigns_row(status="Detención " * 20)])
    assert found[1:] == ["wrong: status cannot be read in 1 row"]


def test_rows_that_are_left_out() -> None:
    assert of("campaigns", [campaigns_row(), 5, {}])[-1] == "odd: rows left out: 2 for shape"


def test_no_value_is_told() -> None:
    secret = "Zutano-Ficticio-3000000001"
    rows = [campaigns_row(f"4875 - {secret}", speed=secret, status=secret, note=secret)]
    answers = [
        kept("campaigns", rows),
        kept("machine_codes", [telephone_row("3000000001", 1)], campaign_id="4875"),
    ]
    text = "\n".join(
        f"{one.text} {one.advice}" for one in checks(answers) if one.subject in {"campaigns", "machine_codes"}
    )
    assert "cannot be read" in text
    assert "Zutano" not in text
    assert "3000" not in text


@pytest.mark.parametrize("api", GOOD)
def test_the_good_ones_are_good(api: str) -> None:
    (check,) = [one for one in checks() if one.subject == api]
    assert check.grade is Grade.GOOD
