"""The last polls of every campaign, for small charts: bounded, in memory, lost with the process."""

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

MAX_ANSWERS = 96
"""Answers of `campaigns` that are kept of an operation: eight hours, polled every five minutes."""

MAX_CAMPAIGNS = 20_000
"""Campaigns of all operations that are remembered; about 2 KB each."""

_SAME_ANSWER_SECONDS = 0.001
"""Unix times of one answer differ by less: that of an answer from the store is rounded."""

_UNKNOWN_CODE = 2
"""The code of an unknown state, beside 0 and 1."""

Unknown = TypeVar("Unknown", float, None)

Key = tuple[str, str]
"""Campaign id, or name where there is none, and skill id."""


@dataclass(frozen=True, slots=True)
class CampaignSeries:
    """The figures of a campaign over time, one for each kept answer; None is "not known"."""

    running: tuple[bool | None, ...]
    records_left: tuple[float | None, ...]
    calls_per_minute: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class OperationSeries:
    """The figures of an operation over time; `at` are the monotonic times of the answers, the oldest first.

    `calls_per_minute` is the sum over the campaigns for which it is known, None without any.
    """

    at: tuple[float, ...] = ()
    calls_per_minute: tuple[float | None, ...] = ()
    campaigns: Sequence[CampaignSeries | None] = ()


class _StoredCampaign:
    """One campaign's figures, from answer number `first` on without a gap."""

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
        """Add the row of answer `number`; the answers since the last one had none."""
        missing = number - self.end
        self.running.extend([_UNKNOWN_CODE] * missing)
        self.left.extend([math.nan] * missing)
        self.calls.extend([math.nan] * missing)
        running = campaigns.API.value(row, "status")
        self.running.append(_UNKNOWN_CODE if running is None else running == 1)
        self.left.append(_figure(campaigns.API.value(row, "clean"), math.nan))
        self.calls.append(_figure(campaigns.API.value(row, "calls_x_min"), math.nan))

    def forget(self, before: int) -> bool:
        """Drop the answers before number `before`; return whether nothing is left."""
        old = min(max(before - self.first, 0), len(self.running))
        del self.running[:old], self.left[:old], self.calls[:old]
        self.first += old
        return not self.running

    def series(self, first: int, end: int) -> CampaignSeries:
        """Return the figures of the answers from number `first` up to, but not including, `end`."""
        before = max(self.first - first, 0)
        skipped = max(first - self.first, 0)
        after = end - max(self.end, first)

        def padded(values: Iterable[float | None]) -> tuple[float | None, ...]:
            return (*[None] * before, *values, *[None] * after)

        running = [None if state == _UNKNOWN_CODE else bool(state) for state in self.running[skipped:]]
        return CampaignSeries(
            (*[None] * before, *running, *[None] * after),
            padded(_known(self.left[skipped:])),
            padded(_known(self.calls[skipped:])),
        )


class _StoredOperation:
    def __init__(self) -> None:
        self.first = 0
        self.at: list[float] = []
        self.wall = -math.inf
        self.calls: list[float | None] = []
        self.campaigns: dict[Key, _StoredCampaign] = {}

    @property
    def end(self) -> int:
        return self.first + len(self.at)

    def forget(self, kept: int) -> int:
        """Drop all but the last `kept` answers; return how many campaigns are forgotten with them."""
        first = self.end - kept
        del self.at[: first - self.first], self.calls[: first - self.first]
        self.first = first
        gone = [key for key, campaign in self.campaigns.items() if campaign.forget(first)]
        for key in gone:
            del self.campaigns[key]
        return len(gone)


class History:
    """Keeps the last answers of `campaigns` of all operations; may be used by any number of threads."""

    def __init__(self, max_answers: int = MAX_ANSWERS, max_campaigns: int = MAX_CAMPAIGNS) -> None:
        self._max_answers = max_answers
        self._free = max_campaigns
        self._operations: dict[str, _StoredOperation] = {}
        self._lock = threading.Lock()

    def note(self, snapshot: OperationSnapshot) -> None:
        """Add the snapshot's answer of `campaigns`, unless it was added before."""
        listing = snapshot.listing(campaigns.NAME)
        if listing is None:
            return
        with self._lock:
            operation = self._operations.setdefault(snapshot.operation, _StoredOperation())
            if operation.at and (
                listing.at.monotonic <= operation.at[-1]
                or abs(listing.at.wall - operation.wall) < _SAME_ANSWER_SECONDS
            ):
                return
            self._add(operation, listing.rows)
            operation.at.append(listing.at.monotonic)
            operation.wall = listing.at.wall
            # Not at every answer: moving the rest of each series costs more than keeping it twice.
            if len(operation.at) >= 2 * self._max_answers:
                self._free += operation.forget(self._max_answers)

    def _add(self, operation: _StoredOperation, rows: Iterable[Row]) -> None:
        number, total = operation.end, None
        for row in rows:
            key = (campaign_key(row), row.labels[2])
            calls = _figure(campaigns.API.value(row, "calls_x_min"), None)
            if calls is not None:
                total = calls + (total or 0.0)
            campaign = operation.campaigns.get(key)
            if campaign is None:
                if not self._free:
                    continue
                self._free -= 1
                campaign = operation.campaigns[key] = _StoredCampaign(number)
            campaign.add(number, row)
        operation.calls.append(total)

    def forget(self, operations: Iterable[str]) -> None:
        """Drop operations, such as those that a new configuration does not have."""
        with self._lock:
            for name in operations:
                gone = self._operations.pop(name, None)
                self._free += len(gone.campaigns) if gone else 0

    def series(self, operation: str, campaigns: Sequence[Key] = ()) -> OperationSeries:
        """Return the series of an operation and of some of its campaigns; None for one that is not kept.

        A campaign whose skill is not in the answers is found without it.
        """
        with self._lock:
            known = self._operations.get(operation)
            if known is None:
                return OperationSeries(campaigns=[None] * len(campaigns))
            first = max(known.end - self._max_answers, known.first)
            found = [known.campaigns.get(key) or known.campaigns.get((key[0], "")) for key in campaigns]
            return OperationSeries(
                tuple(known.at[first - known.first :]),
                tuple(known.calls[first - known.first :]),
                [campaign.series(first, known.end) if campaign else None for campaign in found],
            )


def _figure(value: Value | None, unknown: Unknown) -> float | Unknown:
    return value if isinstance(value, float) else unknown


def _known(values: Iterable[float]) -> Iterable[float | None]:
    # Single precision is enough for a chart, but its last digits mean nothing.
    return (None if math.isnan(value) else round(value, 3) for value in values)
