"""The working day: which virtual minutes belong to the shift, how busy they are, how many people answer."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

STEP_SECONDS = 60
"""Seconds of one step of the model. All figures are made in whole steps from the start."""

_SATURDAY = 5
_SUNDAY = 6
_HOUR_MINUTES = 60
_OPENS = 8
_CLOSES = 18
_CLOSES_ON_SATURDAY = 13
# Percentage of calls that a person answers, by hour: mornings are poor, evenings good.
_ANSWERED = (10,) * 7 + (16, 20, 23, 25, 26, 22, 19, 22, 25, 28, 31, 30) + (12,) * 5
# Per mille of those who answer that no agent gets, by hour: more while half of the floor is at lunch.
_ABANDONED = (20,) * 7 + (18, 15, 12, 12, 13, 30, 25, 14, 12, 12, 13, 16) + (20,) * 5
# How briskly the floor works, in percent, by hour: it starts slowly, and slackens at lunch.
_PACE = (60,) * 8 + (75, 100, 105, 105, 80, 55, 95, 105, 100, 85) + (60,) * 6


def shift_of(day: int) -> tuple[int, int] | None:
    """Return when a day's shift begins and ends, in minutes of the day, None for a day without one.

    day: the ordinal of the date.
    """
    weekday = (day - 1) % 7
    if weekday == _SUNDAY:
        return None
    closes = _CLOSES_ON_SATURDAY if weekday == _SATURDAY else _CLOSES
    return _OPENS * _HOUR_MINUTES, closes * _HOUR_MINUTES


class Moment(NamedTuple):
    """One virtual minute in an operation's zone.

    day, minute: the ordinal of the date, and the minute of that day. pace, answered, abandoned: as parts of
    1, the last of those who answer.
    """

    day: int
    minute: int
    on_shift: bool
    pace: float
    answered: float
    abandoned: float


def default_start(zone: str) -> float:
    """Return the Unix time of 10:00 on a Wednesday in the zone: mid-morning, whatever the real hour is."""
    return datetime(2026, 8, 12, 10, tzinfo=ZoneInfo(zone)).timestamp()


TYPICAL = Moment(day=0, minute=10 * _HOUR_MINUTES, on_shift=True, pace=1.0, answered=0.22, abandoned=0.015)
"""What the calls that were made before the simulator started are taken to have given."""


class Hours:
    """The virtual calendar of one operation, by step since its start."""

    def __init__(self, zone: str, start: float) -> None:
        self._zone = ZoneInfo(zone)
        self._start = start
        self._known: dict[int, Moment] = {}

    def at(self, step: int) -> Moment:
        """Return the minute of a step, which is kept: thousands of campaigns ask for the same one."""
        moment = self._known.get(step)
        if moment is None:
            moment = self._known[step] = self._make(step)
        return moment

    def forget_before(self, step: int) -> None:
        """Drop minutes that no campaign will ask for again."""
        for old in [known for known in self._known if known < step]:
            del self._known[old]

    def local(self, step: int) -> datetime:
        """Return the local virtual time of a step."""
        instant = datetime.fromtimestamp(self._start, UTC) + timedelta(seconds=step * STEP_SECONDS)
        return instant.astimezone(self._zone)

    def step_of(self, day: int, minute: int) -> int:
        """Return the step at which a minute of a day begins; day: the ordinal of the date."""
        local = datetime.fromordinal(day).replace(tzinfo=self._zone) + timedelta(minutes=minute)
        return int((local.timestamp() - self._start) // STEP_SECONDS)

    def _make(self, step: int) -> Moment:
        local = self.local(step)
        day, minute = local.toordinal(), local.hour * _HOUR_MINUTES + local.minute
        shift = shift_of(day)
        return Moment(
            day,
            minute,
            shift is not None and shift[0] <= minute < shift[1],
            _PACE[local.hour] / 100,
            _ANSWERED[local.hour] / 100,
            _ABANDONED[local.hour] / 1000,
        )
