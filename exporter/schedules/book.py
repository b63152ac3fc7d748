"""The schedules of one operation, asked for many campaigns at once."""

from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo

from exporter.schedules.schedule import Schedule, State

Local = Callable[[float], datetime]
"""Turns Unix time into the wall clock that an operation's schedules are about."""


class Book:
    """An operation's schedules, and what each says at present.

    Any number of threads may ask. `local` tells the operation's wall clock; it moves on by the minute.
    """

    def __init__(self, schedules: Sequence[Schedule], local: Local) -> None:
        self._schedules = tuple(schedules)
        self._local = local
        self._last: tuple[datetime | None, tuple[State, ...]] = (None, ())

    @classmethod
    def of(cls, schedules: Sequence[Schedule], zone: tzinfo) -> "Book":
        """Return the book of an operation in a time zone."""
        return cls(schedules, lambda wall: datetime.fromtimestamp(wall, zone))

    def place(self, campaign_id: str, name: str) -> int | None:
        """Return the place of a campaign's schedule, the first that matches it; None without one."""
        return next((i for i, one in enumerate(self._schedules) if one.matches(campaign_id, name)), None)

    def states(self, wall: float) -> tuple[State, ...]:
        """Return what each schedule says at a Unix time; the same object while nothing has changed."""
        if not self._schedules:
            return ()
        # Without the zone, which plays no part any more; both hours of a clock that is set back are the same.
        minute = self._local(wall).replace(second=0, microsecond=0, tzinfo=None)
        last, states = self._last
        if minute != last:
            fresh = tuple(schedule.state(minute) for schedule in self._schedules)
            states = states if fresh == states else fresh
            self._last = (minute, states)
        return states
