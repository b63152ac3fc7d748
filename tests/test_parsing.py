import json
import math
import time
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.parsing import (
    Absent,
    CampaignText,
    campaign,
    count,
    hits,
    hits_count,
    hits_ratio,
    label,
    number,
    percent,
    ring_seconds,
    started,
    switch,
    text,
    timestamp,
)
from exporter.parsing.figures import line as one_line

M = Absent.MISSING
U = Absent.UNREADABLE
BOGOTA = ZoneInfo("America/Bogota")
NBSP, THIN, NARROW = "\u00a0", "\u2009", "\u202f"
FALSE_WORDS = {"n", "no", "off", "false", "stopped", "inactive", "inactivo", "inactiva", "disabled"} | {
    "deshabilitado",
    "apagado",
}


def last_use(raw: object) -> float | Absent:
    return timestamp(raw, BOGOTA)


FIGURES: list[Callable[[object], float | Absent]] = [
    count,
    number,
    percent,
    hits_count,
    hits_ratio,
    started,
    switch,
    last_use,
]
READERS: list[Callable[[object], object]] = [*FIGURES, text, hits, campaign, ring_seconds]

NOT_THERE = [None, "", " ", "-", " - ", "\t\r\n", NBSP, THIN, "\u3000\u2028", f"{NBSP}-{NBSP}"]
NOT_A_VALUE: list[object] = [[], {}, ["1"], {"a": "1"}, math.nan, math.inf, -math.inf]
DEEP = "(" * 200_000


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("raw", NOT_THERE)
def test_an_empty_value_is_missing(read: Callable[[object], object], raw: object) -> None:
    assert read(raw) is M


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("raw", NOT_A_VALUE)
def test_what_is_neither_text_nor_number_is_unreadable(read: Callable[[object], object], raw: object) -> None:
    assert read(raw) is U


@pytest.mark.parametrize("read", [r for r in READERS if r is not switch])
@pytest.mark.parametrize("raw", [True, False])
def test_a_boolean_is_no_figure(read: Callable[[object], object], raw: bool) -> None:
    assert read(raw) is U


@pytest.mark.parametrize("read", FIGURES)
@pytest.mark.parametrize(
    "raw",
    [
        "abc",
        "NaN",
        "nan",
        "inf",
        "Infinity",
        "-inf",
        "1e3",
        "0x10",
        "1_000",
        "\u0663",
        "\u00b2",
        "--",
        "%",
        ".",
        ",",
        "1..2",
        "null",
        "None",
        "N/A",
        "\ud800",
        "9" * 65,
        "0" * 65,
        "1" * 10_000_000,
        10**5000,
        -(10**5000),
    ],
    ids=lambda raw: ascii(raw)[:12] if isinstance(raw, str) else "huge",
)
def test_what_is_not_understood_is_unreadable(read: Callable[[object], object], raw: object) -> None:
    assert read(raw) is U


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("MY CAMPAIGN", "MY CAMPAIGN"),
        ("  trimmed \n", "trimmed"),
        ("two\nlines\tand\x00more", "two\nlines\tand\x00more"),
        ("Campa\u00f1a \U0001f600", "Campa\u00f1a \U0001f600"),
        ("lone \ud83d surrogate", "lone \ufffd surrogate"),
        ("0042", "0042"),
        ("--", "--"),
        (4000, "4000"),
        (0, "0"),
        (-7, "-7"),
        (4000.0, "4000"),
        (-0.0, "0"),
        (4000.5, U),
        (1e300, U),
        (10**63, "1" + "0" * 63),
        (10**64, U),
        pytest.param(10**5000, U, id="huge"),
    ],
)
def test_text(raw: object, expected: object) -> None:
    assert text(raw) == expected


BREAKS = "\n\r\t\x00\x0b\x0c\x1b\x1c\x7f\x85\x9b\u2028\u2029"
"""Controls, and what str.splitlines() or another reader takes for the end of a line."""


@pytest.mark.parametrize("one", [*BREAKS, "\r\n", BREAKS])
def test_a_control_or_line_break_in_a_label_is_a_blank(one: str) -> None:
    assert label(f"{one}A{one}B{one}") == "A B"
    assert label(f" {one}-{one} ") is M
    assert campaign(f"4875{one}- A{one}B - tel1{one}(100%){one}") == parts("4875", "A B", tel1=1.0)
    assert ring_seconds(f"phone{one}1 - ring: 60(seg)") == {"phone 1": 60.0}


@given(st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from(BREAKS)))
def test_no_label_has_a_line_break_for_any_reader(raw: str) -> None:
    told = campaign(raw)
    for read in (label(raw), told if isinstance(told, Absent) else told.name):
        if isinstance(read, str) and read:
            assert len(read.splitlines()) == 1
            assert not any(unicodedata.category(character) in {"Cc", "Zl", "Zp"} for character in read)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("0", 0.0),
        ("1", 1.0),
        (" 12 ", 12.0),
        ("007", 7.0),
        ("60000", 60000.0),
        ("1,234", 1234.0),
        ("1.234", 1234.0),
        ("12.000", 12000.0),
        ("1,234,567", 1234567.0),
        ("1.234.567", 1234567.0),
        ("1 234", 1234.0),
        (f"1{NBSP}234{NBSP}567", 1234567.0),
        (f"12{THIN}345", 12345.0),
        (f"123{NARROW}456", 123456.0),
        ("1,234.00", 1234.0),
        ("1.234,00", 1234.0),
        ("1 234.0", 1234.0),
        ("1,234.000", 1234.0),
        ("12.0", 12.0),
        ("0.000", 0.0),
        ("1234.00", 1234.0),
        ("9" * 64, float("9" * 64)),
        (5, 5.0),
        (0, 0.0),
        (12.0, 12.0),
        (-0.0, 0.0),
        (10**30, 1e30),
        ("1.5", U),
        ("12.34", U),
        ("0.123", U),
        ("0,123", U),
        ("012,345", U),
        ("1234,567", U),
        ("1,234.567", U),
        ("1,23", U),
        ("1,2345", U),
        ("1,234.567,890", U),
        ("1,234 567", U),
        ("1  234", U),
        ("1 23", U),
        ("12.", U),
        (".5", U),
        ("-1", U),
        ("-0", U),
        ("+1", U),
        ("1-", U),
        ("5 %", U),
        ("1\n234", U),
        (-1, U),
        (1.234, U),
        (1e400, U),
    ],
)
def test_count(raw: object, expected: object) -> None:
    assert count(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("0", 0.0),
        ("12.5", 12.5),
        ("12,5", 12.5),
        ("0.25", 0.25),
        ("0,125", 0.125),
        ("12.500", 12.5),
        ("1.667", 1.667),
        ("12,500", 12500.0),
        ("1.234.567", 1234567.0),
        ("1234.567", 1234.567),
        ("1,234.5", 1234.5),
        ("1.234,5", 1234.5),
        ("1,234.567", 1234.567),
        (12.5, 12.5),
        (1.234, 1.234),
        (-0.0, 0.0),
        (5e-324, 5e-324),
        (7, 7.0),
        (-0.5, U),
        ("-0.5", U),
        ("05.25", U),
        ("12.5 %", U),
    ],
)
def test_number(raw: object, expected: object) -> None:
    assert number(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("0.00 %", 0.0),
        ("110%", 1.1),
        ("34.64 %", 0.3464),
        ("14.29 %", 0.1429),
        ("15,233.33 %", 152.3333),
        ("15.233,33 %", 152.3333),
        ("12,5 %", 0.125),
        ("33.3%", 0.333),
        (f"100{NBSP}%", 1.0),
        ("110", 1.1),
        ("14.29", 0.1429),
        (14.29, 0.1429),
        (110, 1.1),
        (0, 0.0),
        (1e22, 1e20),
        (1e-7, 1e-9),
        ("34.640 %", 0.3464),
        ("1.234 %", 0.01234),
        ("0.123 %", 0.00123),
        ("1,234 %", 12.34),
        ("0,123 %", 0.00123),
        ("1.234.567 %", 12345.67),
        ("1,234,567 %", 12345.67),
        ("1 234,5 %", 12.345),
        ("-5.5 %", -0.055),
        ("\u22125 %", -0.05),
        (-5, -0.05),
        ("%", U),
        ("- %", U),
        ("-- 5 %", U),
        ("5 %%", U),
        ("% 5", U),
        ("5 % x", U),
        ("+5 %", U),
        ("1,23,4 %", U),
        (5e-324, U),
        (10**400, U),
    ],
)
def test_percent(raw: object, expected: object) -> None:
    assert percent(raw) == expected


@pytest.mark.parametrize("raw", ["-0.00 %", -0.0, "-0"])
def test_a_percentage_of_minus_zero_is_zero(raw: object) -> None:
    ratio = percent(raw)
    assert isinstance(ratio, float)
    assert math.copysign(1.0, ratio) == 1.0


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("0 (0.00 %)", (0.0, 0.0)),
        ("6 (14.29 %)", (6.0, 0.1429)),
        ("6(14,29%)", (6.0, 0.1429)),
        ("1,234 ( 15,233.33 % )", (1234.0, 152.3333)),
        ("6", (6.0, M)),
        (6, (6.0, M)),
        ("6 ()", (6.0, M)),
        ("6 (-)", (6.0, M)),
        ("6 (abc)", (6.0, U)),
        ("6 (NaN %)", (6.0, U)),
        ("6 (14.29) %", U),
        ("6 ((14.29 %))", (6.0, U)),
        ("6 (14.29 %", U),
        ("6 14.29 %", U),
        ("six (14.29 %)", U),
        ("(14.29 %)", U),
        ("- (14.29 %)", U),
        ("- (-)", M),
        ("1.5 (14.29 %)", U),
        (f"6 ({DEEP})", (6.0, U)),
    ],
    ids=lambda case: ascii(case)[:24],
)
def test_hits(raw: object, expected: object) -> None:
    assert hits(raw) == expected
    parts = (expected, expected) if isinstance(expected, Absent) else expected
    assert (hits_count(raw), hits_ratio(raw)) == parts


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("started", 1.0),
        ("Started", 1.0),
        (" STOPPED ", 0.0),
        ("stopped", 0.0),
        ("paused", U),
        ("1", U),
        (1, U),
    ],
)
def test_started(raw: object, expected: object) -> None:
    assert started(raw) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("yes Y si SI s\u00ed S\u00cd si\u0301 s 1 active Activo activa enabled on ON true", 1.0),
        ("no NO n 0 inactive Inactivo inactiva disabled off false", 0.0),
        ("2 maybe yes! 1.0 null 01", U),
    ],
)
def test_switch_words(words: str, expected: object) -> None:
    assert {word: switch(word) for word in words.split()} == dict.fromkeys(words.split(), expected)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [(True, 1.0), (False, 0.0), (1, 1.0), (0, 0.0), (1.0, 1.0), (0.0, 0.0), (2, U), (0.5, U), (-1, U)],
)
def test_switch_values(raw: object, expected: object) -> None:
    assert switch(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("2026-08-12 08:02:08", "2026-08-12T08:02:08-05:00"),
        (" 2026-08-12T08:02:08 ", "2026-08-12T08:02:08-05:00"),
        ("2026-08-12 08:02:08.250", "2026-08-12T08:02:08-05:00"),
        ("2026-08-12 08:02", "2026-08-12T08:02:00-05:00"),
        ("2026-08-12 08", "2026-08-12T08:00:00-05:00"),
        ("2026-08-12-08", "2026-08-12T08:00:00-05:00"),
        ("2026-08-12-08:02:08", "2026-08-12T08:02:08-05:00"),
        ("2026-08-12", "2026-08-12T00:00:00-05:00"),
        ("2026-8-2 7:05", "2026-08-02T07:05:00-05:00"),
        ("2024-02-29", "2024-02-29T00:00:00-05:00"),
    ],
)
def test_timestamp(raw: str, expected: str) -> None:
    assert timestamp(raw, BOGOTA) == datetime.fromisoformat(expected).timestamp()


@pytest.mark.parametrize("raw", ["0000-00-00 00:00:00", "0000-00-00", "0000-00-00-00"])
def test_a_date_of_zeros_is_never(raw: str) -> None:
    assert timestamp(raw, BOGOTA) is M


@pytest.mark.parametrize(
    "raw",
    [
        "2026-02-29",
        "2026-13-01",
        "2026-00-10",
        "0000-00-00 08:00:00",
        "2026-08-12 24:00:00",
        "2026-08-12 08:60",
        "2026-08-12 08:02:60",
        "12/08/2026",
        "2026/08/12",
        "12-08-2026",
        "20260812",
        "26-08-12",
        "2026-08",
        "2026-08-12T08:02:08Z",
        "2026-08-12 08:02:08-05:00",
        "2026-08-12 08:02 pm",
        "2026-08-12 8:2",
        "0",
        "\u0662\u0660\u0662\u0666-08-12",
        1_786_539_728,
        1_786_539_728.0,
        0,
    ],
)
def test_a_time_that_is_not_understood_is_unreadable(raw: object) -> None:
    assert timestamp(raw, BOGOTA) is U


@pytest.mark.parametrize("raw", ["0001-01-01", "0001-01-01 00:00:00", "9999-12-31 23:59:59"])
@pytest.mark.parametrize(
    "zone",
    [
        UTC,
        BOGOTA,
        ZoneInfo("Asia/Tokyo"),
        timezone(timedelta(hours=23, minutes=59)),
        timezone(-timedelta(hours=23)),
    ],
    ids=str,
)
def test_the_ends_of_the_calendar_do_not_overflow(raw: str, zone: tzinfo) -> None:
    seconds = timestamp(raw, zone)
    assert isinstance(seconds, float)
    assert math.isfinite(seconds)


def test_of_an_hour_shown_twice_the_first_is_meant() -> None:
    first = datetime(2024, 11, 3, 5, 30, tzinfo=UTC).timestamp()
    assert timestamp("2024-11-03 01:30:00", ZoneInfo("America/New_York")) == first


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("phone1 \u2013 ring: 60(seg)", {"phone1": 60.0}),
        ("phone1 - ring: 60(sec)", {"phone1": 60.0}),
        ("Phone10 \u2014 Ring : 10 ( SEG. )", {"Phone10": 10.0}),
        ("phone1-ring:60(seg)", {"phone1": 60.0}),
        ("phone1 - ring: 60", {"phone1": 60.0}),
        ("phone1 - ring: 60 seg", {"phone1": 60.0}),
        ("phone1 - ring: 60s.", {"phone1": 60.0}),
        ("phone 1 - ring: 60(segundos)", {"phone 1": 60.0}),
        ("tel\u00e9fono1 - ring: 45(seg)", {"tel\u00e9fono1": 45.0}),
        ("phone1 \u2013 ring: 60(seg), phone2 \u2013 ring: 30(seg)", {"phone1": 60.0, "phone2": 30.0}),
        ("phone1 - ring: 60(seg) phone2 - ring: 30(seg)", {"phone1": 60.0, "phone2": 30.0}),
        ("phone1 - ring: 60(seg)\nphone2 - ring: 30(seg);", {"phone1": 60.0, "phone2": 30.0}),
        ("phone1 - ring: 60(seg)phone2 - ring: 30(seg)", {"phone1": 60.0, "phone2": 30.0}),
        ("phone1 - ring: 60 - phone2 - ring: 30", {"phone1": 60.0, "phone2": 30.0}),
        ("phone1 - ring: 60(seg) phone1 - ring: 20(seg)", {"phone1": 20.0}),
        ("autopilot", M),
        ("strategy", M),
        ("Strategy (A)", M),
        ("Monitoring string", M),
        ("60", M),
        ("ring", U),
        ("ring: 60(seg)", U),
        ("phone1 - ring: (seg)", U),
        ("phone1 - ring: 1(min)", U),
        ("phone1 - ring: 60(seg) and more", U),
        ("phone1 - ring: -60(seg)", U),
        ("phone1 - ring: 60.5(seg)", U),
        ("phone1 - ring: 99999(seg)", U),
        ("phone1 - ring: \u0666(seg)", U),
        ("phone1ring: 60", U),
        ("phone1 - ring: 60(seg) " * 60, U),
        (60, U),
    ],
    ids=lambda case: ascii(case)[:40],
)
def test_ring_seconds(raw: object, expected: object) -> None:
    assert ring_seconds(raw) == expected


def parts(campaign_id: str, name: str, /, unreadable: bool = False, **shares: float) -> CampaignText:
    return CampaignText(campaign_id, name, shares, unreadable)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("4875 - MY CAMPAIGN - tel1 (100%)", parts("4875", "MY CAMPAIGN", tel1=1.0)),
        ("4875 - MY CAMPAIGN", parts("4875", "MY CAMPAIGN")),
        ("4875", parts("4875", "")),
        (4875, parts("4875", "")),
        (4875.0, parts("4875", "")),
        ("4875 -", parts("4875", "")),
        ("4875 - -", parts("4875", "")),
        ("4875 -  - tel1 (100%)", parts("4875", "", tel1=1.0)),
        ("4875 - tel1 (100%)", parts("4875", "", tel1=1.0)),
        ("04875-X", parts("04875", "X")),
        ("4875 X", parts("4875", "X")),
        ("4875\u2013X", parts("4875", "X")),
        ("4875X - tel1 (5%)", parts("", "4875X", tel1=0.05)),
        ("MY CAMPAIGN - tel1 (100%)", parts("", "MY CAMPAIGN", tel1=1.0)),
        ("tel1 (100%)", parts("", "tel1 (100%)")),
        ("\u0664 - X", parts("", "\u0664 - X")),
        ("1 - 2 - 3", parts("1", "2 - 3")),
        (
            "9 - A - B (x) [y] \u00f1\n\"q\" 'r' - tel1 (1%)",
            parts("9", "A - B (x) [y] \u00f1 \"q\" 'r'", tel1=0.01),
        ),
        ("9 - X - tel1 (60%) - tel2 (40%)", parts("9", "X", tel1=0.6, tel2=0.4)),
        ("9 - X - tel1 (60%), tel2 (40%)", parts("9", "X", tel1=0.6, tel2=0.4)),
        ("9 - X - tel1 (60%) tel2 (40%)", parts("9", "X", tel1=0.6, tel2=0.4)),
        ("9 - X - tel1(60%),tel2(40%)", parts("9", "X", tel1=0.6, tel2=0.4)),
        ("9 - X\u2014Tel1 ( 33,3 % )", parts("9", "X", Tel1=0.333)),
        ("9 - X-tel1 (15,233.33 %)", parts("9", "X", tel1=152.3333)),
        ("9 - X - PHONE2 (0%)", parts("9", "X", PHONE2=0.0)),
        ("9 - X - tel\u00e9fono1 (5%)", CampaignText("9", "X", {"tel\u00e9fono1": 0.05}, False)),
        ("9 - X - telefono1 (5%)", parts("9", "X", telefono1=0.05)),
        ("9 - X - Autopilot (5%)", parts("9", "X", Autopilot=0.05)),
        ("9 - X - Strategy (100%)", parts("9", "X", Strategy=1.0)),
        ("9 - X - Strategy (...)", parts("9", "X")),
        ("9 - X - Estrategia (A (b) - tel9, 50)", parts("9", "X")),
        ("9 - X - Strategy (night %)", parts("9", "X")),
        ("9 - X - tel1 (60%) - Strategy (A)", parts("9", "X", tel1=0.6)),
        ("9 - X - tel1 (60%) - tel1 (40%)", parts("9", "X", tel1=0.4)),
        ("9 - X - tel1 (abc %)", parts("9", "X", unreadable=True)),
        ("9 - X - tel1 (NaN%) - tel2 (40%)", parts("9", "X", unreadable=True, tel2=0.4)),
        ("9 - X - tel1 (%)", parts("9", "X", unreadable=True)),
        ("9 - X - tel1 (abc)", parts("9", "X - tel1 (abc)")),
        ("9 - X - tel1 (100)", parts("9", "X - tel1 (100)")),
        ("9 - X - tel1 ()", parts("9", "X - tel1 ()")),
        ("9 - X - tel1", parts("9", "X - tel1")),
        ("9 - X - tel1 (1%) x", parts("9", "X - tel1 (1%) x")),
        ("9 - X - tel1 ((1%)", parts("9", "X - tel1 ((1%)")),
        ("9 - X tel1 (100%)", parts("9", "X tel1 (100%)")),
        ("9 - X, tel1 (50%), tel2 (50%)", parts("9", "X, tel1 (50%), tel2 (50%)")),
        ("77 - BLACK - Promo (50%) - tel1 (100%)", parts("77", "BLACK - Promo (50%)", tel1=1.0)),
        ("77 - BLACK - Movil (50%)", parts("77", "BLACK", Movil=0.5)),
        ("77 - BLACK - Movil (50%) - Fijo (50%)", parts("77", "BLACK", Movil=0.5, Fijo=0.5)),
        ("77 - BLACK - Two words (50%)", parts("77", "BLACK - Two words (50%)")),
        ("77 - BLACK - tel1 (60%) - Movil (40%)", parts("77", "BLACK", tel1=0.6, Movil=0.4)),
        ("77 - Promo (50%)", parts("77", "Promo (50%)")),
        ("77 - Promo (2024)", parts("77", "Promo (2024)")),
        ("77 - BLACK - Promo (2024)", parts("77", "BLACK - Promo (2024)")),
        ("77 - X (50%)", parts("77", "X (50%)")),
        ("77 - lone \ud800 - tel1 (1%)", parts("77", "lone \ufffd", tel1=0.01)),
    ],
    ids=lambda case: ascii(case)[:60],
)
def test_campaign(raw: object, expected: CampaignText) -> None:
    assert campaign(raw) == expected


@pytest.mark.parametrize("share", ["100%", "33.3 %", "33,3%", "0%", "1,234.56 %", "-1%", "x %", "%", "NaN %"])
def test_the_name_does_not_depend_on_the_share(share: str) -> None:
    read = campaign(f"4875 - X - tel1 ({share}), tel2 ({share})")
    assert isinstance(read, CampaignText)
    assert (read.campaign_id, read.name) == ("4875", "X")


@pytest.mark.parametrize(
    "unit",
    [
        "- a (1%) ",
        "- tel1 (1%) ",
        "a (1%) ",
        "(",
        ")",
        " - ",
        "()",
        " ",
        "- Strategy (x) ",
        "- Strategy (",
        "1",
        "x",
        "phone1 - ring: 60(seg) ",
        "- ring ",
        "1,111",
        "\u00e9\ud800",
    ],
)
def test_a_hostile_text_costs_linear_time(unit: str) -> None:
    raw = "4875 - X " + unit * (1_000_000 // len(unit)) + ("." if unit == " " else "")
    begin = time.process_time()
    for read in READERS:
        read(raw)
    assert time.process_time() - begin < 8


# What every reader promises for every input.

ANY_TEXT = st.text(st.characters(exclude_categories=()))  # lone surrogates too
LIKELY_TEXT = st.text("0123456789.,-\u2013%() \u00a0\nTteslpho1ringNa:", max_size=30)
ANY_NUMBER = st.floats() | st.integers() | st.integers(-(10**400), 10**400)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | ANY_NUMBER | ANY_TEXT | LIKELY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=6,
)
ANY_ZONE = st.sampled_from([UTC, BOGOTA, ZoneInfo("Europe/Madrid"), timezone(timedelta(hours=14))])


@given(ANY_JSON)
def test_no_figure_is_invented(raw: object) -> None:
    for read in FIGURES:
        value = read(raw)
        if not isinstance(value, Absent):
            assert isinstance(value, float)
            assert math.isfinite(value)
            said = isinstance(raw, str) and raw.strip().casefold() in FALSE_WORDS
            assert value != 0.0 or said or raw is False or "0" in str(raw)


@given(ANY_JSON)
def test_no_text_is_broken(raw: object) -> None:
    label = text(raw)
    if not isinstance(label, Absent):
        assert label
        assert label == label.strip()
        label.encode()
    row = campaign(raw)
    assert isinstance(row, Absent) == isinstance(one_line(raw), Absent)
    if not isinstance(row, Absent):
        assert row.campaign_id or row.name
        (row.campaign_id + row.name + "".join(row.shares)).encode()
        assert all(math.isfinite(share) for share in row.shares.values())
    lines = ring_seconds(raw)
    if not isinstance(lines, Absent):
        assert lines
        assert all(line and 0 <= seconds <= 9999 for line, seconds in lines.items())


@given(ANY_JSON)
def test_the_two_halves_of_hits_agree(raw: object) -> None:
    both = hits(raw)
    halves = (both, both) if isinstance(both, Absent) else both
    assert (hits_count(raw), hits_ratio(raw)) == halves


@given(LIKELY_TEXT | ANY_TEXT)
def test_a_count_has_digits_and_separators_only(raw: str) -> None:
    if not isinstance(count(raw), Absent):
        assert set(raw.strip()) <= set("0123456789., " + NBSP + THIN + NARROW)


@given(st.integers(0, 10**18), st.sampled_from([",", ".", " ", NBSP, THIN, NARROW]))
def test_a_count_reads_back(figure: int, separator: str) -> None:
    grouped = f"{figure:,}".replace(",", separator)
    fraction = ("." if separator == "," else ",") + "00"
    written = [
        figure,
        str(figure),
        grouped,
        f" {grouped} ",
        grouped + fraction,
        json.loads(json.dumps(figure)),
    ]
    assert {count(raw) for raw in written} == {float(figure)}
    # One point alone is that of decimals to `number`.
    plain = [raw for raw in written if str(raw).count(".") != 1 or "," in str(raw)]
    assert {number(raw) for raw in plain} == {float(figure)}


@given(st.integers(-(10**12), 10**12))
def test_a_percentage_reads_back_exactly(hundredths: int) -> None:
    figure = Decimal(hundredths).scaleb(-2)
    exact = float(figure.scaleb(-2))
    spanish = f"{figure:,.2f} %".translate(str.maketrans(",.", ".,"))
    written = [f"{figure:,.2f} %", f"{figure:.2f}%", f"{figure:.2f}", spanish, float(figure)]
    assert {percent(raw) for raw in written} == {exact}


@given(st.integers(0, 10**9), st.integers(0, 10**6))
def test_hits_read_back(records: int, hundredths: int) -> None:
    ratio = float(Decimal(hundredths).scaleb(-4))
    assert hits(f"{records:,} ({Decimal(hundredths).scaleb(-2):,.2f} %)") == (float(records), ratio)


@given(st.datetimes(), ANY_ZONE, st.sampled_from([" ", "T", "  ", "-"]))
def test_a_time_reads_back(when: datetime, zone: tzinfo, separator: str) -> None:
    when = when.replace(microsecond=0, fold=0, tzinfo=zone)
    day, clock = when.replace(tzinfo=None).isoformat().split("T")
    hour = when.replace(minute=0, second=0)
    assert timestamp(f"{day}{separator}{clock}", zone) == when.timestamp()
    assert timestamp(f"{day}{separator}{clock[:5]}", zone) == when.replace(second=0).timestamp()
    assert timestamp(f"{day}{separator}{clock[:2]}", zone) == hour.timestamp()
    assert timestamp(day, zone) == hour.replace(hour=0).timestamp()


LINES = st.sampled_from(
    [f"{word}{index}" for word in ("phone", "Tel", "tel\u00e9fono") for index in range(1, 11)]
)


@given(st.dictionaries(LINES, st.integers(10, 60), min_size=1), st.data())
def test_ring_times_read_back(lines: dict[str, int], data: st.DataObject) -> None:
    dash = data.draw(st.sampled_from(["-", "\u2013", "\u2014"]))
    between = data.draw(st.sampled_from([", ", " ", "\n", "; ", " / ", " - "]))
    unit = data.draw(st.sampled_from(["(seg)", " (sec)", "(SEG)", ""]))
    raw = between.join(f"{line} {dash} ring: {seconds}{unit}" for line, seconds in lines.items())
    assert ring_seconds(raw) == lines


NAMES = (
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]), min_size=1, max_size=40)
    .map(str.strip)
    # A name that ends with a bracket may look like a tail, and "-" alone is no name.
    .filter(lambda name: name not in {"", "-"} and not name.endswith(")"))
)
IDS = st.text("0123456789", min_size=1, max_size=6)
SHARES = st.dictionaries(
    st.from_regex(r"\A(tel|Phone|telefono|tel\u00e9fono)[1-9]\Z")
    | st.sampled_from(["Strategy", "autopilot"]),
    st.integers(0, 12_345),
    max_size=4,
)


@given(IDS, NAMES, SHARES, st.sampled_from([" - ", ", ", " "]))
def test_a_campaign_reads_back(campaign_id: str, name: str, tenths: dict[str, int], between: str) -> None:
    groups = [f"{line} ({Decimal(tenth) / 10} %)" for line, tenth in tenths.items()]
    raw = f"{campaign_id} - {name}" + (" - " if groups else "") + between.join(groups)
    shares = {line: float(Decimal(tenth) / 1000) for line, tenth in tenths.items()}
    assert campaign(raw) == CampaignText(campaign_id, name, shares, unreadable_share=False)


@given(IDS, ANY_TEXT | LIKELY_TEXT, st.lists(st.integers(0, 99_999), min_size=2, max_size=2))
def test_another_share_is_the_same_campaign(campaign_id: str, name: str, hundredths: list[int]) -> None:
    rows = [campaign(f"{campaign_id} - {name} - tel1 ({Decimal(share) / 100}%)") for share in hundredths]
    assert len({(row.campaign_id, row.name) for row in rows if isinstance(row, CampaignText)}) == 1
    shares = [row.shares["tel1"] for row in rows if isinstance(row, CampaignText)]
    assert shares == [float(Decimal(share) / 10_000) for share in hundredths]
