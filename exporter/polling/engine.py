"""Runs the timetable in real time: one thread that waits, and a short-lived thread for each call."""

import logging
import threading
from collections.abc import Mapping, Sequence

from exporter.clock import Clock
from exporter.polling.poller import OperationPoller
from exporter.polling.timetable import Slot, Timetable, Turn, spread

_log = logging.getLogger(__name__)

MOST_CALLS = 64
"""Calls under way at the same time, over all operations: they mostly wait for the vendor."""

_HEARTBEAT = 5.0
_SILENCE_OF_A_DEAD_ENGINE = 60.0
_LONGEST_POLL = 180.0
_PAUSE_AFTER_A_DEFECT = 60.0
_BETWEEN_FIRST_POLLS = 0.5


class Engine:
    """Polls all operations until it is stopped.

    First come the lists of campaigns with the names, then the rest, a little later each, so that names are
    known before the figures that carry them.
    """

    def __init__(self, pollers: Sequence[OperationPoller], clock: Clock) -> None:
        self._pollers: Mapping[str, OperationPoller] = {p.operation.name: p for p in pollers}
        self._clock = clock
        self._timetable = Timetable()
        self._changed = threading.Condition()
        self._stopping = False
        self._running: dict[Slot, float] = {}
        self._seen_alive = clock.now().monotonic
        self._thread = threading.Thread(target=self._dispatch, name="polling", daemon=True)

    def _plan(self) -> None:
        start = self._clock.now().monotonic
        for index, poller in enumerate(self._pollers.values()):
            operation = poller.operation
            # Those with the names first; the others follow in the order of their importance.
            order = sorted(operation.enabled(), key=lambda e: (e.value != "information", e.priority))
            shortest = min((operation.endpoints[e].interval for e in order), default=0.0)
            put_off = spread(index, len(self._pollers), shortest)
            for place, endpoint in enumerate(order):
                self._timetable.add(
                    Slot(operation.name, endpoint),
                    lane=poller.token.text,
                    interval=operation.endpoints[endpoint].interval,
                    due=max(start + put_off + place * _BETWEEN_FIRST_POLLS, poller.due(endpoint)),
                )

    def start(self) -> None:
        """Start polling: no endpoint before an interval has passed since its last call, whoever made it."""
        with self._changed:
            self._plan()
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
                self._seen_alive = now
                full = len(self._running) >= MOST_CALLS
                turn = None if full else self._timetable.take(now)
                if turn is None:
                    due = None if full else self._timetable.next_due()
                    self._changed.wait(_HEARTBEAT if due is None else min(max(due - now, 0.0), _HEARTBEAT))
                    continue
                self._running[turn.slot] = now
            name = f"poll {turn.slot.operation} {turn.slot.endpoint}"
            threading.Thread(target=self._poll, args=(turn,), name=name, daemon=True).start()

    def _poll(self, turn: Turn) -> None:
        due = self._clock.now().monotonic + _PAUSE_AFTER_A_DEFECT
        try:
            due = self._pollers[turn.slot.operation].poll(turn.slot.endpoint, turn.missed)
        except Exception:  # noqa: BLE001 - a defect must end neither this endpoint's polling nor the others'
            _log.exception("polling broke, this is a defect of the exporter", extra=_about(turn.slot))
        finally:
            with self._changed:
                self._running.pop(turn.slot, None)
                self._timetable.give_back(turn.slot, due)
                self._changed.notify_all()


def _about(slot: Slot) -> dict[str, str]:
    return {"operation": slot.operation, "endpoint": slot.endpoint.value}
