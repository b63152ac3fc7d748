"""An exporter process in virtual time: the real service, its timetable driven by a clock that jumps."""

from collections.abc import Callable

from exporter.config import Config, Operation
from exporter.polling.poller import Fetcher
from exporter.polling.timetable import Turn
from exporter.service import Service
from exporter.state import WatchedStore
from scripts.virtual_time import OwnClock, VirtualTime, getcurrent, greenlet

_TICK = 0.001


class Dead(BaseException):
    """The process was killed: nothing of it runs any more, not even what cleans up."""


class VirtualProcess:
    """The exporter without its web server, that is started, stopped and killed at will.

    `client` makes the client of an operation, which may `sleep`. `store` opens the state store of a process
    that starts.
    """

    def __init__(
        self,
        config: Config,
        time: VirtualTime,
        clock: OwnClock,
        *,
        store: Callable[[], WatchedStore],
        client: Callable[[Operation], Fetcher],
    ) -> None:
        self.clock = clock
        self.alive = False
        self.stopping = False
        self.started = 0
        self.service: Service
        self._config = config
        self._time = time
        self._open_store = store
        self._client = client
        self._running: set[greenlet] = set()
        self._next_tick = float("inf")

    def start(self) -> None:
        """Start the process: what is stored is restored, and polling begins."""
        self.alive = True
        self.started += 1
        self.stopping = False
        self._next_tick = float("inf")
        self.service = self._serve()
        self.spawn(self._begin)

    def stop(self, seconds: float) -> None:
        """Stop the process as SIGTERM does: polls under way have so many seconds to end."""
        self.stopping = True
        started = self.started

        def end() -> None:
            if self.started == started:
                self.kill()

        self._time.at(self._time.now + seconds, end)

    def kill(self) -> None:
        """End the process as kill -9 does; called from outside of the processes."""
        self.alive = False
        for running in list(self._running):
            running.throw(Dead)
        self._running.clear()

    def spawn(self, action: Callable[[], None]) -> None:
        """Run something in the process, where it may sleep; called from outside of the processes."""

        def run() -> None:
            try:
                action()
            except Dead:
                pass
            finally:
                self._running.discard(getcurrent())

        thread = greenlet(run)
        self._running.add(thread)
        thread.switch()

    def sleep(self, seconds: float) -> None:
        """Wait within the process."""
        thread = getcurrent()

        def resume() -> None:
            if thread.dead or not self.alive:
                return
            if self._time.now < self.runs_from():
                self._time.at(self.runs_from(), resume)
            else:
                thread.switch()

        self._time.at(self._time.now + seconds, resume)
        self._time.to_hub()

    def runs_from(self) -> float:
        """Return the time before which the process stands still, in seconds of the virtual time."""
        return 0.0

    def _serve(self) -> Service:
        """Return the service of a process that starts."""
        return Service(self._config, self._open_store(), self.clock, client=self._client)

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
        if not self.alive or self.stopping or started != self.started or when != self._next_tick:
            return  # of a process that has ended, or another tick came before
        self._next_tick = float("inf")
        if self._time.now < self.runs_from():
            self._tick_at(self.runs_from())
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
        engine._poll(engine._pollers[turn.slot.operation], turn)
        if self.alive:
            self._tick_at(self._time.now)
