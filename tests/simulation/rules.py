"""The rules of traffic to the vendor, held against every call of a simulation."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from exporter.apis import BY_NAME
from exporter.config import Operation
from exporter.polling.timetable import Turn
from exporter.snapshot import OperationSnapshot
from exporter.traffic.budget import LOOK_SECONDS
from exporter.wolkvox import Cause
from scripts.virtual_time import VirtualTime
from simulation.replica import Replica
from simulation.vendor import Flight, Vendor

TOLERANCE = 8.0
"""Seconds by which the clocks of two replicas differ at the most, and a little more."""

Key = tuple[str, str, str]


@dataclass(slots=True)
class _Day:
    """What happened to one token on one day of its tenant."""

    calls: int = 0
    closed: bool = False
    looked: float = -math.inf
    real_time_skipped: float | None = None
    lenient: bool = False


@dataclass(slots=True)
class Tally:
    """What a simulation has seen, so that a test can tell that it has seen enough."""

    calls: int = 0
    retries: int = 0
    skipped: int = 0
    refused: int = 0
    late: int = 0
    alone: int = 0
    elsewhere: int = 0
    by_process: set[tuple[str, int]] = field(default_factory=set)


class Rules:
    """Holds the rules against calls; `violations` says what was broken, in words."""

    def __init__(self, time: VirtualTime, operations: Sequence[Operation]) -> None:
        self.violations: list[str] = []
        self.tally = Tally()
        self.vendor: Vendor
        self._time = time
        self._by_url = {operation.base_url: operation for operation in operations}
        self._operations = {operation.name: operation for operation in operations}
        self._last: dict[Key, Flight] = {}
        self._lost_at = 0.0
        self._alone_at: dict[tuple[str, int], float] = {}
        self._last_of_process: dict[tuple[tuple[str, int], Key], Flight] = {}
        self._days: dict[tuple[str, str], _Day] = defaultdict(_Day)
        self._limits: dict[str, list[tuple[float, float]]] = defaultdict(list)
        self._clear_since: dict[str, float] = defaultdict(float)
        self._hindered: dict[tuple[str, str], float] = {}
        self._waiting: dict[tuple[str, int, str, str], Flight] = {}

    def disturbed(self, token: str | None = None) -> None:
        """Note that a fault is active now, for one token or for all."""
        for operation in self._operations.values():
            if token in {None, operation.token.read()}:
                self._clear_since[operation.name] = self._time.now

    def state_lost(self) -> None:
        """Note that the shared store has forgotten everything: today's count is not known any more."""
        self._lost_at = self._time.now
        for token in self.vendor.tenants:
            self._day(token).lenient = True

    def begun(self, flight: Flight, others: Sequence[Flight]) -> None:
        """Hold the rules against a call that begins while others of its token are open."""
        self.tally.calls += 1
        self.tally.by_process.add(flight.process)
        self.tally.alone += flight.alone
        operation = self._by_url[flight.base_url]
        self._hindered[operation.name, flight.api] = self._time.now
        if flight.late:
            # Frozen between the note that it will call and the call: it makes this one, at most.
            self.tally.late += 1
            return
        self._one_at_a_time(flight, others)
        self._not_too_soon(flight, operation)
        self._within_budget(flight, operation)

    def ended(self, flight: Flight) -> None:
        """Note what the vendor has told the caller."""
        self.tally.refused += flight.cause is Cause.QUOTA
        operation = self._by_url[flight.base_url]
        if flight.told is not None:
            # Also what one was told while the store was away: the others get to know it afterwards.
            self._days[flight.token, flight.day].real_time_skipped = None
        if flight.thread not in flight.replica.late:
            self._waiting[*flight.process, operation.name, flight.api] = flight

    def polled(self, replica: Replica, turn: Turn, before: OperationSnapshot) -> None:
        """Note how a turn has ended for the replica."""
        operation = self._operations[turn.slot.operation]
        api = turn.slot.api
        token = operation.token.read()
        after = replica.service._snapshots.current()[operation.name]
        day = self._day(token)
        gained = {
            reason: count - before.polls[api].skipped[reason]
            for reason, count in after.polls[api].skipped.items()
        }
        self.tally.elsewhere += gained["lease"]
        if gained["quota"]:
            self.tally.skipped += 1
            self._hindered[operation.name, api] = self._time.now
            if api == "campaigns" and not replica.alone:
                day.real_time_skipped = self._time.now
        flight = self._waiting.pop((replica.name, replica.started, turn.slot.operation, api), None)
        if flight is not None and not flight.late and not replica.alone:
            self._landed(flight)

    def _landed(self, flight: Flight) -> None:
        """Note what the exporter knows from now on, because a call's outcome was stored and shared."""
        day = self._days[flight.token, flight.day]
        if flight.cause is Cause.QUOTA:
            day.closed, day.looked = True, max(day.looked, flight.start)
        elif flight.cause is None and flight.told is None:
            # It looked for room, and there is some.
            day.closed, day.real_time_skipped = False, None
        if flight.told is not None:
            limit, used = flight.told
            self._limits[flight.token].append((self._time.now, limit))
            if used < limit:
                day.closed = False

    def look(self) -> None:
        """Find operations that have waited too long for no reason."""
        for operation in self._operations.values():
            for api in operation.enabled():
                if BY_NAME[api].by_campaign:
                    continue  # they wait for a campaign that dials
                interval = operation.apis[api].interval
                since = max(self._hindered.get((operation.name, api), 0.0), self._clear_since[operation.name])
                if self._time.now - since > 2 * interval + TOLERANCE:
                    self._broken(f"{operation.name} {api} was not polled since {since:.0f}")
                    self._hindered[operation.name, api] = self._time.now

    def _one_at_a_time(self, flight: Flight, others: Sequence[Flight]) -> None:
        for other in others:
            if not (flight.alone or other.alone or other.late):
                self._broken(f"{_name(flight)} begins during {_name(other)} of {other.start:.0f}")

    def _not_too_soon(self, flight: Flight, operation: Operation) -> None:
        key = (operation.name, flight.api, flight.campaign)
        interval = operation.apis[flight.api].interval
        own = self._last_of_process.get((flight.process, key))
        last = self._last.get(key)
        # What one has called while the store was away, or just before it forgot it, the others may not know.
        shared = last is not None and not (last.alone or flight.alone) and last.start > self._lost_at
        if flight.alone:
            self._alone_at[flight.process] = self._time.now
        # Whose codes were asked for is one record: of two made apart from each other the newer one stays.
        if flight.campaign and self._time.now - self._alone_at.get(flight.process, -math.inf) < 2 * interval:
            shared = False
        for before in {id(f): f for f in (own, last if shared else None) if f is not None}.values():
            gap = flight.start - before.start
            if gap >= interval - TOLERANCE:
                continue
            flight.retry = True
            allowed = before.cause is Cause.CONNECTION and gap >= 0.1 * interval - TOLERANCE
            if before.retry or not allowed:
                self._broken(f"{_name(flight)} only {gap:.0f} s after {_name(before)}, {before.cause}")
        self.tally.retries += flight.retry
        self._last[key] = flight
        self._last_of_process[flight.process, key] = flight

    def _within_budget(self, flight: Flight, operation: Operation) -> None:
        day = self._day(flight.token)
        day.calls += not flight.alone
        if flight.alone or day.lenient:
            return
        # Nothing that the meter has told keeps it from being read again.
        limited = flight.api != "token_info" or operation.daily_limit is not None
        if (
            limited and day.calls > self._cap(operation) + 2
        ):  # clocks that differ see midnight at different times
            self._broken(f"{_name(flight)} is call {day.calls} of at most {self._cap(operation)}")
        if day.closed:
            if self._time.now - day.looked < LOOK_SECONDS - TOLERANCE:
                self._broken(f"{_name(flight)} although the vendor had closed the day at {day.looked:.0f}")
            day.looked = self._time.now
        if flight.api in {"campaigns", "token_info"} or day.real_time_skipped is None:
            return
        # Around midnight the day of one replica's clock may not be that of another's.
        if self._time.now - day.real_time_skipped > TOLERANCE:
            self._broken(f"{_name(flight)} although campaigns was skipped at {day.real_time_skipped:.0f}")

    def _cap(self, operation: Operation) -> float:
        sharing = [o for o in self._operations.values() if o.token.read() == operation.token.read()]
        reserve = max(o.quota_reserve for o in sharing)
        limits = [o.daily_limit for o in sharing if o.daily_limit is not None]
        if limits:
            return math.floor(min(limits) * (1 - reserve))
        told = self._limits[operation.token.read()]
        recent = self._time.now - 2 * operation.apis["token_info"].interval
        known = [limit for at, limit in told if at >= recent] + [limit for _, limit in told[-1:]]
        return math.floor(max(known) * (1 - reserve)) if known else math.inf

    def _day(self, token: str) -> _Day:
        return self._days[token, self.vendor.today(token)]

    def _broken(self, what: str) -> None:
        if len(self.violations) < 20:
            self.violations.append(f"{self._time.now:.0f}: {what}")


def _name(flight: Flight) -> str:
    process = f"{flight.process[0]}#{flight.process[1]}"
    return f"{flight.base_url} {flight.api} {flight.campaign} by {process}"
