"""The model reads the contract's own examples; what it is worth depends on that."""

import math
from zoneinfo import ZoneInfo

import pytest

from model import reading
from model.reading import MISSING, UNREADABLE

BOGOTA = ZoneInfo("America/Bogota")


@pytest.mark.parametrize("raw", [None, "", " ", "-"])
def test_missing(raw: object) -> None:
    single = (reading.count, reading.rate, reading.percent, reading.started, reading.switch, reading.ring)
    assert {read(raw) for read in single} == {MISSING}
    assert reading.hits(raw) == (MISSING, MISSING)
    assert reading.last_use(raw, BOGOTA) == MISSING


@pytest.mark.parametrize("raw", ["n/d", "NaN", math.nan, math.inf, "Infinity", [], {"a": 1}, True, "12..5"])
def test_unreadable(raw: object) -> None:
    single = (reading.count, reading.rate, reading.percent, reading.started, reading.switch)
    assert {read(raw) for read in single} == {UNREADABLE}
    assert reading.hits(raw) == (UNREADABLE, UNREADABLE)
    assert reading.last_use(raw, BOGOTA) == UNREADABLE


@pytest.mark.parametrize(
    ("raw", "ratio"),
    [
        ("0.00 %", 0.0),
        ("110%", 1.1),
        ("15,233.33 %", 152.3333),
        ("12,5 %", 0.125),
        ("34.64", 0.3464),
        (34.64, 0.3464),
        ("-1.5 %", -0.015),
    ],
)
def test_percentages(raw: object, ratio: float) -> None:
    assert reading.percent(raw) == ratio


@pytest.mark.parametrize(
    ("raw", "figure"), [("1", 1), ("1,234", 1234), ("1.234", 1234), (12, 12), (12.0, 12)]
)
def test_counts(raw: object, figure: float) -> None:
    assert reading.count(raw) == figure


@pytest.mark.parametrize("raw", [12.5, -1, "-1", "1,23", "1.23"])
def test_what_is_no_count(raw: object) -> None:
    assert reading.count(raw) == UNREADABLE


def test_other_figures() -> None:
    assert [reading.rate(raw) for raw in ("1.667", "12,5", "1,234", "1,234.5", 12.5)] == [
        1.667,
        12.5,
        1234,
        1234.5,
        12.5,
    ]
    assert reading.hits("6 (14.29 %)") == (6.0, 0.1429)
    assert reading.hits("1,234") == (1234.0, MISSING)
    assert [reading.started(raw) for raw in ("started", "Stopped")] == [1.0, 0.0]
    assert [reading.switch(raw) for raw in ("si", "Active", "off", 0)] == [1.0, 1.0, 0.0, 0.0]
    assert reading.last_use("2026-08-12 08:02:08", BOGOTA) == 1_786_539_728.0
    assert reading.last_use("2026-08-12-08", BOGOTA) == 1_786_539_600.0
    assert reading.ring("phone1 \u2013 ring: 60(seg)") == {"phone1": 60.0}
    assert reading.ring("autopilot") == MISSING


@pytest.mark.parametrize(
    ("raw", "parts"),
    [
        ("4875 - VENTAS - tel1 (100%)", ("4875", "VENTAS", {"tel1": 1.0})),
        ("7224 - A - B - tel1 (60%) - tel2 (40%)", ("7224", "A - B", {"tel1": 0.6, "tel2": 0.4})),
        ("7224 - A (2024) - tel1 (60%), tel2 (40 %)", ("7224", "A (2024)", {"tel1": 0.6, "tel2": 0.4})),
        ("7224-A - tel1 (60%) tel2 (40%)", ("7224", "A", {"tel1": 0.6, "tel2": 0.4})),
        ("32841 - X - Strategy (Manana (50%) - Tarde (50%))", ("32841", "X", MISSING)),
        ("32841 - X - tel1 (x %)", ("32841", "X", UNREADABLE)),
        ("VENTAS", ("", "VENTAS", MISSING)),
        ("4875", ("4875", "", MISSING)),
        ([], ("", "", MISSING)),
    ],
)
def test_texts_of_campaigns(raw: object, parts: object) -> None:
    assert reading.campaign(raw) == parts


def test_labels() -> None:
    assert reading.text("A\r\nB\u2028C\x85") == "A B C"
    assert reading.text(4875) == "4875"
    assert reading.text("-") == reading.text([]) == reading.text(True) == ""
    assert len(reading.text("X" * 2000)) == 1024
