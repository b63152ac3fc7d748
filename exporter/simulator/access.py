"""Who may call now: calls in flight of each token, and the day's calls of each operation.

Limits from the vendor's pages: two calls of a token at once, licences x 1000 calls a day over all tokens of
the operation. A refused call costs nothing.
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
"""Whether the caller has hung up. It also stands for the call itself: a connection has one at a time."""


@dataclass(frozen=True, slots=True)
class Usage:
    """The day's calls of an operation: of each of its tokens and of other people, and the limit."""

    by_token: dict[str, int]
    others: int
    limit: int

    @property
    def total(self) -> int:
        """The calls of the whole operation."""
        return sum(self.by_token.values()) + self.others


class Access:
    """Counts calls in flight and calls of the day. Safe for threads."""

    def __init__(self, others_use_per_hour: float = 0.0) -> None:
        self._others_use_per_hour = others_use_per_hour
        self._lock = Lock()
        self._in_flight: dict[str, list[Gone]] = defaultdict(list)
        self._days: dict[str, int] = {}
        self._used: dict[str, dict[str, int]] = {}

    def enter(self, token: str, gone: Gone) -> int:
        """Return how many calls of the token are in flight, now that this one is.

        A call whose caller has hung up is over: a client that gave up and calls again is not taken for two.
        """
        with self._lock:
            calls = self._in_flight[token]
            calls[:] = [other for other in calls if not other()]
            calls.append(gone)
            return len(calls)

    def leave(self, token: str, gone: Gone) -> None:
        """Take a call out of flight. May be called again."""
        with self._lock:
            if gone in self._in_flight[token]:
                self._in_flight[token].remove(gone)

    def usage(self, operation: SimulatedOperation, now: float) -> Usage:
        """Return the calls since the operation's local midnight at the real time `now` (Unix seconds)."""
        with self._lock:
            return self._usage(operation, now)

    def spend(self, operation: SimulatedOperation, token: str, now: float) -> bool:
        """Return whether there was room for one more call of the day, which is counted then."""
        with self._lock:
            usage = self._usage(operation, now)
            if usage.total >= usage.limit:
                return False
            usage.by_token[token] += 1
            return True

    def set_used(self, operation: SimulatedOperation, token: str, calls: int, now: float) -> None:
        """Set how many calls a token has made today. Raises KeyError for a token of another operation."""
        if token not in operation.tokens:
            raise KeyError(token)
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
