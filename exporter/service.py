"""Wires the rooms together: configuration -> polling -> snapshot -> metrics -> web."""

from collections.abc import Mapping, Sequence

from exporter.clock import Clock, SystemClock
from exporter.config import Config, Operation
from exporter.endpoint import Endpoint
from exporter.metrics import Exposition, Format, ProcessMetrics
from exporter.polling import Engine, OperationPoller, Token, first_snapshot
from exporter.snapshot import Board, OperationSnapshot
from exporter.web import App
from exporter.wolkvox import Client


class Service:
    """The exporter of one configuration, without its web server.

    Making it touches neither the network nor the disk; `engine.start()` begins to poll.
    """

    def __init__(self, config: Config, clock: Clock | None = None, telemetry_path: str = "/metrics") -> None:
        self._clock = clock or SystemClock()
        operations = config.operations
        self._board = Board({o.name: first_snapshot(o) for o in operations}, listener=self._refresh)
        process = ProcessMetrics()
        process.config_loaded(self._clock.now().wall)
        self._exposition = Exposition(self._board, _max_ages(operations), process, self._clock)
        self.pollers = tuple(
            OperationPoller(
                operation,
                client=Client(operation.base_url),
                token=Token(operation.token, operation.name),
                board=self._board,
                clock=self._clock,
            )
            for operation in operations
        )
        self.engine = Engine(self.pollers, self._clock)
        self.app = App(
            board=self._board,
            exposition=self._exposition,
            healthy=self.engine.healthy,
            ready=self.ready,
            clock=self._clock,
            telemetry_path=telemetry_path,
        )

    def _refresh(self, snapshot: OperationSnapshot) -> None:
        self._exposition.refresh(snapshot)

    def ready(self) -> bool:
        """Tell whether every endpoint was tried once; machine codes wait for a campaign that dials."""
        return all(
            status.up is not None
            for snapshot in self._board.current().values()
            for endpoint, status in snapshot.polls.items()
            if endpoint is not Endpoint.MACHINE_CODES
        )

    def failing(self) -> list[tuple[str, Endpoint]]:
        """Return the operations and endpoints whose last poll failed."""
        return [
            (snapshot.operation, endpoint)
            for snapshot in self._board.current().values()
            for endpoint, status in snapshot.polls.items()
            if status.up is False
        ]

    def render(self, form: Format) -> bytes:
        """Return the exposition as it stands."""
        return self._exposition.render(form)


def _max_ages(operations: Sequence[Operation]) -> Mapping[str, Mapping[Endpoint, float]]:
    return {o.name: {endpoint: s.max_age for endpoint, s in o.endpoints.items()} for o in operations}
