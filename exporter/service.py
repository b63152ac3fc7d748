"""Wires the rooms together: configuration -> polling -> snapshot -> metrics -> web."""

from collections.abc import Mapping, Sequence

from exporter.clock import Clock, SystemClock
from exporter.config import Config, Operation
from exporter.endpoint import Endpoint
from exporter.metrics import Exposition, Format, ProcessMetrics
from exporter.polling import Archive, Engine, OperationPoller, Token, first_snapshot
from exporter.schedules import Book
from exporter.snapshot import Board, OperationSnapshot
from exporter.state import Store
from exporter.traffic import Gate
from exporter.web import App
from exporter.wolkvox import Client


class Service:
    """The exporter of one configuration, without its web server.

    Making it touches neither the network nor the disk; `restore()` lands what is in the store, and
    `engine.start()` begins to poll.
    """

    def __init__(
        self,
        config: Config,
        store: Store,
        clock: Clock | None = None,
        telemetry_path: str = "/metrics",
        books: Mapping[str, Book] | None = None,
    ) -> None:
        self._clock = clock or SystemClock()
        operations = config.operations
        self._board = Board({o.name: first_snapshot(o) for o in operations}, listener=self._refresh)
        process = ProcessMetrics()
        process.config_loaded(self._clock.now().wall)
        # A simulated floor keeps hours of its own, which the caller brings along.
        self._books = books or {o.name: Book.of(o.schedules, o.timezone) for o in operations}
        self._exposition = Exposition(self._board, _max_ages(operations), self._books, process, self._clock)
        tokens = [Token(operation.token, operation.name) for operation in operations]
        gates = _gates(operations, tokens, store, self._clock)
        self.pollers = tuple(
            OperationPoller(
                operation,
                client=Client(operation.base_url),
                token=token,
                gate=gates[token.text],
                archive=Archive(store, operation, self._board, self._clock),
                board=self._board,
                clock=self._clock,
            )
            for operation, token in zip(operations, tokens, strict=True)
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

    def restore(self) -> None:
        """Publish the last good answers that are in the store, with their true age; no call is made."""
        for poller in self.pollers:
            poller.restore()

    def ready(self) -> bool:
        """Tell whether every endpoint was tried or restored once.

        Machine codes are left out: they wait for a campaign that dials.
        """
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
        return b"".join(self._exposition.render(form))


def _max_ages(operations: Sequence[Operation]) -> Mapping[str, Mapping[Endpoint, float]]:
    return {o.name: {endpoint: s.max_age for endpoint, s in o.endpoints.items()} for o in operations}


def _gates(
    operations: Sequence[Operation], tokens: Sequence[Token], store: Store, clock: Clock
) -> Mapping[str, Gate]:
    """Return one gate for each token: operations that share a token share its queue and its budget."""
    sharing: dict[str, list[Operation]] = {}
    for operation, token in zip(operations, tokens, strict=True):
        sharing.setdefault(token.text, []).append(operation)
    return {token: Gate(store, members, clock) for token, members in sharing.items()}
