"""Histories of invented floors: what somebody did on each day, as samples every five minutes."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from exporter.schedules import Week, parse_window
from exporter.usual_hours import FloorHistory
from exporter.usual_hours.schedules_text import windows_of

BOGOTA = ZoneInfo("America/Bogota")
MONDAY = date(2026, 8, 3)

Hours = Sequence[str]
"""Stretches of a day, such as "08:00-12:00"; an end before the begin is on the next day."""

Plan = Callable[[date], Hours]


def minutes(text: str) -> tuple[int, int]:
    begin, end = (60 * int(part[:2]) + int(part[3:]) for part in text.split("-"))
    return begin, end if end > begin else end + 24 * 60


def instant(day: date, minute: int, zone: ZoneInfo) -> float:
    """Return the Unix time of a minute of a day by the clock on the wall."""
    # The sum of a time with a zone and a difference is one on the wall, too.
    return (datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(minutes=minute)).timestamp()


def stretches(plan: Plan, first: date, days: int, zone: ZoneInfo) -> list[tuple[float, float]]:
    found = []
    for number in range(-1, days):
        day = first + timedelta(days=number)
        for begin, end in map(minutes, plan(day)):
            found.append((instant(day, begin, zone), instant(day, end, zone)))
    return found


def history(  # noqa: PLR0913  all but the campaigns have defaults
    campaigns: Mapping[str, Plan],
    *,
    first: date = MONDAY,
    days: int = 28,
    zone: ZoneInfo = BOGOTA,
    started: Mapping[str, Plan] | None = None,
    outages: Iterable[tuple[date, str]] = (),
    late: float = 90,
) -> FloorHistory:
    """Return what is known of campaigns by id, which are named `C ID`, when each makes calls as planned.

    started: where that differs. outages: days and stretches without a sample. late: seconds after which the
    exporter, and Prometheus, see what happens.
    """
    start, end = instant(first, 0, zone), instant(first + timedelta(days=days), 0, zone)
    slots = round((end - start) / 300)
    made = FloorHistory(start, slots)
    missing = [
        (instant(day, a, zone), instant(day, b, zone)) for day, text in outages for a, b in [minutes(text)]
    ]
    times = [
        at
        for at in (start + 300 * (number + 1) for number in range(slots))
        if not any(since < at <= until for since, until in missing)
    ]
    for campaign_id, plan in campaigns.items():
        calls = during(stretches(plan, first, days, zone), times, late)
        on = calls
        if started and campaign_id in started:
            on = during(stretches(started[campaign_id], first, days, zone), times, late)
        name = f"C {campaign_id}"
        made.add_running(campaign_id, name, [(at, "1" if at in on else "0") for at in times])
        made.add_calls(campaign_id, name, [(at, "5") for at in sorted(calls)])
    return made


def during(spans: Iterable[tuple[float, float]], times: Sequence[float], late: float) -> set[float]:
    """Return the times at which something is seen that goes on during spans."""
    spans = list(spans)
    return {at for at in times if any(begin <= at - late < end for begin, end in spans)}


def on_weekdays(*hours: str, saturday: Hours = ()) -> Plan:
    return lambda day: hours if day.weekday() < 5 else saturday if day.weekday() == 5 else ()


def week(*windows: str) -> int:
    """Return windows as minutes of the week."""
    return Week.of(map(parse_window, windows)).minutes()


def minutes_of(slots: int) -> int:
    """Return slots of a week as minutes of the week, by way of the windows that are written for them."""
    return week(*windows_of(slots)) if slots else 0
