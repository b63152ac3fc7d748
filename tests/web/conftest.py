import time
from collections.abc import Iterator

import pytest

from exporter.commands.simulation import demo_config
from exporter.service import Service
from exporter.simulator import Simulator, SimulatorSettings
from exporter.state import MemoryStore


@pytest.fixture(scope="session")
def service() -> Iterator[Service]:
    """The service of two operations that were polled once."""
    with Simulator(SimulatorSettings(latency=0, operations=2, campaigns=5)) as simulator:
        service = Service(demo_config(simulator), MemoryStore(time.monotonic))
        for poller in service.pollers:
            for endpoint in poller.operation.enabled():
                assert poller.poll_now(endpoint)
        assert not service.failing()
        yield service
        service.app.close()
