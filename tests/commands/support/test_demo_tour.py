"""Two simulated days of the demo with alerts, without waiting for them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from exporter.commands.support.demo_tour import INCIDENTS_IN_TURN, Tour
from exporter.commands.support.simulated_clock import SimulatedClock
from exporter.simulator import Simulator, SimulatorSettings
from exporter.simulator.drill import Staged
from exporter.simulator.hours import default_start

HOUR, DAY = 3600.0, 86400.0
START = default_start("America/Bogota")


class Demo:
    """A simulator and its tour, on a machine whose clock moves when the tour waits."""

    def __init__(self, operations: int = 3) -> None:
        self._machine = 0.0
        self.clock = SimulatedClock(START, 30.0, lambda: self._machine)
        settings = SimulatorSettings(operations=operations, start=datetime.fromtimestamp(START, UTC))
        self.simulator = Simulator(settings, clock=lambda: self.clock.now().wall)
        self.tour = Tour(self.simulator, self.clock, lambda kind, text: self.told.append((kind, text)))
        self.told: list[tuple[str, str]] = []
        self.heard: list[tuple[float, str, bool]] = []
        self.simulator.drill.heard = self._hear
        self.steps = self.tour.steps()

    def _hear(self, staged: Staged, begins: bool) -> None:
        self.heard.append((self._machine, staged.incident.name, begins))

    def live(self, real_seconds: float) -> None:
        """Let the tour go on for so long."""
        until = self._machine + real_seconds
        while self._machine < until:
            self._machine += next(self.steps) * 60 / self.clock.pace


@pytest.fixture
def demo() -> Iterator[Demo]:
    made = Demo()
    yield made
    made.simulator.stop()


def test_something_begins_and_ends_every_few_minutes_for_as_long_as_it_runs(demo: Demo) -> None:
    demo.live(2 * HOUR)
    begins = [at for at, _, begins in demo.heard if begins]
    assert begins[0] <= 30
    assert max(later - at for at, later in pairwise(begins)) < 6 * 60
    assert demo.clock.now().wall - START > 4 * DAY
    assert [name for _, name, begins in demo.heard if begins][: len(INCIDENTS_IN_TURN)] == list(
        INCIDENTS_IN_TURN
    )


def test_each_ends_before_the_next_begins(demo: Demo) -> None:
    demo.live(HOUR)
    assert [begins for _, _, begins in demo.heard] == [number % 2 == 0 for number in range(len(demo.heard))]


def test_the_clock_passes_over_the_night_and_over_sunday(demo: Demo) -> None:
    demo.live(2 * HOUR)
    nights = [text for kind, text in demo.told if kind == "CLOCK"]
    assert nights[0] == "Wednesday 19:00: nobody works any more; on to Thursday 07:50"
    assert any("Saturday 14:0" in text and "on to Monday 07:50" in text for text in nights)


def test_it_waits_while_somebody_else_has_staged_something(demo: Demo) -> None:
    demo.live(1)
    demo.simulator.drill.stage("speed-zero", "cobranza-mexico", "5875")
    demo.heard.clear()
    demo.live(20 * 60)
    assert demo.heard == []
    demo.simulator.drill.end()
    demo.live(3 * 60)
    assert len(demo.heard) > 1


def test_it_can_do_with_one_operation() -> None:
    alone = Demo(operations=1)
    alone.live(HOUR)
    assert len(alone.heard) > 20
    alone.simulator.stop()
