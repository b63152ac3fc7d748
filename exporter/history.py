"""The last polls of every campaign, for small charts: bounded, in memory, forgotten with the process."""

import math
import threading
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from exporter.apis import campaigns
from exporter.families import Value
from exporter.snapshot import OperationSnapshot, Row
from exporter.snapshot.model import campaign_key

POLLS_KEPT = 96
"""Answers of `campaigns` that are kept of an operation: eight hours, polled every five minutes."""

MOST_CAMPAIGNS = 20_000
"""Campaigns of all operations that are remembered; about 2 KB each."""

_SAME_ANSWER = 0.001
"""Seconds between two Unix times that are the same but for their rounding, as of an answer from the store."""

_UNKNOWN = 2
"""What stands for an unknown state among 0 and 1."""

Unknown = TypeVar("Unknown", float, None)

Key = tuple[str, str]
"""Campaign id, or name where there is none, and skill id."""


@dataclass(frozen=True, slots=True)
class Course:
    """How a campaign went, one entry for each remembered answer; None is "not known"."""

    running: tuple[bool | None, ...]
    records_left: tuple[float | None, ...]
    calls_per_minute: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class OperationCourse:
    """How an operation went: `at` are the monotonic times of the answers, the oldest first.

    `calls_per_minute` is the sum over the campaigns that told it, None where none did.
    """

    at: tuple[float, ...] = ()
    calls_per_minute: tuple[float | None, ...] = ()
    campaigns: Sequence[Course | None] = ()


class _Series:
    """One campaign's figures, from answer number `first` on without a hole."""

    __slots__ = ("calls", "first", "left", "running")

    def __init__(self, first: int) -> None:
        self.first = first
        self.running = bytearray()
        self.left = array("f")
        self.calls = array("f")

    @property
    def end(self) -> int:
        return self.first + len(self.running)

    def add(self, number: int, row: Row) -> None:
        """Note answer `number`, and that the answers between said nothing."""
        missing = number - self.end
        self.running.extend([_UNKNOWN] * missing)
        self.left.extend([math.nan] * missing)
        self.calls.extend([math.nan] * missing)
        running = campaigns.API.value(row, "status")
        self.running.append(_UNKNOWN if running is None else running == 1)
        self.left.append(_figure(campaigns.API.value(row, "clean"), math.nan))
        self.calls.append(_figure(campaigns.API.value(row, "calls_x_min"), math.nan))

    def forget(self, before: int) -> bool:
        """Drop the answers before number `before`; returns whether nothing is left."""
        old = min(max(before - self.first, 0), len(self.running))
        del self.running[:old], self.left[:old], self.calls[:old]
        self.first += old
        return not self.running

    def course(self, first: int, end: int) -> Course:
        """Return the answers from number `first` up to `end`."""
        before = max(self.first - first, 0)
        skipped = max(first - self.first, 0)
        after = end - max(self.end, first)

        def padded(values: Iterable[float | None]) -> tuple[float | None, ...]:
            return (*[None] * before, *values, *[None] * after)

        running = [None if state == _UNKNOWN else bool(state) for state in self.running[skipped:]]
        return Course(
            (*[None] * before, *running, *[None] * after),
            padded(_known(self.left[skipped:])),
            padded(_known(self.calls[skipped:])),
        )


class _Operation:
    def __init__(self) -> None:
        self.first = 0
        self.at: list[float] = []
        self.wall = -math.inf
        self.calls: list[float | None] = []
        self.series: dict[Key, _Series] = {}

    @property
    def end(self) -> int:
        return self.first + len(self.at)

    def forget(self, kept: int) -> int:
        """Drop all but the last answers; returns how many campaigns are forgotten with them."""
        first = self.end - kept
        del self.at[: first - self.first], self.calls[: first - self.first]
        self.first = first
        gone = [key for key, series in self.series.items() if series.forget(first)]
        for key in gone:
            del self.series[key]
        return len(gone)


class History:
    """Remembers the answers of `campaigns` of all operations; may be told and asked by any thread."""

    def __init__(self, polls: int = POLLS_KEPT, room: int = MOST_CAMPAIGNS) -> None:
        self._polls = polls
        self._room = room
        self._operations: dict[str, _Operation] = {}
        self._lock = threading.Lock()

    def note(self, snapshot: OperationSnapshot) -> None:
        """Remember the snapshot's answer of `campaigns` unless it is remembered already."""
        listing = snapshot.listing(campaigns.NAME)
        if listing is None:
            return
        with self._lock:
            operation = self._operations.setdefault(snapshot.operation, _Operation())
            if operation.at and (
                listing.at.monotonic <= operation.at[-1]
                or abs(listing.at.wall - operation.wall) < _SAME_ANSWER
            ):
                return
            self._add(operation, listing.rows)
            operation.at.append(listing.at.monotonic)
            operation.wall = listing.at.wall
            # Not at every answer: to move the rest of each series along costs more than to hold it twice.
            if len(operation.at) >= 2 * self._polls:
                self._room += operation.forget(self._polls)

    def _add(self, operation: _Operation, rows: Iterable[Row]) -> None:
        number, total = operation.end, None
        for row in rows:
            key = (campaign_key(row), row.labels[2])
            calls = _figure(campaigns.API.value(row, "calls_x_min"), None)
            if calls is not None:
                total = calls + (total or 0.0)
            series = operation.series.get(key)
            if series is None:
                if not self._room:
                    continue
                self._room -= 1
                series = operation.series[key] = _Series(number)
            series.add(number, row)
        operation.calls.append(total)

    def forget(self, operations: Iterable[str]) -> None:
        """Forget operations, such as those that a new configuration does not have."""
        with self._lock:
            for name in operations:
                gone = self._operations.pop(name, None)
                self._room += len(gone.series) if gone else 0

    def course(self, operation: str, campaigns: Sequence[Key] = ()) -> OperationCourse:
        """Return how an operation and some of its campaigns went; None for a campaign that is not remembered.

        A campaign whose skill `campaigns` does not tell is found without it.
        """
        with self._lock:
            known = self._operations.get(operation)
            if known is None:
                return OperationCourse(campaigns=[None] * len(campaigns))
            first = max(known.end - self._polls, known.first)
            found = [known.series.get(key) or known.series.get((key[0], "")) for key in campaigns]
            return OperationCourse(
                tuple(known.at[first - known.first :]),
                tuple(known.calls[first - known.first :]),
                [series.course(first, known.end) if series else None for series in found],
            )


def _figure(value: Value | None, unknown: Unknown) -> float | Unknown:
    return value if isinstance(value, float) else unknown


def _known(values: Iterable[float]) -> Iterable[float | None]:
    # Single precision is enough for a chart, but its last digits mean nothing.
    return (None if math.isnan(value) else round(value, 3) for value in values)
