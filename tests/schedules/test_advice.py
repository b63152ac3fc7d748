"""What schedules say that their owner should look over."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.schedules import (
    PRESETS,
    Calendar,
    Schedule,
    Week,
    holiday_lines,
    parse_window,
    shadow_notes,
    tolerance_notes,
    zone_notes,
)

BOGOTA = ZoneInfo("America/Bogota")
NOVEMBER = datetime(2026, 11, 26, 12, tzinfo=UTC).timestamp()
JUNE = datetime(2026, 6, 15, 12, tzinfo=UTC).timestamp()


def with_holidays(*codes: str | None) -> list[Schedule]:
    calendars = [Calendar.of(code) if code else None for code in codes]
    return [Schedule((re.compile(".*"),), None, None, calendar) for calendar in calendars]


def with_presets(*names: str) -> list[Schedule]:
    return [
        Schedule((re.compile(".*"),), None, Week.of(PRESETS[name].windows), preset=name) for name in names
    ]


def lines(codes: Sequence[str | None], at: float, zone: ZoneInfo = BOGOTA) -> list[str]:
    return holiday_lines(with_holidays(*codes), zone, at)


def test_the_next_three_holidays_reach_into_the_next_year() -> None:
    (line,) = lines(["CO"], NOVEMBER)
    assert line == (
        "next holidays of CO: Tue 2026-12-08 Immaculate Conception, Fri 2026-12-25 Christmas Day, "
        "Fri 2027-01-01 New Year's Day"
    )
    last_day = datetime(2026, 12, 31, 12, tzinfo=UTC).timestamp()
    (line,) = lines(["CO"], last_day)
    assert re.findall(r"\w{3} \d{4}-\d\d-\d\d", line) == [
        "Fri 2027-01-01",
        "Mon 2027-01-11",
        "Mon 2027-03-22",
    ]


def test_a_holiday_counts_until_the_end_of_the_operations_own_day() -> None:
    # At 02:00 UTC it is still the evening of Christmas in Bogota, and the day after it in Madrid.
    night = datetime(2026, 12, 26, 2, tzinfo=UTC).timestamp()
    assert "Fri 2026-12-25" in lines(["CO"], night)[0]
    assert "Fri 2026-12-25" not in lines(["CO"], night, ZoneInfo("Europe/Madrid"))[0]


def test_each_calendar_comes_once_in_the_order_of_the_schedules() -> None:
    found = lines(["ES-MD", "CO", None, "CO", "ES", "ES-MD"], NOVEMBER)
    assert [line.split(":")[0] for line in found] == [
        "next holidays of ES-MD",
        "next holidays of CO",
        "next holidays of ES",
    ]


def test_without_holidays_nothing_is_told() -> None:
    assert lines([], NOVEMBER) == lines([None], NOVEMBER) == []


def test_where_none_is_known_that_is_told() -> None:
    # An island on which nobody lives.
    assert lines(["BV"], NOVEMBER) == ["next holidays of BV: none are known"]


def test_names_do_not_follow_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "es")
    monkeypatch.setenv("LANG", "es_CO.UTF-8")
    assert "Christmas Day" in lines(["CO"], NOVEMBER)[0]


def notes(zone: str, *names: str, at: float = NOVEMBER) -> list[str]:
    return zone_notes(with_presets(*names), ZoneInfo(zone), at)


@pytest.mark.parametrize(
    ("zone", "name"),
    [
        ("America/Bogota", "ley-2300"),
        ("America/Lima", "ley-2300"),  # the same offset all year
        ("America/Bogota", "pe-cobranza"),
        ("Pacific/Galapagos", "ec-cobranza"),
        ("America/Punta_Arenas", "cl-cobranza"),
        ("America/Tijuana", "mx-cobranza"),
        ("America/Fortaleza", "br-sp-cobranza"),
        ("Atlantic/Canary", "es-comercial"),
    ],
)
def test_where_the_clocks_agree_there_is_no_note(zone: str, name: str) -> None:
    assert notes(zone, name) == notes(zone, name, at=JUNE) == []


def test_another_offset_is_noted() -> None:
    (note,) = notes("America/Mexico_City", "ley-2300")
    assert note == (
        "note: the hours of ley-2300 are those of America/Bogota; this operation's timezone, "
        "America/Mexico_City, has another offset"
    )


@pytest.mark.parametrize("at", [NOVEMBER, JUNE])
@pytest.mark.parametrize(
    ("zone", "name"), [("America/New_York", "ley-2300"), ("America/La_Paz", "cl-cobranza")]
)
def test_clocks_that_differ_in_summer_or_winter_are_noted_all_year(zone: str, name: str, at: float) -> None:
    (note,) = notes(zone, name, at=at)
    assert note.endswith(f"{zone}, has another offset for part of the year")


def test_only_the_zone_that_the_note_names_says_for_how_long_it_differs() -> None:
    # Bogotá has the time of Easter Island for part of the year, and never that of Santiago.
    (note,) = notes("America/Bogota", "cl-cobranza")
    assert note.endswith(
        "those of America/Santiago; this operation's timezone, America/Bogota, has another offset"
    )


def test_in_the_usa_the_hours_are_the_called_persons() -> None:
    for zone in ("America/New_York", "America/Bogota"):
        (note,) = notes(zone, "us-tcpa")
        assert note == (
            "note: the hours of us-tcpa are those of the called person's time zone; this operation counts "
            f"them in {zone}"
        )


def test_a_preset_of_several_schedules_is_noted_once() -> None:
    assert len(notes("Europe/Madrid", "ley-2300", "es-comercial", "ley-2300")) == 1


@given(
    zone=st.sampled_from(sorted(available_timezones())),
    name=st.sampled_from(sorted(PRESETS)),
    at=st.floats(0, 4e9),
)
def test_a_preset_has_one_note_or_none_wherever_and_whenever(zone: str, name: str, at: float) -> None:
    found = notes(zone, name, at=at)
    assert len(found) <= 1
    assert all(note.isprintable() and zone in note for note in found)
    if zone in PRESETS[name].zones:
        assert found == []


@pytest.mark.parametrize(
    ("zone", "name"),
    [
        ("America/Bogota", "mx-cobranza"),  # as in Cancún, where few live
        ("America/Mexico_City", "ec-cobranza"),  # as on Galápagos
        ("Europe/London", "es-comercial"),  # as on the Canaries
        ("America/Argentina/Buenos_Aires", "cl-cobranza"),
    ],
)
def test_a_lesser_zone_of_the_country_excuses_only_who_is_there(zone: str, name: str) -> None:
    (note,) = notes(zone, name)
    assert note.startswith(f"note: the hours of {name} are those of ")


@pytest.mark.parametrize(
    ("windows", "minutes", "notes"),
    [
        (["Mon-Fri 08:00-09:00"], 59, 0),
        (["Mon-Fri 08:00-09:00"], 60, 1),
        (["Mon 08:00-09:00", "Tue 08:00-10:00"], 60, 0),
        (["Mon 22:00-24:00", "Tue 00:00-01:00"], 179, 0),
        (["Sun 22:00-02:00"], 239, 0),
        (["Sun 22:00-02:00"], 240, 1),
        (["Mon-Sun 00:00-24:00"], 10**6, 0),
        ([], 60, 0),
        (None, 60, 0),
    ],
)
def test_a_tolerance_that_no_stop_can_exceed(windows: list[str] | None, minutes: int, notes: int) -> None:
    expected = None if windows is None else Week.of(map(parse_window, windows))
    schedule = Schedule((re.compile(".*"),), expected, None, tolerance=minutes * 60.0)
    found = tolerance_notes([with_holidays(None)[0], schedule])
    assert len(found) == notes
    assert all(f"schedules[1] tolerates {minutes} min" in note for note in found)


@pytest.mark.parametrize(
    ("patterns", "found"),
    [
        ([[".*"], ["A.*"]], [(1, 0)]),
        ([["A.*"], [".*"]], []),
        ([["A.*", "B.*"], ["B.*"], ["B.*", "C.*"]], [(1, 0)]),
        ([["B.*"], ["A", ".+"], ["C"], ["B.*"]], [(2, 1), (3, 0)]),
        ([], []),
    ],
)
def test_a_schedule_that_no_campaign_can_have(
    patterns: list[list[str]], found: list[tuple[int, int]]
) -> None:
    notes = shadow_notes([Schedule(tuple(map(re.compile, some)), None, None) for some in patterns])
    told = [tuple(map(int, re.findall(r"schedules\[(\d+)\]", note))) for note in notes]
    assert told == found
