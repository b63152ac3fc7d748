"""The time a report is about: ISO 8601 in the operation's zone, at most 31 days."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from exporter.operators.translation import translated

MAX_DAYS = 31
"""Days of one report, by all of the vendor's pages ("Límite de días consultados en fechas")."""


class TimeRangeError(ValueError):
    """A time that cannot be used; the message is for people."""


@dataclass(frozen=True, slots=True)
class TimeRange:
    """From `start` to `end`, both inclusive, as wall clock times of the operation's zone."""

    start: datetime
    end: datetime


def time_range(first: str | None, last: str | None, zone: ZoneInfo, now: datetime) -> TimeRange:
    """Return the range of two ISO 8601 dates or times; without them it is today until `now`.

    A date means its first second in `first` and its last one in `last`. A time with an offset is converted to
    the zone. `first` alone goes until now, `last` alone begins with its day.

    Raises TimeRangeError.
    """
    here = now.astimezone(zone).replace(microsecond=0)
    end = here if last is None else _read("--to", last, zone, end=True)
    start = end.replace(hour=0, minute=0, second=0) if first is None else _read("--from", first, zone)
    # wolkvox takes times as the clock on the wall shows them: compared without the zone.
    if start.replace(tzinfo=None) > end.replace(tzinfo=None):
        raise TimeRangeError(
            translated("--from {first} is after --to {last}", first=clock_text(start), last=clock_text(end))
        )
    if end.replace(tzinfo=None) - start.replace(tzinfo=None) > timedelta(days=MAX_DAYS):
        raise TimeRangeError(
            translated(
                "{first} to {last} is more than {days} days, the longest range that wolkvox reports; "
                "ask for a shorter one, several times if necessary",
                first=clock_text(start),
                last=clock_text(end),
                days=MAX_DAYS,
            )
        )
    return TimeRange(start, end)


def clock_text(at: datetime) -> str:
    """Return a time as the clock on the wall shows it."""
    return f"{at:%Y-%m-%d %H:%M:%S}"


def _read(flag: str, text: str, zone: ZoneInfo, *, end: bool = False) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        if _is_date(text):
            clock = {"hour": 23, "minute": 59, "second": 59} if end else {}
            return moment.replace(**clock, tzinfo=zone)
        if moment.tzinfo is None:
            return moment.replace(microsecond=0, tzinfo=zone)
        return moment.astimezone(zone).replace(microsecond=0)
    except (ValueError, OverflowError):
        raise TimeRangeError(
            translated(
                "{flag}: {text!r} is not a date or time such as 2026-08-12 or 2026-08-12T14:30",
                flag=flag,
                text=text,
            )
        ) from None


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
