"""One schedule: which campaigns it is for, and what it says at a time."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from exporter.schedules.calendar import Calendar
from exporter.schedules.windows import Week, Window


class ScheduleState(NamedTuple):
    """Whether a schedule's campaigns are expected, and permitted, to dial at a time; None: not said."""

    expected: bool | None
    permitted: bool | None


UNPLANNED = ScheduleState(None, None)
"""What is said of a campaign without a schedule."""


DEFAULT_TOLERANCE_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Schedule:
    """When the campaigns that it matches are expected to dial, and when they may.

    `tolerance` is for how many seconds one may be off, or on without a call, before somebody is told;
    `preset` is the name of the windows of `permitted`, "" where they have none.

    On a public holiday nothing is expected and nothing permitted; on one of `except_dates` nothing is
    expected. A window past midnight belongs to the day on which it starts: where that day does not count, the
    window does not open, and it closes at midnight before a day that does not count.
    """

    campaigns: tuple[re.Pattern[str], ...]
    expected: Week | None
    permitted: Week | None
    holidays: Calendar | None = None
    except_dates: frozenset[date] = frozenset()
    tolerance: float = DEFAULT_TOLERANCE_SECONDS
    preset: str = ""

    @property
    def says_nothing(self) -> bool:
        """Whether it has no hours at all: its campaigns are neither expected to dial, nor kept from it."""
        return self.permitted is None and not (self.expected and self.expected.minutes())

    def matches(self, campaign_id: str, name: str) -> bool:
        """Return whether the schedule is for a campaign: a full match on its name or its id."""
        return matches_any(self.campaigns, campaign_id, name)

    def state(self, local: datetime) -> ScheduleState:
        """Return what it says at a local time of the operation's zone."""
        today, yesterday = local.date(), local.date() - timedelta(days=1)
        works = [not self._holiday(day) for day in (today, yesterday)]
        planned = [
            works_then and day not in self.except_dates
            for works_then, day in zip(works, (today, yesterday), strict=True)
        ]
        return ScheduleState(_opens(self.expected, local, *planned), _opens(self.permitted, local, *works))

    def _holiday(self, day: date) -> bool:
        return self.holidays is not None and day in self.holidays


def matches_any(patterns: Iterable[re.Pattern[str]], campaign_id: str, name: str) -> bool:
    """Return whether one of the patterns matches the whole name of a campaign, or its whole id."""
    return any(pattern.fullmatch(text) for pattern in patterns for text in (name, campaign_id) if text)


def _opens(week: Week | None, local: datetime, today: bool, yesterday: bool) -> bool | None:
    if week is None:
        return None
    minute = local.hour * 60 + local.minute
    return week.opens(local.weekday(), minute, today=today, yesterday=yesterday)


def overlap(windows: Sequence[Window]) -> tuple[int, int] | None:
    """Return the indexes of the first two windows that overlap, the later one first; None when none do."""
    for index, window in enumerate(windows):
        for before in range(index):
            if window.minutes() & windows[before].minutes():
                return index, before
    return None
