"""Virtual time: a clock that jumps from event to event, so that a simulated year takes seconds.

Thousands of polls run in one thread, and yet at the same time: each in a greenlet that sleeps in between.
"""

import heapq
import itertools
from collections.abc import Callable

from greenlet import getcurrent, greenlet

from exporter.clock import Moment

FIRST = 0
"""The rank of actions that come before all others of the same time."""


class VirtualTime:
    """Runs the planned actions in the order of their times; `now` is in seconds, from 0.

    What runs in a greenlet may sleep; everything else is an action without duration.
    """

    def __init__(self) -> None:
        self.now = 0.0
        self._hub = getcurrent()
        self._events: list[tuple[float, int, int, Callable[[], None]]] = []
        self._count = itertools.count()

    def at(self, when: float, action: Callable[[], None], rank: int = 1) -> None:
        """Plan an action for a time; it runs at once if that is past, and those of one time by their rank."""
        heapq.heappush(self._events, (max(when, self.now), rank, next(self._count), action))

    def run(self, until: float) -> None:
        """Run what is planned until a time, and let it pass."""
        while self._events and self._events[0][0] <= until:
            self.now, *_, action = heapq.heappop(self._events)
            action()
        self.now = until

    def to_hub(self) -> None:
        """Leave the present greenlet until somebody switches to it."""
        self._hub.switch()


class OwnClock:
    """The clocks of one machine: the wall clock is off by `skew` seconds, the other starts anywhere."""

    def __init__(self, time: VirtualTime, epoch: float, skew: float, boot: float) -> None:
        self._time = time
        self._wall = epoch + skew
        self._boot = boot

    def step(self, seconds: float) -> None:
        """Set the wall clock, ahead or back."""
        self._wall += seconds

    def now(self) -> Moment:
        """Return the present moment of the machine."""
        return Moment(self._wall + self._time.now, self._boot + self._time.now)


__all__ = ["OwnClock", "VirtualTime", "getcurrent", "greenlet"]
