"""Runs the timetable in real time: one thread that waits, and a short-lived thread for each call."""

import logging
import random
import threading
from collections.abc import Mapping, Sequence

from exporter.apis import campaign_settings
from exporter.clock import Clock
from exporter.polling.poller import OperationPoller
from exporter.polling.timetable import Slot, Timetable, Turn, first_poll_delay

_log = logging.getLogger(__name__)

MAX_CALLS = 64
"""Calls under way at the same time, over all operations: they mostly wait for the vendor."""

_HEARTBEAT_SECONDS = 5.0
_ASLEEP_AFTER_SECONDS = 60.0
"""Without a heartbeat for so long, the machine must have been asleep."""
_DEAD_AFTER_SECONDS = 60.0
"""Without a heartbeat for so long, the engine is not healthy."""
_MAX_POLL_SECONDS = 180.0
_PAUSE_AFTER_BUG_SECONDS = 60.0
_PAUSE_WITHOUT_THREAD_SECONDS = 10.0
_BETWEEN_FIRST_POLLS_SECONDS = 0.5
_MAX_STAGGER_RATIO = 0.05
"""Of an interval."""


class Engine:
    """Polls all operations until it is stopped.

    The campaign settings come first and the other APIs a little later each, so that the names of campaigns
    are known before their figures. With several replicas, each delays every poll by a random time of up to
    `stagger` seconds, so that they share the work. `pace` is how many seconds of the clock pass in a real
    second.
    """

    def __init__(self, clock: Clock, stagger: float = 0.0, pace: float = 1.0) -> None:
        self._stagger = stagger
        self._pace = pace
        self._pollers: Mapping[str, OperationPoller] = {}
        self._clock = clock
        self._timetable = Timetable()
        self._changed = threading.Condition()
        self._started = False
        self._stopping = False
        self._running: dict[int, float] = {}
        self._seen_alive = self._awake_since = clock.now().monotonic
        self._thread = threading.Thread(target=self._dispatch, name="polling", daemon=True)

    def replace(self, pollers: Sequence[OperationPoller]) -> None:
        """Replace the pollers; those that stay keep their turns.

        A poll that is under way is left to end; its token is not used before it has.
        """
        with self._changed:
            before = set(self._pollers.values())
            self._pollers = {poller.operation.name: poller for poller in pollers}
            if not self._started:
                return
            turns = self._timetable.turns()
            left = before.difference(pollers)
            self._timetable.remove([slot for poller in left for slot in _slots(poller)])
            self._plan([poller for poller in pollers if poller not in before], turns)
            self._changed.notify_all()

    def _plan(self, pollers: Sequence[OperationPoller], turns: Mapping[Slot, float]) -> None:
        """Put pollers on the timetable; a slot that was on it keeps its turn if that comes sooner."""
        start = self._clock.now().monotonic
        for index, poller in enumerate(pollers):
            operation = poller.operation
            # The names first; the others follow in the order of their importance.
            order = sorted(operation.enabled(), key=lambda api: api != campaign_settings.NAME)
            shortest = min((operation.apis[api].interval for api in order), default=0.0)
            delay = first_poll_delay(index, len(pollers), shortest)
            for position, api in enumerate(order):
                slot = Slot(operation.name, api)
                first = start + delay + position * _BETWEEN_FIRST_POLLS_SECONDS
                self._timetable.add(
                    slot,
                    lane=poller.token.text,
                    interval=operation.apis[api].interval,
                    due=max(min(first, turns.get(slot, first)), poller.next_check(api)),
                )

    def start(self) -> None:
        """Start polling; no API before an interval has passed since its last call by any process."""
        with self._changed:
            self._started = True
            self._plan(list(self._pollers.values()), {})
        self._thread.start()

    def stop(self, timeout: float) -> None:
        """Stop polling, and wait up to `timeout` seconds for polls under way.

        Those that still wait for the vendor then do so in daemon threads, which end with the process.
        """
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(timeout)
        with self._changed:
            self._changed.wait_for(lambda: not self._running, timeout)

    def next_polls(self) -> Mapping[Slot, float]:
        """Return the monotonic time of each slot's next poll, in the past while it waits or is under way."""
        with self._changed:
            return self._timetable.turns()

    def healthy(self) -> bool:
        """Return whether polling is alive: the timetable's thread runs, and no call hangs past its deadline.

        It does not depend on the vendor: a restart would not end an outage, and would cost calls.
        """
        now = self._clock.now().monotonic
        with self._changed:
            stuck = any(now - since > _MAX_POLL_SECONDS for since in self._running.values())
        return self._thread.is_alive() and not stuck and now - self._seen_alive < _DEAD_AFTER_SECONDS

    def _dispatch(self) -> None:
        while True:
            with self._changed:
                if self._stopping:
                    return
                now = self._clock.now().monotonic
                if now - self._seen_alive > _ASLEEP_AFTER_SECONDS:
                    self._awake_since = now
                self._seen_alive = now
                full = len(self._running) >= MAX_CALLS
                turn = None if full else self._timetable.take(now, self._awake_since)
                if turn is None:
                    due = None if full else self._timetable.next_due()
                    wait = _HEARTBEAT_SECONDS if due is None else min(max(due - now, 0.0), _HEARTBEAT_SECONDS)
                    self._changed.wait(wait / self._pace)
                    continue
                self._running[turn.number] = now
                poller = self._pollers[turn.slot.operation]
            self._start(poller, turn)

    def _start(self, poller: OperationPoller, turn: Turn) -> None:
        """Poll in a new thread; where none can be started, later: this thread must go on."""
        name = f"poll {turn.slot.operation} {turn.slot.api}"
        try:
            threading.Thread(target=self._poll, args=(poller, turn), name=name, daemon=True).start()
        except (RuntimeError, MemoryError) as error:
            _log.error(
                "cannot start a thread for a poll; trying again later",
                extra={**_about(turn.slot), "error": str(error)},
            )
            self._end(turn, self._clock.now().monotonic + _PAUSE_WITHOUT_THREAD_SECONDS)

    def _poll(self, poller: OperationPoller, turn: Turn) -> None:
        due = self._clock.now().monotonic + _PAUSE_AFTER_BUG_SECONDS
        try:
            due = poller.poll(turn.slot.api, turn.missed)
            interval = poller.operation.apis[turn.slot.api].interval
            due += random.uniform(0.0, min(self._stagger, interval * _MAX_STAGGER_RATIO))  # noqa: S311
        except Exception:  # noqa: BLE001 - a bug must end neither this API's polling nor the others'
            _log.exception(
                "unexpected error while polling; please report this as a bug", extra=_about(turn.slot)
            )
        finally:
            self._end(turn, due)

    def _end(self, turn: Turn, due: float) -> None:
        with self._changed:
            self._running.pop(turn.number, None)
            self._timetable.give_back(turn, due)
            self._changed.notify_all()


def _slots(poller: OperationPoller) -> list[Slot]:
    return [Slot(poller.operation.name, api) for api in poller.operation.enabled()]


def _about(slot: Slot) -> dict[str, str]:
    return {"operation": slot.operation, "api": slot.api}
