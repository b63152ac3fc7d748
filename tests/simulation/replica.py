"""One exporter process of the simulation: the real service, its timetable driven by virtual time."""

import random
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Protocol

from exporter.config import Config
from exporter.polling.timetable import Turn
from exporter.service import Service
from exporter.snapshot import OperationSnapshot
from exporter.state import Changes, Lease, ResilientStore, StateError, Store
from exporter.wolkvox import Answer, Call
from scripts.virtual_process import Dead, VirtualProcess
from scripts.virtual_time import OwnClock, VirtualTime, getcurrent, greenlet

if TYPE_CHECKING:
    from simulation.vendor import Vendor

_RECONNECT_SECONDS = (5.0, 30.0)
_AFTER_AN_OUTAGE = 120.0
_MOMENTS = (
    "before acquire",
    "after acquire",
    "before write",
    "after write",
    "after write",
    "before release",
    "after changes",
)


class Network:
    """The store that all replicas share, and whether it can be reached."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.down = False


class Watcher(Protocol):
    """Who is told what a replica has done."""

    def polled(self, replica: "Replica", turn: Turn, before: OperationSnapshot) -> None:
        """A turn has ended."""

    def disturbed(self) -> None:
        """Something goes wrong now."""


class Replica(VirtualProcess):
    """A process that is started, killed, frozen and cut off from the store at will."""

    def __init__(  # noqa: PLR0913 - the world around it
        self,
        *,
        name: str,
        config: Config,
        time: VirtualTime,
        clock: OwnClock,
        network: Network,
        vendor: "Vendor",
        watcher: Watcher,
    ) -> None:
        super().__init__(
            config, time, clock, store=self._resilient, client=lambda o: _Client(self, o.base_url)
        )
        self.name = name
        self.cut_off = False
        self.frozen_until = 0.0
        self.late: set[greenlet] = set()
        self.disturbed = float("-inf")
        self._armed: tuple[str, Callable[[], None]] | None = None
        self._network = network
        self._vendor = vendor
        self._watcher = watcher
        self.store: ResilientStore

    @property
    def awake(self) -> bool:
        """Whether it runs at present."""
        return self.alive and self._time.now >= self.frozen_until

    @property
    def alone(self) -> bool:
        """Whether it goes on from memory, or did a moment ago."""
        if not self.store.health().up:
            self.disturbed = self._time.now
        return self._time.now - self.disturbed < _AFTER_AN_OUTAGE

    def start(self) -> None:
        """Start the process."""
        self.frozen_until = 0.0
        self._armed = None
        self.late = set()
        super().start()
        self._reconnect(self.started)

    def _resilient(self) -> ResilientStore:
        self.store = ResilientStore(self._open, self.clock, watch=False)
        return self.store

    def _serve(self) -> Service:
        service = super()._serve()
        for poller in service.pollers:
            poller.cell.subscribe(None)  # nobody scrapes here, and rendering would take most of the time
        return service

    def kill(self) -> None:
        """End the process as kill -9 does; called from outside of the processes."""
        super().kill()
        self._vendor.hung_up(self)

    def freeze(self, seconds: float) -> None:
        """Stop the process for a while as SIGSTOP does."""
        self.frozen_until = self._time.now + seconds

    def runs_from(self) -> float:
        """Return until when it is frozen."""
        return self.frozen_until

    def kill_soon(self) -> None:
        """Kill it before or after the next use of the store of some kind."""
        self._armed = (random.choice(_MOMENTS), self._die_here)

    def freeze_soon(self, seconds: float) -> None:
        """Freeze it before or after the next use of the store of some kind."""
        self._armed = (random.choice(_MOMENTS), lambda: self._freeze_here(seconds))

    def checkpoint(self, moment: str) -> None:
        """Stand still, or die, where that was ordered."""
        if not self.alive:
            raise Dead
        if self._armed and self._armed[0] == moment:
            (_, act), self._armed = self._armed, None
            act()

    def _die_here(self) -> None:
        # The call that it has noted is not made: the next one comes an interval later.
        self._watcher.disturbed()
        self.alive = False
        self._time.at(self._time.now, self.kill)
        raise Dead

    def _freeze_here(self, seconds: float) -> None:
        self.freeze(seconds)
        self._time.at(self.frozen_until, self._watcher.disturbed)
        self.late.add(getcurrent())
        self.sleep(seconds)

    def _open(self) -> "_Reach":
        reach = _Reach(self, self._network)
        reach.check()
        return reach

    def _turn(self, turn: Turn) -> None:
        poller = self.service.engine._pollers[turn.slot.operation]
        before = poller.cell.snapshot
        super()._turn(turn)
        if self.alive:
            self._watcher.polled(self, turn, before)

    def _reconnect(self, started: int) -> None:
        """Do what the store's own thread does."""
        if not self.alive or started != self.started:
            return
        if self.awake and (self.store._pending or not self.store.health().up):
            self.spawn(self._catch_up)
        pause = random.uniform(*_RECONNECT_SECONDS)
        self._time.at(self._time.now + pause, lambda: self._reconnect(started))

    def _catch_up(self) -> None:
        self.disturbed = self._time.now
        self.store.reconnect()


class _Client:
    """Stands where the client of one operation stands."""

    def __init__(self, replica: Replica, base_url: str) -> None:
        self._replica = replica
        self._base_url = base_url

    def fetch(self, call: Call, token: str, sink: Callable[[list[object]], None]) -> Answer:
        """Make a call."""
        return self._replica._vendor.answer(self._replica, self._base_url, call, token, sink)


class _Reach:
    """A replica's connection to the shared store; it may be killed or frozen before and after each use."""

    def __init__(self, replica: Replica, network: Network) -> None:
        self._replica = replica
        self._network = network
        self.check()

    def check(self) -> None:
        """Raise StateError where the store cannot be reached."""
        if self._network.down or self._replica.cut_off:
            raise StateError("out of reach")

    def _ask(self, name: str, *arguments: object, **more: object) -> object:
        self._replica.checkpoint(f"before {name}")
        self.check()
        answer = getattr(self._network.store, name)(*arguments, **more)
        self._replica.checkpoint(f"after {name}")
        return answer

    @property
    def identity(self) -> str:
        return self._network.store.identity

    def acquire(self, key: str, seconds: float) -> Lease | None:
        return self._ask("acquire", key, seconds)  # type: ignore[return-value]

    def release(self, lease: Lease) -> None:
        self._ask("release", lease)

    def write(
        self,
        lease: Lease,
        scope: str,
        records: Mapping[str, bytes],
        *,
        count_day: str | None = None,
        calls: int = 1,
    ) -> int | None:
        return self._ask("write", lease, scope, records, count_day=count_day, calls=calls)  # type: ignore[return-value]

    def count(self, key: str, day: str) -> int:
        return self._ask("count", key, day)  # type: ignore[return-value]

    def changes(self, scope: str, since: int) -> Changes | None:
        return self._ask("changes", scope, since)  # type: ignore[return-value]

    def read(self, scope: str, names: Collection[str]) -> Mapping[str, bytes]:
        return self._ask("read", scope, names)  # type: ignore[return-value]

    def close(self) -> None:
        pass
