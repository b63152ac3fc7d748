"""The simulator as the rest of the program and the tests use it."""

import time
from datetime import datetime
from threading import Event
from types import TracebackType
from typing import Self

from exporter.simulator.admin import PREFIX, Admin
from exporter.simulator.controls import CampaignControl
from exporter.simulator.faults import FaultBook
from exporter.simulator.requestlog import RequestLog
from exporter.simulator.server import Server
from exporter.simulator.service import Service
from exporter.simulator.settings import SimulatedOperation, SimulatorSettings
from exporter.simulator.wire import Connection, Request
from exporter.simulator.world import Clock


class Simulator:
    """A running stand-in for the vendor on a loopback port.

    listen: host and port, 0 for a free one. clock: real time as Unix seconds; a test gives its own and moves
    it. The port is taken when the object is made; `start` (or `with`) begins to answer. Raises OSError when
    the address cannot be had.
    """

    def __init__(
        self,
        settings: SimulatorSettings | None = None,
        listen: tuple[str, int] = ("127.0.0.1", 0),
        clock: Clock = time.time,
    ) -> None:
        self.settings = settings or SimulatorSettings()
        self._service = Service(self.settings, clock)
        self._admin = Admin(self._service)
        self._server = Server(listen, self._handle)
        self._stopped = Event()

    @property
    def url(self) -> str:
        """The base URL of all operations, such as "http://127.0.0.1:43211"."""
        host, port = self._server.address
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    @property
    def operations(self) -> tuple[SimulatedOperation, ...]:
        """The operations with their tokens, zones and licences."""
        return tuple(operation.facts for operation in self._service.world.operations)

    @property
    def requests(self) -> RequestLog:
        """The request log, oldest first."""
        return self._service.log

    @property
    def faults(self) -> FaultBook:
        """The faults that are set."""
        return self._service.faults

    def operation(self, name: str) -> SimulatedOperation:
        """Return one operation by its name. Raises KeyError."""
        return self._service.world.named(name).facts

    def campaign(self, operation: str, campaign_id: str) -> CampaignControl:
        """Return the handle on one campaign. Raises KeyError when there is none such."""
        return CampaignControl(self._service.world.named(operation), campaign_id, self._service.clock)

    def campaigns(self, operation: str) -> tuple[CampaignControl, ...]:
        """Return handles on all campaigns of an operation, listed or not."""
        world = self._service.world.named(operation)
        with world.at(self._service.clock()) as campaigns:
            ids = tuple(campaigns)
        return tuple(CampaignControl(world, campaign_id, self._service.clock) for campaign_id in ids)

    def max_in_flight(self, token: str | None = None) -> int:
        """Return the most requests that a token (None: any) ever had in flight at once."""
        return self._service.access.max_in_flight(token)

    def virtual_time(self, operation: str, real: float) -> datetime:
        """Return what an operation's clocks show at a real instant (Unix seconds)."""
        return self._service.world.named(operation).virtual_at(real)

    def used_today(self, operation: str) -> int:
        """Return the calls that count against the operation's day, other people's included."""
        return self._service.access.usage(self.operation(operation), self._service.clock()).total

    def set_used_today(self, operation: str, calls: int, token: str | None = None) -> None:
        """Say that a token (None: the operation's first) has made so many calls today."""
        facts = self.operation(operation)
        self._service.access.set_used(facts, token or facts.token, calls, self._service.clock())

    def start(self) -> None:
        """Begin to answer, in threads of its own."""
        self._server.start()

    def stop(self) -> None:
        """Hang up everywhere and end all threads. May be called often, and from a signal handler's thread."""
        self._service.faults.clear()
        self._server.stop()
        self._stopped.set()

    def serve_forever(self) -> None:
        """Answer until `stop` is called from elsewhere."""
        self.start()
        self._stopped.wait()

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
            self._service.handle(request, connection)
