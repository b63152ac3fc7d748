"""A store that may become unavailable: the exporter then continues in memory, and updates it afterwards.

What is written while the store is unavailable is kept, the last of each record, and written to the store when
it is available again, unless another process has written something newer meanwhile. To compare them, each
record in the store begins with the Unix time at which it was written.
"""

import contextlib
import logging
import struct
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from exporter.clock import Clock
from exporter.state.memory import MemoryStore
from exporter.state.store import Changes, Health, Lease, StateError, StateReplacedError, Store
from exporter.time_limit import ThreadError, call_within

_log = logging.getLogger(__name__)

T = TypeVar("T")

_LIMIT_SECONDS = 5.0
"""How long anybody waits for the store: longer than SQLite and Redis need to say that they cannot answer."""

_REPLAY_LEASE_SECONDS = 30.0
_MIN_PAUSE_SECONDS, _MAX_PAUSE_SECONDS = 1.0, 30.0
_STAMP = struct.Struct(">d")


class _Unavailable(Exception):  # noqa: N818 - no error outside of this module
    """The store is unavailable."""


@dataclass(slots=True)
class _Pending:
    """What was written for a key while the store was unavailable: stamped records by scope, calls by day."""

    records: dict[str, dict[str, bytes]] = field(default_factory=dict)
    calls: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _HeldLease:
    """A lease that was handed out, which is that in memory, and that of the store where it was available."""

    in_memory: Lease
    in_store: Lease | None


class ResilientStore:
    """The store that `opener` opens, with memory behind it; never raises StateError, never waits for long.

    The store is opened at the first use, and again when it was lost, by a thread of its own; whatever is
    asked of it may hang, and is left behind then. Without threads (`watch=False`) all of it is done by the
    caller, who calls `reconnect`.
    """

    def __init__(self, opener: Callable[[], Store], clock: Clock, *, watch: bool = True) -> None:
        self._opener = opener
        self._clock = clock
        self._watch = watch
        self._memory = MemoryStore(lambda: clock.now().monotonic)
        self._lock = threading.RLock()
        self._store: Store | None = None
        # Set once it is known whether the store can be opened.
        self._tried = threading.Event()
        self._losses = 0
        self._reason = ""
        self._lost_at = 0.0
        self._lost_store: Store | None = None
        self._replaced_at = float("-inf")
        self._held: dict[str, _HeldLease] = {}
        self._unreleased: dict[str, Lease] = {}
        self._pending: dict[str, _Pending] = {}
        self._counts: dict[str, tuple[str, int]] = {}
        self._closed = threading.Event()
        self._watcher: threading.Thread | None = None

    def acquire(self, key: str, seconds: float) -> Lease | None:
        """Take the lease of a key for `seconds`, in the store too unless it is unavailable.

        None also while another process may still have a lease in data that were replaced.
        """
        if self._replaced_within(seconds):
            return None
        in_memory = self._memory.acquire(key, seconds)
        if in_memory is None:
            return None
        try:
            in_store = self._with_store(lambda store: self._acquire_in(store, key, seconds))
        except _Unavailable:
            in_store = None
            refused = self._replaced_within(seconds)
        else:
            refused = in_store is None
        if refused:
            self._memory.release(in_memory)
            return None
        with self._lock:
            self._held[key] = _HeldLease(in_memory, in_store)
            behind = key in self._pending
        if behind and in_store is not None:
            self._bring_up_to_date(key, in_store)
        return in_memory

    def release(self, lease: Lease) -> None:
        """Release a lease."""
        with self._lock:
            held = self._held.get(lease.key)
            if held is not None and held.in_memory == lease:
                del self._held[lease.key]
            else:
                held = None
        in_store = None if held is None else held.in_store
        if in_store is not None:
            try:
                self._with_store(lambda store: store.release(in_store))
            except _Unavailable:
                with self._lock:
                    self._unreleased[lease.key] = in_store
        self._memory.release(lease)

    def write(
        self,
        lease: Lease,
        scope: str,
        records: Mapping[str, bytes],
        *,
        count_day: str | None = None,
        calls: int = 1,
    ) -> int | None:
        """Write to the store; while it is unavailable keep what is to be written, and return version 0."""
        if self._memory.write(lease, scope, {}) is None:
            return None
        with self._lock:
            held = self._held.get(lease.key)
        in_store = held.in_store if held is not None and held.in_memory == lease else None
        stamp = _STAMP.pack(self._clock.now().wall)
        stamped = {name: stamp + data for name, data in records.items()}
        if in_store is not None:
            try:
                return self._with_store(
                    lambda store: store.write(in_store, scope, stamped, count_day=count_day, calls=calls)
                )
            except _Unavailable:
                pass
        with self._lock:
            pending = self._pending.setdefault(lease.key, _Pending())
            if stamped:
                pending.records.setdefault(scope, {}).update(stamped)
            if count_day is not None:
                pending.calls[count_day] = pending.calls.get(count_day, 0) + calls
            self._start_watching()
        return 0

    def count(self, key: str, day: str) -> int:
        """Return the calls counted for a key on a day; while the store is unavailable, those known."""
        try:
            counted = self._with_store(lambda store: store.count(key, day))
        except _Unavailable:
            with self._lock:
                known_day, known = self._counts.get(key, ("", 0))
                counted = known if known_day == day else 0
        with self._lock:
            self._counts[key] = (day, counted)
            pending = self._pending.get(key)
            return counted + (pending.calls.get(day, 0) if pending else 0)

    def changes(self, scope: str, since: int) -> Changes | None:
        """Return what is new in a scope; None while the store is unavailable or lacks our own writes."""
        with self._lock:
            behind = any(scope in pending.records for pending in self._pending.values())
        if behind:
            return None
        try:
            found = self._with_store(lambda store: store.changes(scope, since))
        except _Unavailable:
            return None
        return None if found is None else Changes(found.version, _unstamped(found.records))

    def read(self, scope: str, names: Collection[str]) -> Mapping[str, bytes]:
        """Return the named records that exist; while the store is unavailable, those written since."""
        try:
            found = self._with_store(lambda store: store.read(scope, names))
        except _Unavailable:
            found = {}
        with self._lock:
            ours = {
                name: data
                for pending in self._pending.values()
                for name, data in pending.records.get(scope, {}).items()
                if name in names
            }
        return _unstamped({**found, **ours})

    def health(self) -> Health:
        """Return the health of the store, which counts as up before its first use."""
        # Without the lock: a scrape must not wait.
        return Health(self._store is not None or not self._tried.is_set(), self._losses, self._reason)

    @property
    def identity(self) -> str:
        """What names the data of the store; "" while it is unavailable or not opened yet."""
        store = self._store
        return "" if store is None else store.identity

    def open(self) -> bool:
        """Open the store, unless that was done, and return whether it is available."""
        try:
            self._opened_store()
        except _Unavailable:
            return False
        return True

    def close(self) -> None:
        """Close the store; what has not been written to it by then is lost."""
        self._closed.set()
        with self._lock:
            stores = (self._store, self._lost_store)
            self._store = self._lost_store = None
            self._tried.set()
        for store in stores:
            if store is not None:
                with contextlib.suppress(StateError):
                    self._limited(store.close)

    def reconnect(self) -> bool:
        """Open the store again and bring it up to date, if possible; return whether nothing is left to do."""
        with self._lock:
            store, keys = self._store, list(self._pending)
            lost, self._lost_store = self._lost_store, None
        if lost is not None:
            lost.close()
        if store is not None:
            for key in keys:
                self._bring_up_to_date(key, None)
        else:
            try:
                store = self._opener()
                # Only a store that takes the pending writes is available: a full disk can be opened too.
                for key in keys:
                    self._replay(store, key, None)
            except StateError as error:
                if store is not None:
                    store.close()
                self._note_loss(None, error)
                return False
            self._note_opened(store)
        with self._lock:
            return self._store is not None and not self._pending

    def _with_store(self, action: Callable[[Store], T]) -> T:
        """Return what `action` does with the store; raises _Unavailable, also when it has just been lost."""
        store = self._opened_store()
        try:
            return self._limited(lambda: action(store))
        except StateError as error:
            self._note_loss(store, error)
            raise _Unavailable from None

    def _limited(self, action: Callable[[], T]) -> T:
        """Return what `action` returns; raises StateError when it takes too long."""
        if not self._watch:
            return action()
        try:
            return call_within(_LIMIT_SECONDS, action, "state-call")
        except TimeoutError:
            raise StateError(f"no answer within {_LIMIT_SECONDS:g} s") from None
        except ThreadError:
            raise StateError("no thread can be started") from None

    def _opened_store(self) -> Store:
        """Return the store, which is opened now where that was not tried yet; raises _Unavailable."""
        if not self._tried.is_set():
            self._open()
        store = self._store
        if store is None:
            raise _Unavailable
        return store

    def _open(self) -> None:
        """Open the store for the first time, or wait for the thread that does so."""
        if not self._watch:
            self.reconnect()
            return
        with self._lock:
            self._start_watching()
            reason = "no thread can be started" if self._watcher is None else ""
        if reason or not self._tried.wait(_LIMIT_SECONDS):
            self._note_loss(None, StateError(reason or f"cannot be opened within {_LIMIT_SECONDS:g} s"))

    def _note_loss(self, store: Store | None, error: StateError) -> None:
        """Note that the store cannot be used, or not be opened where it is None; logs the first time."""
        with self._lock:
            self._reason = str(error)
            known = self._store is not store or (store is None and self._tried.is_set())
            if known or self._closed.is_set():
                _log.debug("state store still unavailable", extra={"reason": str(error)})
                return
            now = self._clock.now().monotonic
            self._store, self._lost_store = None, store
            self._losses += 1
            self._lost_at = now
            if isinstance(error, StateReplacedError):
                self._replaced_at = now
            self._tried.set()
            self._start_watching()
        _log.warning("state store unavailable, continuing in memory", extra={"reason": str(error)})

    def _note_opened(self, store: Store) -> None:
        with self._lock:
            if self._closed.is_set():
                store.close()
                return
            was_lost = self._tried.is_set()
            self._store = store
            self._tried.set()
            seconds = self._clock.now().monotonic - self._lost_at
        if was_lost:
            _log.info("state store available again", extra={"seconds": round(seconds)})

    def _replaced_within(self, seconds: float) -> bool:
        """Return whether the data were replaced so lately that a lease of such a length may hold in them.

        Its holder is in the middle of a call and does not know that nobody else sees the lease.
        """
        return self._clock.now().monotonic < self._replaced_at + seconds

    def _bring_up_to_date(self, key: str, lease: Lease | None) -> None:
        """Write the pending writes of a key to the store, under the given lease or a new one."""
        with contextlib.suppress(_Unavailable):  # then the rest stays pending
            self._with_store(lambda store: self._replay(store, key, lease))

    def _acquire_in(self, store: Store, key: str, seconds: float) -> Lease | None:
        """Take the store's lease of a key, after releasing one that could not be released before."""
        unreleased = self._unreleased.get(key)
        if unreleased is not None:
            store.release(unreleased)
            with self._lock:
                self._unreleased.pop(key, None)
        return store.acquire(key, seconds)

    def _replay(self, store: Store, key: str, lease: Lease | None) -> None:
        used = lease or self._acquire_in(store, key, _REPLAY_LEASE_SECONDS)
        if used is None:
            return  # another process is in the middle of a call: later
        try:
            self._replay_under(store, used)
        finally:
            if lease is None:
                store.release(used)

    def _replay_under(self, store: Store, lease: Lease) -> None:
        with self._lock:
            pending = self._pending.get(lease.key, _Pending())
            records = {scope: dict(ours) for scope, ours in pending.records.items()}
            calls = dict(pending.calls)
        for scope, ours in records.items():
            theirs = store.read(scope, list(ours))
            newer = {
                name: data for name, data in ours.items() if _written_at(data) > _written_at(theirs.get(name))
            }
            if newer and store.write(lease, scope, newer) is None:
                return
            self._forget(lease.key, scope, ours)
        for day, number in sorted(calls.items()):
            if store.write(lease, "", {}, count_day=day, calls=number) is None:
                return
            self._forget(lease.key, calls={day: number})

    def _forget(
        self, key: str, scope: str = "", records: Mapping[str, bytes] = {}, calls: Mapping[str, int] = {}
    ) -> None:
        """Drop pending writes that have reached the store; what was written since stays pending."""
        with self._lock:
            pending = self._pending.get(key, _Pending())
            left = {n: d for n, d in pending.records.get(scope, {}).items() if records.get(n) != d}
            pending.records = {**pending.records, scope: left}
            pending.calls = {day: number - calls.get(day, 0) for day, number in pending.calls.items()}
            pending.records = {name: ours for name, ours in pending.records.items() if ours}
            pending.calls = {day: number for day, number in pending.calls.items() if number}
            if not pending.records and not pending.calls:
                self._pending.pop(key, None)

    def _start_watching(self) -> None:
        """Start the thread that reconnects, unless it runs; the caller holds the lock."""
        if self._watch and self._watcher is None and not self._closed.is_set():
            watcher = threading.Thread(target=self._watch_for_store, name="state", daemon=True)
            # Where no thread can be started now, the next write starts it.
            with contextlib.suppress(RuntimeError):
                watcher.start()
                self._watcher = watcher

    def _watch_for_store(self) -> None:
        pause = _MIN_PAUSE_SECONDS if self._tried.is_set() else 0.0
        while not self._closed.wait(pause):
            done = False
            try:
                done = self.reconnect()
            except Exception:  # noqa: BLE001 - a bug must not keep the store closed for ever
                _log.exception(
                    "unexpected error while reconnecting to the state store; please report this as a bug"
                )
            longer = min(max(pause * 2, _MIN_PAUSE_SECONDS), _MAX_PAUSE_SECONDS)
            pause = _MIN_PAUSE_SECONDS if self.health().up else longer
            with self._lock:
                if done and self._store is not None and not self._pending:
                    self._watcher = None
                    return


def _written_at(data: bytes | None) -> float:
    """Return the Unix time at which a record was written; a missing record counts as the oldest."""
    if data is None or len(data) < _STAMP.size:
        return float("-inf")
    (stamp,) = _STAMP.unpack_from(data)
    return float(stamp)


def _unstamped(records: Mapping[str, bytes]) -> Mapping[str, bytes]:
    return {name: data[_STAMP.size :] for name, data in records.items()}
