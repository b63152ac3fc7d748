"""One exporter process of the simulation: the real service, its timetable driven by virtual time."""

import random
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Protocol
from unittest import mock

from exporter.config import Config
from exporter.polling.timetable import Turn
from exporter.service import Service
from exporter.snapshot import OperationSnapshot
from exporter.state import Changes, Lease, ResilientStore, StateError, Store
from exporter.wolkvox import Answer, Call
from simulation.virtual_time import OwnClock, VirtualTime, getcurrent, greenlet

if TYPE_CHECKING:
    from simulation.vendor import Vendor

_RECONNECT_SECONDS = (5.0, 30.0)
_AFTER_AN_OUTAGE = 120.0
_TICK = 0.001
_MOMENTS = (
    "before acquire",
    "after acquire",
    "before write",
    "after write",
    "after write",
    "before release",
    "after changes",
)


class Dead(BaseException):
    """The process was killed: nothing of it runs any more, not even what cleans up."""


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


class Replica:
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
        self.name = name
        self.clock = clock
        self.cut_off = False
        self.alive = False
        self.started = 0
        self.frozen_until = 0.0
        self.late: set[greenlet] = set()
        self.disturbed = float("-inf")
        self._armed: tuple[str, Callable[[], None]] | None = None
        self._config = config
        self._time = time
        self._network = network
        self._vendor = vendor
        self._watcher = watcher
        self._running: set[greenlet] = set()
        self._next_tick = float("inf")
        self.service: Service
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
        self.alive = True
        self.started += 1
        self.frozen_until = 0.0
        self._armed = None
        self._next_tick = float("inf")
        self.late = set()
        self.store = ResilientStore(self._open, self.clock, watch=False)
        self.service = self._serve()
        self.spawn(self._begin)
        self._reconnect(self.started)

    def _serve(self) -> Service:
        """Return the service of a process that starts."""
        with mock.patch("exporter.service.Client", lambda url: _Client(self, url)):
            service = Service(self._config, self.store, self.clock)
        for poller in service.pollers:
            poller.cell.subscribe(None)  # nobody scrapes here, and rendering would take most of the time
        return service

    def kill(self) -> None:
        """End the process as kill -9 does; called from outside of the processes."""
        self.alive = False
        for running in list(self._running):
            running.throw(Dead)
        self._running.clear()
        self._vendor.hung_up(self)

    def freeze(self, seconds: float) -> None:
        """Stop the process for a while as SIGSTOP does."""
        self.frozen_until = self._time.now + seconds

    def kill_soon(self) -> None:
        """Kill it before or after the next use of the store of some kind."""
        self._armed = (random.choice(_MOMENTS), self._die_here)

    def freeze_soon(self, seconds: float) -> None:
        """Freeze it before or after the next use of the store of some kind."""
        self._armed = (random.choice(_MOMENTS), lambda: self._freeze_here(seconds))

    def spawn(self, action: Callable[[], None]) -> None:
        """Run something in the process, where it may sleep; called from outside of the processes."""

        def run() -> None:
            try:
                action()
            except Dead:
                pass
            finally:
                self._running.discard(getcurrent())
                self.late.discard(getcurrent())

        thread = greenlet(run)
        self._running.add(thread)
        thread.switch()

    def sleep(self, seconds: float) -> None:
        """Wait within the process."""
        thread = getcurrent()

        def resume() -> None:
            if thread.dead or not self.alive:
                return
            if self._time.now < self.frozen_until:
                self._time.at(self.frozen_until, resume)
            else:
                thread.switch()

        self._time.at(self._time.now + seconds, resume)
        self._time.to_hub()

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

    def _begin(self) -> None:
        self.service.restore()
        engine = self.service.engine
        engine._started = True
        engine._plan(list(engine._pollers.values()), {})
        self._tick_at(self._time.now)

    def _tick_at(self, when: float) -> None:
        if when < self._next_tick:
            self._next_tick = when
            started = self.started
            self._time.at(when, lambda: self._tick(started, when))

    def _tick(self, started: int, when: float) -> None:
        """Do what the engine's own thread does: hand out the turns whose time has come."""
        if not self.alive or started != self.started or when != self._next_tick:
            return  # of a process that has ended, or another tick came before
        self._next_tick = float("inf")
        if self._time.now < self.frozen_until:
            self._tick_at(self.frozen_until)
            return
        engine = self.service.engine
        offset = self.clock.now().monotonic - self._time.now
        while self.alive and (turn := engine._timetable.take(self.clock.now().monotonic)):
            self.spawn(lambda turn=turn: self._turn(turn))  # type: ignore[misc]
        due = engine._timetable.next_due()
        if self.alive and due is not None:
            # Sums of floats differ in their last digits: a little later it is due by all of them.
            self._tick_at(max(due - offset, self._time.now) + _TICK)

    def _turn(self, turn: Turn) -> None:
        engine = self.service.engine
        poller = engine._pollers[turn.slot.operation]
        before = poller.cell.snapshot
        engine._poll(poller, turn)
        if self.alive:
            self._watcher.polled(self, turn, before)
            self._tick_at(self._time.now)

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
