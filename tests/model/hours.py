"""What schedules say at a time (CONTRACT section 3), of one campaign and one minute."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

HOLIDAYS_CO = {date(2026, 7, 20), date(2026, 8, 7), date(2026, 8, 17), date(2026, 10, 12)}
"""Colombia's public holidays from July to October 2026."""

LEY_2300 = ("Mon-Fri 07:00-19:00", "Sat 08:00-15:00")


_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def matches(patterns: Sequence[str], *texts: str) -> bool:
    """Return whether a pattern matches the whole of a text."""
    return any(re.fullmatch(pattern, one) for pattern in patterns for one in texts if one)


def scheduled(
    schedules: Sequence[Mapping[str, Any]], zone: ZoneInfo, campaign: str, name: str, wall: float
) -> Iterator[tuple[str, float]]:
    """Yield what the first schedule of a campaign says at a Unix time: family and value."""
    for schedule in schedules:
        if not matches(schedule["campaigns"], campaign, name):
            continue
        local = datetime.fromtimestamp(wall, zone)
        permitted = schedule.get("permitted")
        preset = permitted == "ley-2300"
        holidays = HOLIDAYS_CO if preset or schedule.get("holidays") == "CO" else set()
        exceptions = {date.fromisoformat(one) for one in schedule.get("except_dates", [])}
        if "expected" in schedule:
            says = _open(schedule["expected"], local, holidays | exceptions)
            yield "wolkvox_campaign_expected", float(says)
        if permitted is not None:
            says = _open(LEY_2300 if preset else permitted, local, holidays)
            yield "wolkvox_campaign_permitted", float(says)
        yield "wolkvox_campaign_tolerance_seconds", 600.0
        return


def _open(windows: Sequence[str], local: datetime, closed: set[date]) -> bool:
    today, yesterday = local.date(), local.date() - timedelta(days=1)
    if today in closed:
        return False
    at = local.strftime("%H:%M")
    for window in windows:
        days, _, hours = window.partition(" ")
        start, _, end = hours.partition("-")
        if _on(days, today) and (start <= at < end or (end < start and at >= start)):
            return True
        if end < start and yesterday not in closed and _on(days, yesterday) and at < end:
            return True
    return False


def _on(days: str, day: date) -> bool:
    first, _, last = days.partition("-")
    return _DAYS.index(first) <= day.weekday() <= _DAYS.index(last or first)
