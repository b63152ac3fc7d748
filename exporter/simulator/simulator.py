"""The simulator as the rest of the program uses it."""

import time
from datetime import datetime
from types import TracebackType
from typing import ClassVar, Self

from exporter.simulator.admin import PREFIX, Admin
from exporter.simulator.controls import CampaignControl
from exporter.simulator.drill import Drill
from exporter.simulator.faults import FaultBook
from exporter.simulator.server import Server
from exporter.simulator.service import Service
from exporter.simulator.settings import SimulatedOperation, SimulatorSettings
from exporter.simulator.trail import personal_data
from exporter.simulator.wire import Connection, Request
from exporter.simulator.world import Clock


class Simulator:
    """A running stand-in for the vendor.

    listen: host and port, 0 for a free one. clock: real time as Unix seconds; a test gives its own and moves
    it. pace: how many seconds of that clock pass in a real second. The port is taken when the object is made;
    `start` (or `with`) begins to answer. Raises OSError when the address cannot be had.
    """

    # What tests extend: tests/support/simulator.py.
    service_type: ClassVar[type[Service]] = Service
    admin_type: ClassVar[type[Admin]] = Admin

    def __init__(
        self,
        settings: SimulatorSettings | None = None,
        listen: tuple[str, int] = ("127.0.0.1", 0),
        clock: Clock = time.time,
        pace: float = 1.0,
    ) -> None:
        self.settings = settings or SimulatorSettings()
        self.service = self.service_type(self.settings, clock, pace)
        self._admin = self.admin_type(self.service)
        self._server = Server(listen, self._handle)

    @property
    def url(self) -> str:
        """The base URL of all operations, such as "http://127.0.0.1:43211"."""
        host, port = self._server.address
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    @property
    def operations(self) -> tuple[SimulatedOperation, ...]:
        """The operations with their tokens, zones and licences."""
        return tuple(operation.facts for operation in self.service.world.operations)

    @property
    def faults(self) -> FaultBook:
        """The faults that are set."""
        return self.service.faults

    @property
    def drill(self) -> Drill:
        """What stages incidents."""
        return self.service.drill

    def operation(self, name: str) -> SimulatedOperation:
        """Return the operation of that name. Raises KeyError."""
        return self.service.world.named(name).facts

    def campaign(self, operation: str, campaign_id: str) -> CampaignControl:
        """Return the handle on one campaign. Raises KeyError when there is no such campaign."""
        return CampaignControl(self.service.world.named(operation), campaign_id, self.service.clock)

    def campaigns(self, operation: str) -> tuple[CampaignControl, ...]:
        """Return the handles on all campaigns of an operation, whether the vendor lists them or not."""
        return tuple(self.campaign(operation, one) for one in self.service.world.named(operation).ids)

    def personal_data(self, operation: str) -> frozenset[str]:
        """Return the names, ids, addresses and computers of all people of an operation."""
        return personal_data(self.service.world.named(operation))

    def on_shift(self, operation: str, real: float) -> bool:
        """Return whether an operation works at a real instant (Unix seconds)."""
        return self.service.world.named(operation).on_shift(real)

    def virtual_time(self, operation: str, real: float) -> datetime:
        """Return what an operation's clocks show at a real instant (Unix seconds)."""
        return self.service.world.named(operation).virtual_at(real)

    def start(self) -> None:
        """Start to answer, in threads of its own."""
        self._server.start()

    def stop(self) -> None:
        """Close all connections and end all threads. May be called again, from any thread."""
        self.faults.clear()
        self._server.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def _handle(self, request: Request, connection: Connection) -> None:
        if request.path.startswith(PREFIX):
            self._admin.handle(request, connection)
        else:
            self.service.handle(request, connection)
