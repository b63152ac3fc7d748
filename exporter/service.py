"""Wires the rooms together: configuration -> polling -> snapshot -> metrics -> web."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from exporter.clock import Clock, SystemClock
from exporter.config import Config, Operation
from exporter.endpoint import Endpoint
from exporter.metrics import Exposition, Format, ProcessMetrics
from exporter.polling import Archive, Engine, OperationPoller, Token
from exporter.polling.landing import carried, first_snapshot
from exporter.schedules import Book
from exporter.snapshot import Board, BoardEntry, History, OperationSnapshot
from exporter.state import WatchedStore
from exporter.traffic import Gate
from exporter.traffic.gate import scope_of
from exporter.web import App
from exporter.web.message import Request, Response
from exporter.wolkvox import Client

_STAGGER = 2.0
"""Seconds by which replicas put off their turns at random, more than their clocks differ."""

if TYPE_CHECKING:
    from exporter.web.status.pages import StatusPages


@dataclass(frozen=True, slots=True)
class Changes:
    """What a new configuration meant for the operations, by their names."""

    added: Sequence[str]
    removed: Sequence[str]
    changed: Sequence[str]
    kept: Sequence[str]


class Service:
    """The exporter without its web server.

    Making it touches neither the network nor the disk; `restore()` lands what is in the store, and
    `engine.start()` begins to poll. The store and the clock outlive every configuration; the store is the
    caller's, who closes it when the engine has stopped.
    """

    def __init__(
        self,
        config: Config,
        store: WatchedStore,
        clock: Clock | None = None,
        telemetry_path: str = "/metrics",
        books: Mapping[str, Book] | None = None,
    ) -> None:
        self._store = store
        self._clock = clock or SystemClock()
        self._was_ready = False
        self._process = ProcessMetrics(store.health)
        self._history = History()
        self._board = Board(listener=self._refresh)
        self._exposition = Exposition(self._board, {}, {}, self._process, self._clock)
        # A simulated floor keeps hours of its own, which the caller brings along.
        self._given_books = books or {}
        self._max_ages: Mapping[str, Mapping[Endpoint, float]] = {}
        self._books: Mapping[str, Book] = {}
        self._settings: Mapping[str, tuple[Operation, Book]] = {}
        self.engine = Engine(self._clock, _STAGGER if config.state.redis_url else 0.0)
        self._telemetry_path = telemetry_path
        self._status_pages: StatusPages | None = None
        self.pollers: tuple[OperationPoller, ...] = ()
        self._use(config, self._pollers_for(config))
        self.app = App(
            board=self._board,
            exposition=self._exposition,
            healthy=self.engine.healthy,
            ready=self.ready,
            status=self._status,
            telemetry_path=telemetry_path,
        )

    def reload(self, config: Config) -> Changes:
        """Go over to another configuration at once; one thread at a time may do this.

        The pollers and the snapshots of operations that stay as they are stay too. One that changes keeps its
        counters, and what is in the store of it: a new poller never calls before the interval since the last
        call has passed. Raises SecretError, with nothing changed, when a token cannot be read.
        """
        before = {poller.operation.name: poller for poller in self.pollers}
        pollers = self._pollers_for(config)
        self.ready()
        known = set(self.pollers)
        new = [poller for poller in pollers if poller not in known]
        for poller in new:
            poller.restore()
        for poller in new:
            old = before.get(poller.operation.name)
            if old is not None and scope_of(old.operation) == scope_of(poller.operation):
                poller.follow(old)
                counted = old.entry.snapshot
                poller.entry.update(lambda s, counted=counted: carried(s, counted))  # type: ignore[misc]
        self._use(config, pollers)
        now = {poller.operation.name: poller for poller in pollers}
        return Changes(
            added=[name for name in now if name not in before],
            removed=[name for name in before if name not in now],
            changed=[name for name in now if name in before and before[name] is not now[name]],
            kept=[name for name in now if before.get(name) is now[name]],
        )

    def refused(self) -> None:
        """Note in the metrics that a new configuration could not be used."""
        self._process.config_refused()

    def _pollers_for(self, config: Config) -> tuple[OperationPoller, ...]:
        """Return pollers for all operations, those there are wherever nothing has changed for them.

        Operations that share a token share its gate, and so what one of them changes changes all of them.
        """
        sharing = _sharing([(o, Token(o.token, o.name)) for o in config.operations])
        before = _sharing([(poller.operation, poller.token) for poller in self.pollers])
        scopes = {scope_of(poller.operation): poller for poller in self.pollers}
        pollers = {poller.operation.name: poller for poller in self.pollers}
        for text, members in sharing.items():
            operations = [operation for operation, _ in members]
            if [operation for operation, _ in before.get(text, ())] == operations:
                continue
            gate = Gate(self._store, operations, self._clock)
            for operation, token in members:
                if old := scopes.get(scope_of(operation)):
                    gate.follow(old.gate)
                pollers[operation.name] = self._poller(operation, token, gate)
        return tuple(pollers[operation.name] for operation in config.operations)

    def _poller(self, operation: Operation, token: Token, gate: Gate) -> OperationPoller:
        entry = BoardEntry(first_snapshot(operation))
        return OperationPoller(
            operation,
            client=Client(operation.base_url),
            token=token,
            gate=gate,
            archive=Archive(self._store, operation, entry, self._clock),
            entry=entry,
            clock=self._clock,
        )

    def _use(self, config: Config, pollers: tuple[OperationPoller, ...]) -> None:
        operations = config.operations
        max_ages = {o.name: {endpoint: s.max_age for endpoint, s in o.endpoints.items()} for o in operations}
        books = {
            o.name: self._given_books.get(o.name) or Book.of(o.schedules, o.timezone) for o in operations
        }
        # A scrape that has begun before still renders what it has found on the board.
        self._exposition.configure({**self._max_ages, **max_ages}, {**self._books, **books})
        settings = {o.name: (o, books[o.name]) for o in operations}
        self._history.forget(
            name
            for name, (before, _) in self._settings.items()
            if name not in settings or scope_of(settings[name][0]) != scope_of(before)
        )
        self._max_ages, self._books, self._settings = max_ages, books, settings
        self._board.replace(poller.entry for poller in pollers)
        self.engine.replace(pollers)
        self.pollers = pollers
        self._process.config_loaded(self._clock.now().wall)

    def _refresh(self, snapshot: OperationSnapshot) -> None:
        self._exposition.refresh(snapshot)
        self._history.note(snapshot)

    def _status(self, request: Request) -> Response:
        """Answer for the status page; one thread at a time asks for it.

        It is loaded for the first who looks at it: an exporter that nobody looks at starts the quicker.
        """
        if self._status_pages is None:
            from exporter.status import Reporter  # noqa: PLC0415
            from exporter.web.status.pages import StatusPages  # noqa: PLC0415

            reporter = Reporter(
                board=self._board,
                views=self._exposition.views,
                next_polls=self.engine.next_polls,
                settings=lambda: self._settings,
                history=self._history,
                clock=self._clock,
            )
            self._status_pages = StatusPages(reporter, self._telemetry_path)
        return self._status_pages.answer(request)

    def restore(self) -> None:
        """Publish the last good answers that are in the store, with their true age; no call is made."""
        for poller in self.pollers:
            poller.restore()

    def ready(self) -> bool:
        """Tell whether every endpoint was tried or restored once.

        Machine codes are left out: they wait for a campaign that dials. An operation that a reload adds does
        not take back what is so: the others' figures are there.
        """
        self._was_ready = self._was_ready or all(
            status.up is not None
            for snapshot in self._board.current().values()
            for endpoint, status in snapshot.polls.items()
            if endpoint is not Endpoint.MACHINE_CODES
        )
        return self._was_ready

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


def _sharing(
    operations: Sequence[tuple[Operation, Token]],
) -> Mapping[str, Sequence[tuple[Operation, Token]]]:
    """Return the operations by the text of their token: those that share one share its queue and budget."""
    sharing: dict[str, list[tuple[Operation, Token]]] = {}
    for operation, token in operations:
        sharing.setdefault(token.text, []).append((operation, token))
    return sharing
