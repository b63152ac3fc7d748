"""What the owner of schedules should look over: next holidays, hours of other clocks, tolerances. Pure."""

import operator
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from exporter.schedules.calendar import Calendar
from exporter.schedules.presets import PRESETS, Preset
from exporter.schedules.schedule import Schedule
from exporter.schedules.windows import DAYS, MINUTES_PER_WEEK

_SHOWN_DAYS = 3
_COMPARED_DAYS = 366
_MINUTE_SECONDS = 60
_EVERY_NAME = {".*", ".+"}


def holiday_lines(schedules: Sequence[Schedule], zone: ZoneInfo, now: float) -> list[str]:
    """Return a line for each calendar of an operation's schedules: its next public holidays.

    `now` is Unix time; the days are those of the operation's zone, today included. A calendar that several
    schedules have comes once.
    """
    today = datetime.fromtimestamp(now, zone).date()
    calendars = dict.fromkeys(schedule.holidays for schedule in schedules if schedule.holidays is not None)
    return [_holiday_line(calendar, today) for calendar in calendars]


def zone_notes(schedules: Sequence[Schedule], zone: ZoneInfo, now: float) -> list[str]:
    """Return a note for each preset of an operation's schedules whose hours are those of another clock.

    `now` is Unix time: the clocks are compared over the year that follows. There is no note where the
    operation's zone is one of the preset's country, or agrees with its main one.
    """
    names = dict.fromkeys(schedule.preset for schedule in schedules if schedule.preset)
    return [note for name in names for note in _zone_note(PRESETS[name], zone, now)]


def tolerance_notes(schedules: Sequence[Schedule]) -> list[str]:
    """Return a note for each schedule whose tolerance no stop in its hours can exceed.

    What was stopped before the hours begin counts from then on, and no longer than until they end.
    """
    notes = []
    for index, schedule in enumerate(schedules):
        longest = schedule.expected.longest() if schedule.expected else 0
        if 0 < longest < MINUTES_PER_WEEK and schedule.tolerance >= longest * _MINUTE_SECONDS:
            notes.append(
                f"note: schedules[{index}] tolerates {schedule.tolerance / _MINUTE_SECONDS:g} min, and the "
                f"longest of its expected hours have {longest}: nobody is told when its campaigns stop"
            )
    return notes


def shadow_notes(schedules: Sequence[Schedule]) -> list[str]:
    """Return a note for each schedule that no campaign can have: a schedule before it matches all it does.

    That is told where it is plain: the earlier one has the same patterns, or one that every name matches.
    """
    notes, patterns = [], [{one.pattern for one in schedule.campaigns} for schedule in schedules]
    for index, own in enumerate(patterns):
        before = (i for i in range(index) if patterns[i] >= own or patterns[i] & _EVERY_NAME)
        if (first := next(before, None)) is not None:
            notes.append(
                f"note: schedules[{index}] is never used: schedules[{first}] matches all of its campaigns, "
                "and the first schedule that matches counts"
            )
    return notes


def _holiday_line(calendar: Calendar, today: date) -> str:
    found = calendar.next_holidays(today, _SHOWN_DAYS)
    days = ", ".join(f"{DAYS[day.weekday()]} {day} {name}" for day, name in found)
    return f"next holidays of {calendar.code}: {days or 'none are known'}"


def _zone_note(preset: Preset, zone: ZoneInfo, now: float) -> Iterator[str]:
    if not preset.zones:
        yield (
            f"note: the hours of {preset.name} are those of the called person's time zone; this operation "
            f"counts them in {zone}"
        )
        return
    if zone.key in preset.zones:
        return
    main = preset.zones[0]
    alike = sum(map(operator.eq, _offsets(zone, now), _offsets(ZoneInfo(main), now)))
    if alike < _COMPARED_DAYS:
        when = " for part of the year" if alike else ""
        yield (
            f"note: the hours of {preset.name} are those of {main}; this operation's timezone, {zone}, has "
            f"another offset{when}"
        )


def _offsets(zone: ZoneInfo, now: float) -> list[timedelta]:
    """Return by how much a zone is ahead of UTC at a time, and a day later each, for a year."""
    start = datetime.fromtimestamp(now, UTC)
    times = (start + timedelta(days=day) for day in range(_COMPARED_DAYS))
    return [time.astimezone(zone).utcoffset() or timedelta() for time in times]
