"""When is which API polled? Pure: the time is passed in as monotonic seconds, nothing waits here."""

import heapq
import itertools
from collections import deque
from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from exporter.apis import RANK

Lane = Hashable
"""What names a queue: one request at a time per token, so one lane per token."""

_LONGEST_GAP_BETWEEN_OPERATIONS = 2.0


@dataclass(frozen=True, slots=True)
class Slot:
    """One thing that is polled again and again: an API of an operation."""

    operation: str
    api: str


class Turn(NamedTuple):
    """A slot whose time has come; `missed` turns were lost because its lane was busy for so long.

    `number` tells it from a turn of the same slot that was removed and added again.
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
    offered: bool = False
    ready: list[tuple[int, float, int]] = field(default_factory=list)


class Timetable:
    """Hands out turns, one at a time per lane, the most important API first.

    The next turn of a slot is told by whoever took the last one (`give_back`), measured from the start of the
    poll: the duration of polls does not add up to a drift, and a late poll is not made up for by a burst.
    """

    def __init__(self) -> None:
        self._entries: dict[int, _Entry] = {}
        self._numbers: dict[Slot, int] = {}
        self._lanes: dict[Lane, _LaneState] = {}
        self._waiting: list[tuple[float, int]] = []
        self._open: deque[Lane] = deque()
        self._count = itertools.count()

    def add(self, slot: Slot, *, lane: Lane, interval: float, due: float) -> None:
        """Put a slot on the timetable; `interval` in seconds, `due` is the monotonic time of its first turn.

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
        """Take slots off the timetable; a turn that is out keeps its lane until it is given back.

        Raises KeyError when one is not on it.
        """
        for slot in slots:
            del self._entries[self._numbers.pop(slot)]
        used = {entry.lane for entry in self._entries.values()}
        self._lanes = {lane: state for lane, state in self._lanes.items() if state.busy or lane in used}
        self._open = deque(lane for lane in self._open if lane in self._lanes)

    def take(self, now: float, awake_since: float = float("-inf")) -> Turn | None:
        """Return the next turn whose time has come and whose lane is free, and occupy the lane; else None.

        Turns before `awake_since` were not missed because of a busy lane: the machine slept.
        """
        self._wake(now)
        while self._open:
            lane = self._open.popleft()
            state = self._lanes[lane]
            state.offered = False
            while state.ready:
                _, _, number = heapq.heappop(state.ready)
                entry = self._entries.get(number)
                if entry is not None:
                    state.busy = True
                    missed = int((now - max(entry.due, awake_since)) // entry.interval)
                    return Turn(entry.slot, missed, lane, number)
        return None

    def give_back(self, turn: Turn, due: float) -> None:
        """End a turn, free its lane, and set the monotonic time of the slot's next turn."""
        entry = self._entries.get(turn.number)
        if entry is not None:
            entry.due = due
            heapq.heappush(self._waiting, (due, turn.number))
        state = self._lanes[turn.lane]
        state.busy = False
        self._offer(turn.lane, state)

    def turns(self) -> Mapping[Slot, float]:
        """Return the monotonic time of each slot's turn; one that is under way still has the time it had."""
        return {entry.slot: entry.due for entry in self._entries.values()}

    def next_due(self) -> float | None:
        """Return the monotonic time at which `take` is worth asking again unless a turn is given back before.

        It lies in the past when a turn can be taken at once; None when nothing waits for its time.
        """
        if self._open:
            return float("-inf")
        return self._waiting[0][0] if self._waiting else None

    def _wake(self, now: float) -> None:
        """Move the slots whose time has come from the waiting heap to the queue of their lane."""
        while self._waiting and self._waiting[0][0] <= now:
            due, number = heapq.heappop(self._waiting)
            entry = self._entries.get(number)
            if entry is None:
                continue
            state = self._lanes[entry.lane]
            heapq.heappush(state.ready, (RANK[entry.slot.api], due, number))
            self._offer(entry.lane, state)

    def _offer(self, lane: Lane, state: _LaneState) -> None:
        if state.ready and not state.busy and not state.offered:
            state.offered = True
            self._open.append(lane)


def spread(index: int, total: int, interval: float) -> float:
    """Return the seconds by which the first polls of operation `index` of `total` are put off.

    A few operations start close together, so that their figures are there at once; thousands are spread over
    their interval, so that the calls keep coming evenly.
    """
    return index * min(_LONGEST_GAP_BETWEEN_OPERATIONS, interval / max(total, 1))
