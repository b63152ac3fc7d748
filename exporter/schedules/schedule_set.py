"""The schedules of one operation, asked for many campaigns at once."""

from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo

from exporter.schedules.schedule import Schedule, ScheduleState

LocalTime = Callable[[float], datetime]
"""Turns Unix time into the local time that an operation's schedules are about."""


class ScheduleSet:
    """An operation's schedules, and what each says at a time; may be used by any number of threads."""

    def __init__(self, schedules: Sequence[Schedule], local_time: LocalTime) -> None:
        self._schedules = tuple(schedules)
        self._local_time = local_time
        self._last: tuple[datetime | None, tuple[ScheduleState, ...]] = (None, ())

    @classmethod
    def of(cls, schedules: Sequence[Schedule], zone: tzinfo) -> "ScheduleSet":
        """Return the schedules of an operation in a time zone."""
        return cls(schedules, lambda wall: datetime.fromtimestamp(wall, zone))

    def index_of(self, campaign_id: str, name: str) -> int | None:
        """Return the index of a campaign's schedule, the first that matches it; None without one."""
        matches = (i for i, schedule in enumerate(self._schedules) if schedule.matches(campaign_id, name))
        return next(matches, None)

    def states(self, wall: float) -> tuple[ScheduleState, ...]:
        """Return what each schedule says at a Unix time; the same object while nothing has changed."""
        if not self._schedules:
            return ()
        # Without the zone, which is not needed any more; both hours of a clock that is set back are the same.
        minute = self._local_time(wall).replace(second=0, microsecond=0, tzinfo=None)
        last, states = self._last
        if minute != last:
            fresh = tuple(schedule.state(minute) for schedule in self._schedules)
            states = states if fresh == states else fresh
            self._last = (minute, states)
        return states
