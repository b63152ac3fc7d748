"""What happens by itself in a demo with alerts: incidents in turn, and no dead floor at night."""

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime

from exporter.commands.support.simulated_clock import SimulatedClock
from exporter.simulator import Simulator
from exporter.simulator.incidents import INCIDENTS

MINUTE_SECONDS = 60.0

INCIDENTS_IN_TURN = (
    "campaign-stopped",
    "campaign-stalled",
    "operation-stopped",
    "dialing-outside-hours",
    "answers-lost",
    "failed-share-high",
    "abandonment-fast-burn",
)
_FIRST_AFTER_MINUTES = 15.0
_STAY_MINUTES = 5.0
"""How long an incident goes on after its alert fires."""
_REST_MINUTES = 35.0
"""How long it takes until the alert has resolved, and some calm."""
_OPENS_IN_MINUTES = 10.0
"""How long before the first floor opens the night is over."""


class Tour:
    """Stages incidents in turn until it is stopped; waits while somebody else has staged one.

    tell: called with a kind of line and its text.
    """

    def __init__(self, simulator: Simulator, clock: SimulatedClock, tell: Callable[[str, str], None]) -> None:
        self._simulator = simulator
        self._clock = clock
        self._tell = tell
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="demo-tour", daemon=True)

    def start(self) -> None:
        """Start, in a thread."""
        self._thread.start()

    def stop(self) -> None:
        """Stop, whatever comes next."""
        self._over.set()

    def local(self) -> datetime:
        """Return what the clocks of the first operation show."""
        return self._simulator.virtual_time(self._simulator.operations[0].name, self._clock.now().wall)

    def _run(self) -> None:
        for minutes in self.steps():
            if self._over.wait(minutes * MINUTE_SECONDS / self._clock.pace):
                return

    def steps(self) -> Iterator[float]:
        """Yield the minutes to wait, for ever, between one thing that is done and the next."""
        drill, number = self._simulator.drill, 0
        yield _FIRST_AFTER_MINUTES
        while True:
            incident = INCIDENTS[INCIDENTS_IN_TURN[number % len(INCIDENTS_IN_TURN)]]
            stays = incident.minutes + _STAY_MINUTES
            operation = self._open(stays + _REST_MINUTES)
            if operation is None:
                self._end_night()
            elif not drill.staged():
                number += 1
                # Where no campaign makes calls just now, the next incident may need none.
                with suppress(ValueError):
                    drill.stage(incident.name, operation)
                    yield stays
                    drill.end(incident.name, operation)
                    yield _REST_MINUTES
            yield 1.0

    def _open(self, minutes: float) -> str | None:
        """Return the first operation that works now and will for so long."""
        now = self._clock.now().wall
        later = now + minutes * MINUTE_SECONDS
        names = (operation.name for operation in self._simulator.operations)
        works = self._simulator.on_shift
        return next((name for name in names if works(name, now) and works(name, later)), None)

    def _end_night(self) -> None:
        """Once the last floor has closed, put the clock forward to shortly before the first one opens."""
        now, minutes = self._clock.now().wall, 0
        if self._works(now):
            return
        while not self._works(now + (minutes + _OPENS_IN_MINUTES) * MINUTE_SECONDS):
            minutes += 1
        if minutes:
            closed = self.local()
            self._clock.skip(minutes * MINUTE_SECONDS)
            self._tell("CLOCK", f"{closed:%A %H:%M}: nobody works any more; on to {self.local():%A %H:%M}")

    def _works(self, wall: float) -> bool:
        return any(self._simulator.on_shift(one.name, wall) for one in self._simulator.operations)
