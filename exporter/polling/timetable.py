"""Which API is polled when. Pure: times are monotonic seconds and passed in; nothing waits here."""

import heapq
import itertools
from collections import deque
from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from exporter.apis import RANK

Lane = Hashable
"""The name of a queue: one request at a time per token, so one lane per token."""

_MAX_FIRST_POLL_GAP_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Slot:
    """What is polled again and again: an API of an operation."""

    operation: str
    api: str


class Turn(NamedTuple):
    """A slot that is due; `missed` turns were lost because its lane was busy for so long.

    `number` distinguishes it from a turn of the same slot that was removed and added again.
    """

    slot: Slot
    missed: int
    lane: Lane
    number: int


@dataclass(slots=True)
class _Entry:
    slot: Slot
    lane: Lane
    interval: float
    due: float


@dataclass(slots=True)
class _LaneState:
    busy: bool = False
    queued: bool = False
    ready: list[tuple[int, float, int]] = field(default_factory=list)


class Timetable:
    """Hands out turns, one at a time per lane, the most important API first.

    Whoever took a turn sets the slot's next one (`give_back`), measured from the start of the poll: the
    duration of polls does not add up to a drift, and a late poll is not made up for by a burst.
    """

    def __init__(self) -> None:
        self._entries: dict[int, _Entry] = {}
        self._numbers: dict[Slot, int] = {}
        self._lanes: dict[Lane, _LaneState] = {}
        self._waiting: list[tuple[float, int]] = []
        self._ready_lanes: deque[Lane] = deque()
        self._count = itertools.count()

    def add(self, slot: Slot, *, lane: Lane, interval: float, due: float) -> None:
        """Put a slot on the timetable; `interval` in seconds, `due` is the time of its first turn.

        Raises ValueError when the slot is on it already.
        """
        if slot in self._numbers:
            raise ValueError(f"{slot} is on the timetable already")
        number = next(self._count)
        self._numbers[slot] = number
        self._entries[number] = _Entry(slot, lane, interval, due)
        self._lanes.setdefault(lane, _LaneState())
        heapq.heappush(self._waiting, (due, number))

    def remove(self, slots: Collection[Slot]) -> None:
        """Take slots off the timetable; a turn that was handed out keeps its lane until it is given back.

        Raises KeyError when one is not on it.
        """
        for slot in slots:
            del self._entries[self._numbers.pop(slot)]
        used = {entry.lane for entry in self._entries.values()}
        self._lanes = {lane: state for lane, state in self._lanes.items() if state.busy or lane in used}
        self._ready_lanes = deque(lane for lane in self._ready_lanes if lane in self._lanes)

    def take(self, now: float, awake_since: float = float("-inf")) -> Turn | None:
        """Return the next turn that is due and whose lane is free, which becomes busy; None without one.

        Turns before `awake_since` were not missed because of a busy lane: the machine was asleep.
        """
        self._make_ready(now)
        while self._ready_lanes:
            lane = self._ready_lanes.popleft()
            state = self._lanes[lane]
            state.queued = False
            while state.ready:
                _, _, number = heapq.heappop(state.ready)
                entry = self._entries.get(number)
                if entry is not None:
                    state.busy = True
                    missed = int((now - max(entry.due, awake_since)) // entry.interval)
                    return Turn(entry.slot, missed, lane, number)
        return None

    def give_back(self, turn: Turn, due: float) -> None:
        """End a turn, free its lane, and set the time of the slot's next turn."""
        entry = self._entries.get(turn.number)
        if entry is not None:
            entry.due = due
            heapq.heappush(self._waiting, (due, turn.number))
        state = self._lanes[turn.lane]
        state.busy = False
        self._queue(turn.lane, state)

    def turns(self) -> Mapping[Slot, float]:
        """Return the time of each slot's turn; that of a poll under way is the time when it was due."""
        return {entry.slot: entry.due for entry in self._entries.values()}

    def next_due(self) -> float | None:
        """Return when `take` is worth calling again, unless a turn is given back before.

        It lies in the past when a turn can be taken at once; None when no slot waits for its time.
        """
        if self._ready_lanes:
            return float("-inf")
        return self._waiting[0][0] if self._waiting else None

    def _make_ready(self, now: float) -> None:
        """Move the slots that are due from the waiting heap to the queue of their lane."""
        while self._waiting and self._waiting[0][0] <= now:
            due, number = heapq.heappop(self._waiting)
            entry = self._entries.get(number)
            if entry is None:
                continue
            state = self._lanes[entry.lane]
            heapq.heappush(state.ready, (RANK[entry.slot.api], due, number))
            self._queue(entry.lane, state)

    def _queue(self, lane: Lane, state: _LaneState) -> None:
        if state.ready and not state.busy and not state.queued:
            state.queued = True
            self._ready_lanes.append(lane)


def first_poll_delay(index: int, total: int, interval: float) -> float:
    """Return the seconds by which the first polls of operation `index` of `total` are delayed.

    A few operations start close together, so that their figures are there at once; thousands are spread over
    their interval, so that calls come evenly.
    """
    return index * min(_MAX_FIRST_POLL_GAP_SECONDS, interval / max(total, 1))
