"""The hours of laws: each preset's windows at their edges, its holidays, and what it rests on."""

import dataclasses
import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from holidays import list_supported_countries

from exporter.schedules import LEY_2300, PRESETS, Calendar, Preset, Schedule, Week, overlap, parse_window

MONDAY = date(2026, 11, 30)
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

# As the laws have them, written apart from the table: days, the first minute and the first one after.
HOURS = {
    "ley-2300": [("Mon Tue Wed Thu Fri", "07:00", "19:00"), ("Sat", "08:00", "15:00")],
    "pe-cobranza": [("Mon Tue Wed Thu Fri", "07:00", "20:00")],
    "ec-cobranza": [("Mon Tue Wed Thu Fri", "07:00", "20:00")],
    "cl-cobranza": [("Mon Tue Wed Thu Fri Sat", "08:00", "20:00")],
    "mx-cobranza": [("Mon Tue Wed Thu Fri Sat Sun", "07:00", "22:00")],
    "br-sp-cobranza": [("Mon Tue Wed Thu Fri", "08:00", "20:00"), ("Sat", "08:00", "14:00")],
    "br-ce-telemarketing": [("Mon Tue Wed Thu Fri", "08:00", "18:00")],
    "br-rj-telemarketing": [("Mon Tue Wed Thu Fri", "08:00", "18:00")],
    "es-comercial": [("Mon Tue Wed Thu Fri", "09:00", "21:00")],
    "us-tcpa": [("Mon Tue Wed Thu Fri Sat Sun", "08:00", "21:00")],
}

HOLIDAYS = {
    "ley-2300": date(2027, 7, 12),
    "pe-cobranza": date(2026, 12, 9),
    "ec-cobranza": date(2027, 2, 8),
    "cl-cobranza": date(2026, 9, 18),
    "br-sp-cobranza": date(2026, 7, 9),  # Constitutionalist Revolution, of the state alone
    "br-ce-telemarketing": date(2027, 3, 19),  # Saint Joseph, of the state alone
    "br-rj-telemarketing": date(2026, 4, 23),  # Saint George, of the state alone
    "es-comercial": date(2026, 12, 8),
}

each = pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)


def schedule(preset: Preset) -> Schedule:
    return Schedule((re.compile(".*"),), None, Week.of(preset.windows), preset.calendar, preset=preset.name)


def permitted_minutes(preset: Preset, day: date) -> set[int]:
    law, midnight = schedule(preset), datetime(day.year, day.month, day.day)  # noqa: DTZ001 - local, as passed in
    return {minute for minute in range(1440) if law.state(midnight + timedelta(minutes=minute)).permitted}


def test_the_presets_are_those_of_the_laws_that_were_read() -> None:
    assert set(PRESETS) == set(HOURS), "write their hours, as the law has them, into HOURS in this file"
    assert all(name == preset.name for name, preset in PRESETS.items())


@each
def test_each_minute_of_an_ordinary_week_is_as_the_law_has_it(preset: Preset) -> None:
    plain = dataclasses.replace(preset, holidays_count=False)
    for offset in range(7):
        expected: set[int] = set()
        for days, start, end in HOURS.get(preset.name, ()):
            if WEEKDAYS[offset] in days:
                first, after = (int(text[:2]) * 60 + int(text[3:]) for text in (start, end))
                expected |= set(range(first, after))
        assert permitted_minutes(plain, MONDAY + timedelta(days=offset)) == expected


@pytest.mark.parametrize(("name", "day"), HOLIDAYS.items(), ids=HOLIDAYS)
def test_nothing_is_permitted_on_a_holiday_that_would_be_a_working_day(name: str, day: date) -> None:
    preset = PRESETS[name]
    assert day.weekday() < 5
    assert permitted_minutes(preset, day) == set()
    ordinary = next(
        later
        for weeks in range(1, 9)
        if (later := day + timedelta(weeks=weeks)) not in Calendar(preset.country)
    )
    assert permitted_minutes(preset, ordinary)


def test_those_without_holidays_permit_calls_on_them() -> None:
    without = {name for name, preset in PRESETS.items() if preset.calendar is None}
    assert set(PRESETS) - set(HOLIDAYS) == without, "write a holiday on a weekday into HOLIDAYS in this file"
    assert all(permitted_minutes(PRESETS[name], date(2026, 12, 25)) for name in without)


def test_the_day_that_colombia_made_a_holiday_in_2026_is_one() -> None:
    # Ley 2578 of 2026: 9 July, kept on the Monday after it.
    day = date(2027, 7, 12)
    assert day in Calendar("CO")
    assert day - timedelta(weeks=1) in Calendar("CO")  # Saint Peter and Saint Paul
    assert permitted_minutes(LEY_2300, day) == set()
    assert permitted_minutes(LEY_2300, day + timedelta(days=1)) == set(range(7 * 60, 19 * 60))


@each
def test_each_can_be_used_as_it_stands(preset: Preset) -> None:
    assert [parse_window(window.text) for window in preset.windows] == [*preset.windows]
    assert overlap(preset.windows) is None
    assert Calendar.of(preset.country) == Calendar(preset.country)
    assert all(ZoneInfo(name) for name in preset.zones)
    assert re.fullmatch("ley-2300|[a-z]{2}(-[a-z]{2})?-[a-z]+", preset.name)


@each
def test_each_says_what_it_rests_on_in_both_languages(preset: Preset) -> None:
    law = preset.law
    assert law.article
    assert law.sources
    assert date.fromisoformat(f"{law.read}-01")
    for text in (law.confidence, law.calls, law.not_covered):
        assert set(text) == {"en", "es"}
        assert all(words == words.strip() and "|" not in words and words for words in text.values())


@pytest.mark.parametrize("preset", [p for p in PRESETS.values() if p.calendar], ids=lambda p: p.name)
def test_a_region_has_every_holiday_of_its_country(preset: Preset) -> None:
    # So that the region in place of the country never permits what the country's law forbids.
    years = range(2026, 2031)
    days = [date(year, 1, 1) + timedelta(days=day) for year in years for day in range(366)]
    whole = {day for day in days if day in Calendar(preset.country)}
    regions = [] if "-" in preset.country else list_supported_countries()[preset.country]
    for region in regions:
        assert whole <= {day for day in days if day in Calendar(f"{preset.country}-{region}")}, region
