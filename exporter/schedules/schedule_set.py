"""The schedules of one operation, asked for many campaigns at once."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, tzinfo

from exporter.schedules.schedule import Schedule, ScheduleState

_MINUTE_SECONDS = 60.0
_QUARTER_SECONDS = 900.0

_MAX_LOOK_BACK_SECONDS = 8 * 86400.0
"""Changes that lie further back are not looked for: each week has the same windows."""

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

    def tolerance(self, index: int) -> float:
        """Return the tolerance of a schedule in seconds."""
        return self._schedules[index].tolerance

    def uses(self, preset: str) -> bool:
        """Return whether a schedule has the windows of a preset."""
        return any(schedule.preset == preset for schedule in self._schedules)

    def utc_offset(self, wall: float) -> float:
        """Return by how many seconds the local time is ahead of UTC at a Unix time."""
        local = self._local_time(wall).replace(tzinfo=UTC).timestamp()
        return float(round(local - wall))

    def changes(self, after: float, until: float) -> Sequence[tuple[float, tuple[ScheduleState, ...]]]:
        """Return the minutes after a Unix time, up to another one, in which a schedule says something else.

        With each comes what all of them say from then on.
        """
        if not self._schedules:
            return ()
        after = max(after, until - _MAX_LOOK_BACK_SECONDS)
        before, found = self._at(after), []
        minute = (after // _MINUTE_SECONDS + 1) * _MINUTE_SECONDS
        while minute <= until:
            if (states := self._at(minute)) != before:
                found.append((minute, states))
                before = states
            minute += _MINUTE_SECONDS
        return found

    def always_expects(self, index: int, after: float, until: float) -> bool:
        """Return whether a schedule expects its campaigns to dial all the time between two Unix times.

        Looked at are both ends, and each quarter of an hour between them; True where `after` is the later.
        """
        quarters = range(int(max(until - after, 0.0) // _QUARTER_SECONDS) + 1)
        times = [until - number * _QUARTER_SECONDS for number in quarters]
        return after > until or all(self._expects(index, wall) for wall in (*times, after))

    def _expects(self, index: int, wall: float) -> bool:
        minute = self._local_time(wall).replace(second=0, microsecond=0, tzinfo=None)
        return bool(self._schedules[index].state(minute).expected)

    def _at(self, wall: float) -> tuple[ScheduleState, ...]:
        minute = self._local_time(wall).replace(second=0, microsecond=0, tzinfo=None)
        return tuple(schedule.state(minute) for schedule in self._schedules)

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
