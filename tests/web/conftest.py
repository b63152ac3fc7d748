from collections.abc import Iterator

import pytest

from exporter.commands.support.simulator_setup import demo_config
from exporter.service import Service
from exporter.simulator import Simulator, SimulatorSettings
from exporter.state import MemoryStore
from support.fakes import FakeClock


@pytest.fixture(scope="session")
def service() -> Iterator[Service]:
    """A service of two operations, polled once, whose figures stay young however long tests take."""
    clock = FakeClock()
    settings = SimulatorSettings(latency=0, operations=2, campaigns=5, licences=1000)
    with Simulator(settings, clock=lambda: clock.wall) as simulator:
        service = Service(demo_config(simulator), MemoryStore(lambda: clock.monotonic), clock)
        for poller in service.pollers:
            for api in poller.operation.enabled():
                assert poller.poll_now(api)
        assert not service.failing()
        yield service
        service.app.close()
