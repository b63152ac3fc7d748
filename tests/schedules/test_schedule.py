import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from exporter.schedules import LEY_2300, Calendar, Schedule, ScheduleSet, ScheduleState, Week, parse_window

BOGOTA = ZoneInfo("America/Bogota")
SANTIAGO = ZoneInfo("America/Santiago")
ANY = (re.compile(".*", re.DOTALL),)


def week(*texts: str) -> Week:
    return Week.of([parse_window(text) for text in texts])


def local(text: str) -> datetime:
    return datetime.fromisoformat(text)


SHIFT = Schedule(
    ANY,
    expected=week("Mon-Fri 08:00-12:00", "Mon-Fri 13:00-18:00", "Sat 09:00-13:00"),
    permitted=Week.of(LEY_2300.windows),
    holidays=Calendar("CO"),
    except_dates=frozenset({date(2020, 12, 24)}),
)


@pytest.mark.parametrize(
    ("when", "expected", "permitted"),
    [
        ("2020-11-24 06:59", False, False),
        ("2020-11-24 07:00", False, True),
        ("2020-11-24 08:00", True, True),
        ("2020-11-24 12:00", False, True),  # lunch
        ("2020-11-24 12:59:59", False, True),
        ("2020-11-24 13:00", True, True),
        ("2020-11-24 18:00", False, True),
        ("2020-11-24 19:00", False, False),
        ("2020-11-28 09:00", True, True),  # Saturday
        ("2020-11-28 15:00", False, False),
        ("2020-11-29 10:00", False, False),  # Sunday
        ("2020-12-08 10:00", False, False),  # a public holiday
        ("2020-12-24 10:00", False, True),  # an own date
        ("2021-01-11 10:00", False, False),  # a holiday of the next year, kept on a Monday
    ],
)
def test_it_tells_what_is_expected_and_what_is_permitted(when: str, expected: bool, permitted: bool) -> None:
    assert SHIFT.state(local(when)) == ScheduleState(expected, permitted)


NIGHT = Schedule(
    ANY,
    expected=week("Mon-Fri 22:00-06:00"),
    permitted=None,
    holidays=Calendar("CO"),
    except_dates=frozenset({date(2020, 11, 26)}),
)


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("2020-11-24 23:00", True),
        ("2020-11-25 05:59", True),
        ("2020-11-25 06:00", False),
        ("2020-11-25 23:59", True),
        ("2020-11-26 00:00", False),  # the date on which nothing is expected begins
        ("2020-11-26 23:00", False),
        ("2020-11-27 01:00", False),  # its night shift never began
        ("2020-11-27 23:00", True),
        ("2020-11-28 03:00", True),  # Friday's window on Saturday
        ("2020-12-07 23:00", True),
        ("2020-12-08 01:00", False),  # midnight brings the holiday
        ("2020-12-09 01:00", False),
    ],
)
def test_a_night_shift_belongs_to_the_day_on_which_it_starts(when: str, expected: bool) -> None:
    assert NIGHT.state(local(when)) == ScheduleState(expected, None)


def test_a_schedule_is_for_full_matches_of_the_name_or_the_id() -> None:
    schedule = Schedule((re.compile("VENTAS.*"), re.compile("4875")), None, week("Mon 08:00-09:00"))
    assert schedule.matches("1", "VENTAS HOGAR")
    assert schedule.matches("4875", "")
    assert not schedule.matches("48751", "NUEVAS VENTAS")


def test_the_first_schedule_that_matches_counts() -> None:
    special = Schedule((re.compile("VENTAS NOCHE"),), week("Mon-Sun 00:00-24:00"), None)
    schedules = ScheduleSet.of([special, SHIFT], BOGOTA)
    assert schedules.index_of("1", "VENTAS NOCHE") == 0
    assert schedules.index_of("2", "VENTAS") == 1
    assert ScheduleSet.of([special], BOGOTA).index_of("2", "VENTAS") is None
    assert ScheduleSet.of([], BOGOTA).states(0) == ()


def wall(text: str, zone: ZoneInfo) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


def test_a_book_follows_the_zone_to_the_minute() -> None:
    schedules = ScheduleSet.of([SHIFT], BOGOTA)
    opening = wall("2020-11-24 08:00", BOGOTA)
    assert schedules.states(opening - 0.001) == (ScheduleState(False, True),)
    assert schedules.states(opening) == (ScheduleState(True, True),)
    before = schedules.states(opening + 60)
    assert schedules.states(opening + 61) is before, "nothing has changed"
    assert schedules.states(opening + 3600) is before, "nothing has changed by another minute either"


def test_windows_keep_the_wall_clock_over_a_change_of_the_clocks() -> None:
    # Chile set its clocks back on 2024-04-07 at 00:00 (UTC-3 to UTC-4), and forward on 2024-09-08 at 00:00.
    schedules = ScheduleSet.of([Schedule(ANY, week("Mon-Sun 08:00-09:00"), None)], SANTIAGO)
    for day in ("2024-04-06", "2024-04-07", "2024-09-07", "2024-09-08"):
        opening = wall(f"{day} 08:00", SANTIAGO)
        assert schedules.states(opening - 1) == (ScheduleState(False, None),)
        assert schedules.states(opening) == (ScheduleState(True, None),)
        assert schedules.states(opening + 3600) == (ScheduleState(False, None),)
    assert wall("2024-04-07 08:00", SANTIAGO) - wall("2024-04-06 08:00", SANTIAGO) == 25 * 3600
    assert wall("2024-09-08 08:00", SANTIAGO) - wall("2024-09-07 08:00", SANTIAGO) == 23 * 3600


def test_an_hour_that_comes_twice_is_open_twice_and_one_that_never_comes_never() -> None:
    schedules = ScheduleSet.of([Schedule(ANY, week("Sat 23:00-24:00", "Sun 00:00-01:00"), None)], SANTIAGO)
    back = wall("2024-04-06 23:00", SANTIAGO)
    expected = [schedules.states(back + hours * 3600)[0].expected for hours in range(4)]
    assert expected == [True, True, True, False]
    forward = wall("2024-09-07 23:00", SANTIAGO)
    expected = [schedules.states(forward + hours * 3600)[0].expected for hours in range(3)]
    assert expected == [True, False, False]


def test_the_law_of_colombia_leaves_no_sunday_and_no_holiday() -> None:
    schedule = Schedule(ANY, None, Week.of(LEY_2300.windows), LEY_2300.calendar)
    first = datetime(2025, 1, 1)  # noqa: DTZ001 - a wall clock
    permitted = [at for n in range(365 * 24) if schedule.state(at := first + timedelta(hours=n)).permitted]
    assert all(7 <= at.hour < (15 if at.weekday() == 5 else 19) for at in permitted)
    assert all(at.weekday() < 6 and at.date() not in Calendar("CO") for at in permitted)
    assert len({at.date() for at in permitted}) == 365 - 52 - 16


@pytest.mark.parametrize(
    ("after", "until", "always"),
    [
        ("2020-11-24 08:00", "2020-11-24 11:59", True),
        ("2020-11-24 07:59", "2020-11-24 11:59", False),
        ("2020-11-24 08:00", "2020-11-24 12:00", False),
        ("2020-11-24 11:59", "2020-11-24 13:01", False),
        ("2020-11-24 10:00", "2020-11-24 10:00", True),
        ("2020-11-24 12:30", "2020-11-24 12:30", False),
        ("2020-11-24 12:30", "2020-11-24 12:29", True),  # no time at all
        ("2020-11-23 09:00", "2020-11-24 09:00", False),
    ],
)
def test_whether_it_expects_all_the_time_is_told(after: str, until: str, always: bool) -> None:
    book = ScheduleSet.of([SHIFT], BOGOTA)
    times = (local(text).replace(tzinfo=BOGOTA).timestamp() for text in (after, until))
    assert book.always_expects(0, *times) is always


def test_a_schedule_that_only_permits_expects_nothing() -> None:
    book = ScheduleSet.of([Schedule(ANY, None, week("Mon-Fri 07:00-19:00"))], BOGOTA)
    at = local("2020-11-24 10:00").replace(tzinfo=BOGOTA).timestamp()
    assert book.always_expects(0, at, at + 60) is False
