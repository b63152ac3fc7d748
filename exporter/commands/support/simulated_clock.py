"""The clock of a simulated call centre, by which the demo's exporter and its Prometheus rules live too."""

import time
from collections.abc import Callable

from exporter.clock import Moment


class SimulatedClock:
    """A clock that begins at a Unix time, runs at another pace, and can be put forward.

    pace: how many of its seconds pass in a real second. monotonic: seconds on the machine's own clock.
    """

    def __init__(self, start: float, pace: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.pace = pace
        self._start = start
        self._monotonic = monotonic
        self._begun = monotonic()
        self._skipped = 0.0

    def now(self) -> Moment:
        """Return the present moment of the simulated call centre."""
        passed = (self._monotonic() - self._begun) * self.pace + self._skipped
        return Moment(self._start + passed, passed)

    def skip(self, seconds: float) -> None:
        """Put the clock forward. One thread may do this."""
        self._skipped += seconds
