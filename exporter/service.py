"""Connects the rooms: configuration -> polling -> snapshot -> metrics -> web."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from exporter.apis import BY_NAME
from exporter.clock import Clock, SystemClock
from exporter.config import Config, Operation
from exporter.history import History
from exporter.judgement import Terms
from exporter.metrics import EVERYTHING, Exposition, Format, ProcessMetrics, Selection
from exporter.polling import Archive, Engine, OperationPoller, Token
from exporter.polling.poller import Fetcher
from exporter.polling.updates import first_snapshot
from exporter.schedules import ScheduleSet
from exporter.snapshot import OperationSnapshot, SnapshotCell, Snapshots
from exporter.state import WatchedStore
from exporter.toolkit.message import Request, Response
from exporter.traffic import Gate
from exporter.traffic.gate import scope_of
from exporter.web.app import App
from exporter.wolkvox import Client

_STAGGER_SECONDS = 2.0
"""How long replicas delay their polls at random, at most: more than their clocks differ."""

if TYPE_CHECKING:
    from exporter.web.status.pages import StatusPages


@dataclass(frozen=True, slots=True)
class ConfigChanges:
    """The names of the operations that a new configuration added, removed, changed or kept."""

    added: Sequence[str]
    removed: Sequence[str]
    changed: Sequence[str]
    kept: Sequence[str]


class Service:
    """The exporter without its web server.

    The constructor touches neither the network nor the disk; `restore()` publishes what is in the store, and
    `engine.start()` begins to poll. The store and the clock outlive every configuration; the caller closes
    the store after the engine has stopped. `schedules` replace those of the configuration, by operation;
    `client` makes what fetches for an operation; `pace` is how many seconds of the clock pass in a real one.
    """

    def __init__(  # noqa: PLR0913 - what the world around it is
        self,
        config: Config,
        store: WatchedStore,
        clock: Clock | None = None,
        telemetry_path: str = "/metrics",
        *,
        schedules: Mapping[str, ScheduleSet] | None = None,
        client: Callable[[Operation], Fetcher] | None = None,
        pace: float = 1.0,
    ) -> None:
        self._store = store
        self._clock = clock or SystemClock()
        self._client = client or _client_of
        self._was_ready = False
        self._process = ProcessMetrics(store.health)
        self._history = History()
        self._snapshots = Snapshots(listener=self._refresh)
        self._exposition = Exposition(self._snapshots, {}, {}, self._process, self._clock)
        # The hours of a simulated call centre pass faster.
        self._given_schedules = schedules or {}
        self._max_ages: Mapping[str, Mapping[str, float]] = {}
        self._schedules: Mapping[str, ScheduleSet] = {}
        self._settings: Mapping[str, tuple[Operation, ScheduleSet]] = {}
        self.engine = Engine(self._clock, _STAGGER_SECONDS if config.state.redis_url else 0.0, pace)
        self._telemetry_path = telemetry_path
        self._status_pages: StatusPages | None = None
        self.pollers: tuple[OperationPoller, ...] = ()
        self._use(config, self._pollers_for(config))
        self.app = App(
            snapshots=self._snapshots,
            exposition=self._exposition,
            healthy=self.engine.healthy,
            ready=self.ready,
            status=self._status,
            telemetry_path=telemetry_path,
        )

    def reload(self, config: Config) -> ConfigChanges:
        """Apply another configuration at once, and return what it changed; one thread at a time may do this.

        Operations that do not change keep their pollers. One that changes gets a new poller for the snapshot
        and the records that there are: polls under way, counters and figures go on, and no API is called
        before an interval has passed since its last call. Raises SecretError, with nothing changed, when a
        token cannot be read.
        """
        before = {poller.operation.name: poller for poller in self.pollers}
        pollers = self._pollers_for(config)
        self.ready()
        cells = {poller.cell for poller in self.pollers}
        for poller in pollers:
            if poller.cell not in cells:
                poller.restore()
        self._use(config, pollers)
        now = {poller.operation.name: poller for poller in pollers}
        return ConfigChanges(
            added=[name for name in now if name not in before],
            removed=[name for name in before if name not in now],
            changed=[name for name in now if name in before and before[name] is not now[name]],
            kept=[name for name in now if before.get(name) is now[name]],
        )

    def refused(self) -> None:
        """Note in the metrics that a new configuration could not be used."""
        self._process.config_refused()

    def _pollers_for(self, config: Config) -> tuple[OperationPoller, ...]:
        """Return a poller for each operation: the present one where nothing has changed for it.

        Operations that share a token share its gate, so that a change of one of them changes all of them.
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
                old = scopes.get(scope_of(operation))
                if old is not None:
                    gate.take_over_from(old.gate)
                pollers[operation.name] = self._poller(operation, token, gate, old)
        return tuple(pollers[operation.name] for operation in config.operations)

    def _poller(
        self, operation: Operation, token: Token, gate: Gate, old: OperationPoller | None
    ) -> OperationPoller:
        """Return a poller, which writes where the operation's `old` one does."""
        cell = old.cell if old else SnapshotCell(first_snapshot(operation))
        return OperationPoller(
            operation,
            client=self._client(operation),
            token=token,
            gate=gate,
            archive=old.archive if old else Archive(self._store, operation, cell, self._clock),
            cell=cell,
            clock=self._clock,
            schedules=self._schedules_of(operation),
        )

    def _schedules_of(self, operation: Operation) -> ScheduleSet:
        given = self._given_schedules.get(operation.name)
        return given or ScheduleSet.of(operation.schedules, operation.timezone)

    def _use(self, config: Config, pollers: tuple[OperationPoller, ...]) -> None:
        operations = config.operations
        max_ages = {o.name: {api: s.max_age for api, s in o.apis.items()} for o in operations}
        schedules = {operation.name: self._schedules_of(operation) for operation in operations}
        # A scrape that has begun before still renders the operations that it has found.
        self._exposition.configure(
            {**self._max_ages, **max_ages},
            {**self._schedules, **schedules},
            {operation.name: _terms_of(operation) for operation in operations},
        )
        settings = {o.name: (o, schedules[o.name]) for o in operations}
        self._history.forget(
            name
            for name, (before, _) in self._settings.items()
            if name not in settings or scope_of(settings[name][0]) != scope_of(before)
        )
        self._max_ages, self._schedules, self._settings = max_ages, schedules, settings
        self._snapshots.replace(poller.cell for poller in pollers)
        cells = {poller.cell for poller in self.pollers}
        for poller in pollers:
            if poller not in self.pollers and poller.cell in cells:
                poller.apply_settings()
        self.engine.replace(pollers)
        self.pollers = pollers
        self._process.config_loaded(self._clock.now().wall)

    def _refresh(self, snapshot: OperationSnapshot) -> None:
        self._exposition.refresh(snapshot)
        self._history.note(snapshot)

    def _status(self, request: Request) -> Response:
        """Answer a request for the status page; called by one thread at a time.

        The page is loaded when it is first asked for, so that the exporter starts faster.
        """
        if self._status_pages is None:
            from exporter.status import Reporter  # noqa: PLC0415
            from exporter.web.status.pages import StatusPages  # noqa: PLC0415

            reporter = Reporter(
                snapshots=self._snapshots,
                judged=self._exposition.judged,
                next_polls=self.engine.next_polls,
                settings=lambda: self._settings,
                history=self._history,
                clock=self._clock,
            )
            self._status_pages = StatusPages(reporter, self._telemetry_path)
        return self._status_pages.answer(request)

    def restore(self) -> None:
        """Publish the last good answers of the store, with their true age; makes no call."""
        for poller in self.pollers:
            poller.restore()

    def ready(self) -> bool:
        """Return whether every API was polled, restored or put off for the day's budget once.

        Those that are asked by campaign do not count: they wait for a campaign that dials. Once true it stays
        true, also when a reload adds an operation: the figures of the others are there.
        """
        self._was_ready = self._was_ready or all(
            status.history or status.skipped["quota"]
            for snapshot in self._snapshots.current().values()
            for api, status in snapshot.polls.items()
            if not BY_NAME[api].by_campaign
        )
        return self._was_ready

    def failing(self) -> list[tuple[str, str]]:
        """Return the operations and APIs whose last poll failed."""
        return [
            (snapshot.operation, api)
            for snapshot in self._snapshots.current().values()
            for api, status in snapshot.polls.items()
            if status.up is False
        ]

    def render(self, format_: Format, selection: Selection = EVERYTHING) -> bytes:
        """Return the exposition, or the selected part of it, as it is at present."""
        return b"".join(self._exposition.render(format_, selection))


def _terms_of(operation: Operation) -> Terms:
    return Terms(operation.licences, operation.predictives_limit, operation.abandonment_limit)


def _client_of(operation: Operation) -> Fetcher:
    return Client(operation.base_url)


def _sharing(
    operations: Sequence[tuple[Operation, Token]],
) -> Mapping[str, Sequence[tuple[Operation, Token]]]:
    """Return the operations by the text of their token: with it they share a queue and a budget."""
    sharing: dict[str, list[tuple[Operation, Token]]] = {}
    for operation, token in operations:
        sharing.setdefault(token.text, []).append((operation, token))
    return sharing
