"""Who may ask now: requests in flight of each token and the day's calls of each operation.

Limits from the vendor's pages: two requests of a token at once, licences x 1000 calls a day over all tokens
of the operation. A refused call costs nothing.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from zoneinfo import ZoneInfo

from exporter.simulator.settings import SimulatedOperation

AT_ONCE = 2

Gone = Callable[[], bool]
"""Says whether the client of a request has hung up."""


@dataclass(frozen=True, slots=True)
class Usage:
    """The day's calls of an operation: of each of its tokens, of other people, and the limit."""

    by_token: dict[str, int]
    others: int
    limit: int

    @property
    def total(self) -> int:
        """Return the calls of the whole operation."""
        return sum(self.by_token.values()) + self.others


class Presence:
    """One request in flight. `leave` may be called often."""

    def __init__(self, access: "Access", token: str, gone: Gone) -> None:
        self._access = access
        self.token = token
        self.gone = gone
        self.in_flight = 0

    def leave(self) -> None:
        """Take the request out of flight."""
        self._access.leave(self)


class Access:
    """Counts requests in flight and calls of the day. Safe for threads."""

    def __init__(self, others_use_per_hour: float = 0.0) -> None:
        self._others_use_per_hour = others_use_per_hour
        self._lock = Lock()
        self._present: dict[str, list[Presence]] = defaultdict(list)
        self._most: dict[str, int] = defaultdict(int)
        self._days: dict[str, int] = {}
        self._used: dict[str, dict[str, int]] = {}

    def enter(self, token: str, gone: Gone = lambda: False) -> Presence:
        """Put a request in flight; its `in_flight` says how many the token has now, itself included.

        A request whose client has hung up is over: it leaves first, so that a client that gave up and asks
        again is not taken for two.
        """
        presence = Presence(self, token, gone)
        with self._lock:
            present = self._present[token]
            present[:] = [other for other in present if not other.gone()]
            present.append(presence)
            presence.in_flight = len(present)
            self._most[token] = max(self._most[token], len(present))
        return presence

    def leave(self, presence: Presence) -> None:
        """Take a request out of flight."""
        with self._lock:
            present = self._present[presence.token]
            if presence in present:
                present.remove(presence)

    def max_in_flight(self, token: str | None = None) -> int:
        """Return the most requests that a token (None: any) ever had in flight, refused ones included."""
        with self._lock:
            return max(self._most.values(), default=0) if token is None else self._most.get(token, 0)

    def forget_most(self) -> None:
        """Start counting the most requests in flight again."""
        with self._lock:
            self._most.clear()

    def usage(self, operation: SimulatedOperation, now: float) -> Usage:
        """Return the calls since the operation's local midnight of real time `now` (Unix seconds)."""
        with self._lock:
            return self._usage(operation, now)

    def spend(self, operation: SimulatedOperation, token: str, now: float) -> bool:
        """Count one call, or return False when the day is used up."""
        with self._lock:
            usage = self._usage(operation, now)
            if usage.total >= usage.limit:
                return False
            usage.by_token[token] += 1
            return True

    def set_used(self, operation: SimulatedOperation, token: str, calls: int, now: float) -> None:
        """Say how many calls of today a token has made."""
        with self._lock:
            self._usage(operation, now).by_token[token] = calls

    def _usage(self, operation: SimulatedOperation, now: float) -> Usage:
        local = datetime.fromtimestamp(now, ZoneInfo(operation.timezone))
        if self._days.get(operation.name) != local.toordinal():
            self._days[operation.name] = local.toordinal()
            self._used[operation.name] = dict.fromkeys(operation.tokens, 0)
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        others = int((now - midnight.timestamp()) / 3600 * self._others_use_per_hour)
        return Usage(self._used[operation.name], others, operation.limit)
