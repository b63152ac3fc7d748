from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from exporter.simulator import SimulatorSettings
from simulator.caller import Caller, FakeClock
from support.simulator import Simulator


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def start(clock: FakeClock) -> Iterator[Callable[..., Simulator]]:
    """Start simulators that answer at once."""
    with ExitStack() as stack:

        def make(**settings: Any) -> Simulator:
            return stack.enter_context(
                Simulator(SimulatorSettings(**{"latency": 0, **settings}), clock=clock)
            )

        yield make


@pytest.fixture
def simulator(start: Callable[..., Simulator]) -> Simulator:
    return start()


@pytest.fixture
def bogota(simulator: Simulator) -> Caller:
    """The first operation: a bare list from `real_time`, codes as text."""
    return Caller(simulator, simulator.operations[0])


@pytest.fixture
def mexico(simulator: Simulator) -> Caller:
    """The second operation: envelopes, codes as numbers, reports that end with a TOTAL row."""
    return Caller(simulator, simulator.operations[1])


@pytest.fixture
def lima(simulator: Simulator) -> Caller:
    """The third operation: envelopes with an empty code, `last_use` to the day."""
    return Caller(simulator, simulator.operations[2])
