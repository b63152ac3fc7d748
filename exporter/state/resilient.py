"""A store that may go away: the exporter then goes on from memory, and brings it up to date afterwards.

What is written while the store is away is kept, the last of each record, and written to the store when it is
back, unless somebody else has written something newer there meanwhile. To tell what is newer, each record in
the store begins with the Unix time of its writing.
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
from exporter.state.store import Changes, Health, Lease, StateError, Store

_log = logging.getLogger(__name__)

T = TypeVar("T")

_REPLAY_SECONDS = 30.0
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0
_STAMP = struct.Struct(">d")


class _Away(Exception):  # noqa: N818 - not an error for anybody outside
    """The store is away."""


@dataclass(slots=True)
class _Kept:
    """What was written for one key while the store was away: stamped records by scope, calls by day."""

    records: dict[str, dict[str, bytes]] = field(default_factory=dict)
    calls: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Held:
    """A lease as it was given out, and the store's own; None when it was given while the store was away."""

    given: Lease
    own: Lease | None


class ResilientStore:
    """The store that `opener` opens, in front of memory; never raises StateError, never waits for long.

    Nothing is opened before the first use. When the store is lost, it is tried again in a thread of its own,
    without which (`watch=False`) the caller calls `look_again`.
    """

    def __init__(self, opener: Callable[[], Store], clock: Clock, *, watch: bool = True) -> None:
        self._opener = opener
        self._clock = clock
        self._watch = watch
        self._memory = MemoryStore(lambda: clock.now().monotonic)
        self._lock = threading.RLock()
        self._opening = threading.Lock()
        self._store: Store | None = None
        self._tried = False
        self._losses = 0
        self._lost_at = 0.0
        self._held: dict[str, _Held] = {}
        self._left: dict[str, Lease] = {}
        self._kept: dict[str, _Kept] = {}
        self._counts: dict[str, tuple[str, int]] = {}
        self._closed = threading.Event()
        self._watcher: threading.Thread | None = None

    def acquire(self, key: str, seconds: float) -> Lease | None:
        """Take the lease of a key for `seconds`, from the store too unless it is away."""
        given = self._memory.acquire(key, seconds)
        if given is None:
            return None
        try:
            own = self._ask(lambda store: self._take(store, key, seconds))
        except _Away:
            own = None
        else:
            if own is None:
                self._memory.release(given)
                return None
        with self._lock:
            self._held[key] = _Held(given, own)
            behind = key in self._kept
        if behind and own is not None:
            self._bring_up_to_date(key, own)
        return given

    def release(self, lease: Lease) -> None:
        """Give a lease back."""
        with self._lock:
            held = self._held.get(lease.key)
            if held is not None and held.given == lease:
                del self._held[lease.key]
            else:
                held = None
        own = None if held is None else held.own
        if own is not None:
            try:
                self._ask(lambda store: store.release(own))
            except _Away:
                with self._lock:
                    self._left[lease.key] = own
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
        """Write to the store; while it is away, to memory, with 0 for the version that is not known yet."""
        if self._memory.write(lease, scope, {}) is None:
            return None
        with self._lock:
            held = self._held.get(lease.key)
        own = held.own if held is not None and held.given == lease else None
        stamp = _STAMP.pack(self._clock.now().wall)
        stamped = {name: stamp + data for name, data in records.items()}
        if own is not None:
            try:
                return self._ask(
                    lambda store: store.write(own, scope, stamped, count_day=count_day, calls=calls)
                )
            except _Away:
                pass
        with self._lock:
            kept = self._kept.setdefault(lease.key, _Kept())
            if stamped:
                kept.records.setdefault(scope, {}).update(stamped)
            if count_day is not None:
                kept.calls[count_day] = kept.calls.get(count_day, 0) + calls
            self._start_watching()
        return 0

    def count(self, key: str, day: str) -> int:
        """Return the calls counted for a key on a day: as far as is known, while the store is away."""
        try:
            counted = self._ask(lambda store: store.count(key, day))
        except _Away:
            with self._lock:
                known_day, known = self._counts.get(key, ("", 0))
                counted = known if known_day == day else 0
        with self._lock:
            self._counts[key] = (day, counted)
            kept = self._kept.get(key)
            return counted + (kept.calls.get(day, 0) if kept else 0)

    def changes(self, scope: str, since: int) -> Changes | None:
        """Return what is new in a scope; None while the store is away or does not know our own news yet."""
        with self._lock:
            behind = any(scope in kept.records for kept in self._kept.values())
        if behind:
            return None
        try:
            found = self._ask(lambda store: store.changes(scope, since))
        except _Away:
            return None
        return None if found is None else Changes(found.version, _unstamped(found.records))

    def read(self, scope: str, names: Collection[str]) -> Mapping[str, bytes]:
        """Return those of the named records that are known; of an absent store, our own since then."""
        try:
            found = self._ask(lambda store: store.read(scope, names))
        except _Away:
            found = {}
        with self._lock:
            ours = {
                name: data
                for kept in self._kept.values()
                for name, data in kept.records.get(scope, {}).items()
                if name in names
            }
        return _unstamped({**found, **ours})

    def health(self) -> Health:
        """Tell how the store is; before its first use it is taken to be well."""
        # Without the lock: a scrape waits for nobody.
        return Health(self._store is not None or not self._tried, self._losses)

    def close(self) -> None:
        """Close the store; what has not been written to it by then is lost."""
        self._closed.set()
        with self._lock:
            store, self._store, self._tried = self._store, None, True
        if store is not None:
            store.close()

    def look_again(self) -> bool:
        """Try to get the store back and to bring it up to date; tell whether nothing is left to do."""
        with self._lock:
            store, keys = self._store, list(self._kept)
        if store is not None:
            for key in keys:
                self._bring_up_to_date(key, None)
        else:
            try:
                store = self._opener()
                # Only a store that takes what it has missed is back: a full disk can be opened too.
                for key in keys:
                    self._replay(store, key, None)
            except StateError as error:
                if store is not None:
                    store.close()
                _log.debug("state store still away", extra={"reason": str(error)})
                return False
            self._found(store)
        with self._lock:
            return self._store is not None and not self._kept

    def _ask(self, question: Callable[[Store], T]) -> T:
        """Return the store's answer; raises _Away when it is away, or has just been lost."""
        store = self._present()
        try:
            return question(store)
        except StateError as error:
            self._lost(store, error)
            raise _Away from None

    def _present(self) -> Store:
        """Return the store, opened now if it was never tried."""
        if not self._tried:
            with self._opening:
                self._open()
        store = self._store
        if store is None:
            raise _Away
        return store

    def _open(self) -> None:
        if self._tried:
            return  # another thread was quicker
        try:
            self._store = self._opener()
        except StateError as error:
            self._lost(None, error)
        self._tried = True

    def _lost(self, store: Store | None, error: StateError) -> None:
        with self._lock:
            if self._store is not store or self._closed.is_set():
                return  # another thread has noticed it first
            self._store = None
            self._losses += 1
            self._lost_at = self._clock.now().monotonic
            self._start_watching()
        if store is not None:
            store.close()
        _log.warning("state store cannot be used: going on from memory", extra={"reason": str(error)})

    def _found(self, store: Store) -> None:
        with self._lock:
            if self._closed.is_set():
                store.close()
                return
            self._store = store
            away = self._clock.now().monotonic - self._lost_at
        _log.info("state store works again", extra={"seconds": round(away)})

    def _bring_up_to_date(self, key: str, lease: Lease | None) -> None:
        """Write to the store what it has missed of a key, under the given lease or one of its own."""
        with contextlib.suppress(_Away):  # then what is left is still kept
            self._ask(lambda store: self._replay(store, key, lease))

    def _take(self, store: Store, key: str, seconds: float) -> Lease | None:
        """Take the store's lease of a key, after giving back one that could not be given back before."""
        left = self._left.get(key)
        if left is not None:
            store.release(left)
            with self._lock:
                self._left.pop(key, None)
        return store.acquire(key, seconds)

    def _replay(self, store: Store, key: str, lease: Lease | None) -> None:
        own = lease or self._take(store, key, _REPLAY_SECONDS)
        if own is None:
            return  # somebody is in the middle of a call: later
        try:
            self._replay_under(store, own)
        finally:
            if lease is None:
                store.release(own)

    def _replay_under(self, store: Store, lease: Lease) -> None:
        with self._lock:
            kept = self._kept.get(lease.key, _Kept())
            records = {scope: dict(ours) for scope, ours in kept.records.items()}
            calls = dict(kept.calls)
        for scope, ours in records.items():
            theirs = store.read(scope, list(ours))
            newer = {name: data for name, data in ours.items() if _stamp(data) > _stamp(theirs.get(name))}
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
        """Drop what has reached the store; what was written since is kept on."""
        with self._lock:
            kept = self._kept.get(key, _Kept())
            left = {n: d for n, d in kept.records.get(scope, {}).items() if records.get(n) != d}
            kept.records = {**kept.records, scope: left}
            kept.calls = {day: number - calls.get(day, 0) for day, number in kept.calls.items()}
            kept.records = {one: ours for one, ours in kept.records.items() if ours}
            kept.calls = {day: number for day, number in kept.calls.items() if number}
            if not kept.records and not kept.calls:
                self._kept.pop(key, None)

    def _start_watching(self) -> None:
        """Start the thread that tries again, unless it runs; the lock is held."""
        if self._watch and self._watcher is None and not self._closed.is_set():
            watcher = threading.Thread(target=self._keep_looking, name="state", daemon=True)
            # Without a thread to spare now, the next write starts it.
            with contextlib.suppress(RuntimeError):
                watcher.start()
                self._watcher = watcher

    def _keep_looking(self) -> None:
        pause = _FIRST_PAUSE
        while not self._closed.wait(pause):
            done = False
            try:
                done = self.look_again()
            except Exception:  # noqa: BLE001 - a defect must not keep the store away for ever
                _log.exception("looking for the state store broke, this is a defect of the exporter")
            pause = _FIRST_PAUSE if self.health().up else min(pause * 2, _LONGEST_PAUSE)
            with self._lock:
                if done and self._store is not None and not self._kept:
                    self._watcher = None
                    return


def _stamp(data: bytes | None) -> float:
    """Return when a record was written; what is none was written before everything."""
    if data is None or len(data) < _STAMP.size:
        return float("-inf")
    (stamp,) = _STAMP.unpack_from(data)
    return float(stamp)


def _unstamped(records: Mapping[str, bytes]) -> Mapping[str, bytes]:
    return {name: data[_STAMP.size :] for name, data in records.items()}
