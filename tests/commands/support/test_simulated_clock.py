"""The clock of the demo with alerts."""

from exporter.commands.support.simulated_clock import SimulatedClock


class Machine:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_it_begins_where_it_is_told_and_runs_at_its_pace() -> None:
    machine = Machine()
    clock = SimulatedClock(5_000_000.0, 30.0, machine)
    assert clock.now().wall == 5_000_000.0
    before = clock.now()
    machine.now += 10
    assert clock.now().wall - before.wall == clock.now().monotonic - before.monotonic == 300


def test_it_can_be_put_forward_and_goes_on() -> None:
    machine = Machine()
    clock = SimulatedClock(0.0, 60.0, machine)
    clock.skip(3600)
    machine.now += 1
    assert (clock.now().wall, clock.now().monotonic) == (3660, 3660)
