"""State in memory, lost with the process: for the demo, and behind a store that may be unavailable."""

import secrets
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from exporter.state.store import Changes, Health, Lease

_KEPT_DAYS = 2


@dataclass(slots=True)
class _Scope:
    """The records of one scope with their versions."""

    version: int = 0
    records: dict[str, tuple[int, bytes]] = field(default_factory=dict)


class MemoryStore:
    """A store in memory; `monotonic` returns seconds, as `time.monotonic`. It never raises StateError."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self.identity = f"memory {secrets.token_hex(8)}"
        """What names the data, which no other process shares."""
        self._lock = threading.Lock()
        self._fence = 0
        self._leases: dict[str, tuple[int, float]] = {}
        self._counts: dict[str, dict[str, int]] = {}
        self._scopes: dict[str, _Scope] = {}

    def acquire(self, key: str, seconds: float) -> Lease | None:
        """Take the lease of a key for `seconds`; None while another holder has it."""
        with self._lock:
            now = self._monotonic()
            if key in self._leases and now < self._leases[key][1]:
                return None
            self._fence += 1
            self._leases[key] = (self._fence, now + seconds)
            return Lease(key, self._fence)

    def release(self, lease: Lease) -> None:
        """Release a lease, if the holder still has it."""
        with self._lock:
            if self._leases.get(lease.key, (None, 0.0))[0] == lease.fence:
                del self._leases[lease.key]

    def write(
        self,
        lease: Lease,
        scope: str,
        records: Mapping[str, bytes],
        *,
        count_day: str | None = None,
        calls: int = 1,
    ) -> int | None:
        """Replace records and count calls; None when the holder no longer has the lease."""
        with self._lock:
            fence, end = self._leases.get(lease.key, (None, 0.0))
            if fence != lease.fence or self._monotonic() >= end:
                return None
            kept = self._scopes.setdefault(scope, _Scope())
            kept.version += 1
            kept.records.update({name: (kept.version, data) for name, data in records.items()})
            if count_day is not None:
                days = self._counts.get(lease.key, {})
                days[count_day] = days.get(count_day, 0) + calls
                kept_days = {*sorted(days)[-_KEPT_DAYS:], count_day}
                self._counts[lease.key] = {day: days[day] for day in kept_days}
            return kept.version

    def count(self, key: str, day: str) -> int:
        """Return the calls counted for a key on a day."""
        with self._lock:
            return self._counts.get(key, {}).get(day, 0)

    def changes(self, scope: str, since: int) -> Changes:
        """Return the records of a scope that are newer than version `since`."""
        with self._lock:
            kept = self._scopes.get(scope, _Scope())
            newer = {name: data for name, (version, data) in kept.records.items() if version > since}
            return Changes(kept.version, newer)

    def read(self, scope: str, names: Collection[str]) -> Mapping[str, bytes]:
        """Return those of the named records that exist."""
        with self._lock:
            kept = self._scopes.get(scope)
            return {name: kept.records[name][1] for name in names if name in kept.records} if kept else {}

    def health(self) -> Health:
        """Return that memory is up, as always."""
        return Health(up=True, losses=0)

    def close(self) -> None:
        """Close nothing: memory needs no release."""
