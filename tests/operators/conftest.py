from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from exporter.clock import SystemClock
from exporter.config import Secret
from exporter.operators.command_client import CommandClient
from exporter.operators.interrupt import Interrupt
from exporter.polling import Token
from exporter.simulator import SimulatorSettings
from exporter.state import MemoryStore
from exporter.traffic import Gate
from exporter.wolkvox import Client
from support.fakes import make_operation
from support.simulator import Simulator


class Bench:
    """The simulator, and a line to its first operation as commands have it."""

    def __init__(self, simulator: Simulator, folder: Path, timeout: float) -> None:
        self.simulator = simulator
        self.facts = simulator.operations[0]
        self.folder = folder
        self.clock = SystemClock()
        self.store = MemoryStore(lambda: self.clock.now().monotonic)
        self.operation = make_operation(
            self.facts.name,
            base_url=simulator.url,
            token=Secret(text=self.facts.token),
            timezone=ZoneInfo(self.facts.timezone),
        )
        self.stop = Interrupt()
        self.client = CommandClient(
            "scope",
            vendor=Client(simulator.url, timeout=timeout),
            token=Token(self.operation.token, self.operation.name),
            gate=Gate(self.store, [self.operation], self.clock),
            clock=self.clock,
            stop=self.stop,
            state_shared=lambda: True,
        )

    @property
    def place(self) -> tuple[Path, str, str, str]:
        """What names the journal."""
        return self.folder, self.operation.name, self.operation.base_url, "4875"

    def sent(self, api: str) -> list[str]:
        """Return whom the requests of an API were about, in their order."""
        records = self.simulator.requests.all(api=api)
        return [record.body.get("customer_id") or record.query.get("customer_id", "") for record in records]

    def result(self, customer: str) -> str:
        """Return the disposition that the vendor has of a customer."""
        operation = self.simulator.service.world.named(self.facts.name)
        (record,) = operation.records(["4875"], "", customer, self.clock.now().wall)
        return record.disposition


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Callable[..., Bench]]:
    with ExitStack() as stack:

        def make(timeout: float = 20.0, **settings: Any) -> Bench:
            chosen = {"latency": 0, "operations": 1, "campaigns": 2, "records": (1000, 1000), **settings}
            simulator = stack.enter_context(Simulator(SimulatorSettings(**chosen)))
            return Bench(simulator, tmp_path / "journals", timeout)

        yield make
