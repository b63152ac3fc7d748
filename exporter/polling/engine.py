"""Runs the timetable in real time: one thread that waits, and a short-lived thread for each call."""

import logging
import random
import threading
from collections.abc import Mapping, Sequence

from exporter.apis import campaign_settings
from exporter.clock import Clock
from exporter.polling.poller import OperationPoller
from exporter.polling.timetable import Slot, Timetable, Turn, spread

_log = logging.getLogger(__name__)

MOST_CALLS = 64
"""Calls under way at the same time, over all operations: they mostly wait for the vendor."""

_HEARTBEAT = 5.0
_SLEPT = 60.0
"""Seconds without a heartbeat after which the machine must have slept."""
_SILENCE_OF_A_DEAD_ENGINE = 60.0
_LONGEST_POLL = 180.0
_PAUSE_AFTER_A_DEFECT = 60.0
_PAUSE_WITHOUT_THREADS = 10.0
_BETWEEN_FIRST_POLLS = 0.5
_MOST_OF_AN_INTERVAL = 0.05


class Engine:
    """Polls all operations until it is stopped.

    First come the lists of campaigns with the names, then the rest, a little later each, so that names are
    known before the figures that carry them. Where replicas share the work, each puts every turn off by up to
    `stagger` seconds at random: the first to come takes it, and that must not always be the same one.
    """

    def __init__(self, clock: Clock, stagger: float = 0.0) -> None:
        self._stagger = stagger
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
        """Poll with these pollers from now on; those that stay keep their turns.

        A poll that is under way ends in peace; its token is not used again before it has.
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
        """Put pollers on the timetable; a slot whose turn was to come anyway is not put off further."""
        start = self._clock.now().monotonic
        for index, poller in enumerate(pollers):
            operation = poller.operation
            # Those with the names first; the others follow in the order of their importance.
            order = sorted(operation.enabled(), key=lambda api: api != campaign_settings.NAME)
            shortest = min((operation.apis[api].interval for api in order), default=0.0)
            put_off = spread(index, len(pollers), shortest)
            for place, api in enumerate(order):
                slot = Slot(operation.name, api)
                first = start + put_off + place * _BETWEEN_FIRST_POLLS
                self._timetable.add(
                    slot,
                    lane=poller.token.text,
                    interval=operation.apis[api].interval,
                    due=max(min(first, turns.get(slot, first)), poller.next_look(api)),
                )

    def start(self) -> None:
        """Start polling: no API before an interval has passed since its last call, whoever made it."""
        with self._changed:
            self._started = True
            self._plan(list(self._pollers.values()), {})
        self._thread.start()

    def stop(self, timeout: float) -> None:
        """Start no more polls, and wait up to `timeout` seconds for those under way.

        What then still waits for the vendor does so in a daemon thread and ends with the process.
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
        """Tell whether polling lives: the thread that waits still beats, and no call hangs past its deadline.

        It does not depend on the vendor: a restart would not mend an outage, and would cost calls.
        """
        now = self._clock.now().monotonic
        with self._changed:
            stuck = any(now - since > _LONGEST_POLL for since in self._running.values())
        return self._thread.is_alive() and not stuck and now - self._seen_alive < _SILENCE_OF_A_DEAD_ENGINE

    def _dispatch(self) -> None:
        while True:
            with self._changed:
                if self._stopping:
                    return
                now = self._clock.now().monotonic
                if now - self._seen_alive > _SLEPT:
                    self._awake_since = now
                self._seen_alive = now
                full = len(self._running) >= MOST_CALLS
                turn = None if full else self._timetable.take(now, self._awake_since)
                if turn is None:
                    due = None if full else self._timetable.next_due()
                    self._changed.wait(_HEARTBEAT if due is None else min(max(due - now, 0.0), _HEARTBEAT))
                    continue
                self._running[turn.number] = now
                poller = self._pollers[turn.slot.operation]
            self._start(poller, turn)

    def _start(self, poller: OperationPoller, turn: Turn) -> None:
        """Poll in a thread of its own; where the machine gives none, later: this thread must live on."""
        name = f"poll {turn.slot.operation} {turn.slot.api}"
        try:
            threading.Thread(target=self._poll, args=(poller, turn), name=name, daemon=True).start()
        except (RuntimeError, MemoryError) as error:
            _log.error("no thread for a poll", extra={**_about(turn.slot), "error": str(error)})
            self._end(turn, self._clock.now().monotonic + _PAUSE_WITHOUT_THREADS)

    def _poll(self, poller: OperationPoller, turn: Turn) -> None:
        due = self._clock.now().monotonic + _PAUSE_AFTER_A_DEFECT
        try:
            due = poller.poll(turn.slot.api, turn.missed)
            interval = poller.operation.apis[turn.slot.api].interval
            due += random.uniform(0.0, min(self._stagger, interval * _MOST_OF_AN_INTERVAL))  # noqa: S311
        except Exception:  # noqa: BLE001 - a defect must end neither this API's polling nor the others'
            _log.exception("polling broke, this is a defect of the exporter", extra=_about(turn.slot))
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
