"""A store that goes away and comes back: nobody waits for it, and it learns what it has missed."""

import logging
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

from exporter.clock import Clock, SystemClock
from exporter.state import Health, Lease, MemoryStore, ResilientStore, StateError
from exporter.state.sqlite import SqliteStore
from exporter.state.store import StateReplacedError
from support.fakes import FakeClock
from support.waiting import until

KEY, SCOPE, DAY = "ventas https://wv0042.wolkvox.com", "ventas", "2026-03-01"


class Shaky:
    """A shared store that can be made unreachable, for all or for the next questions of a kind."""

    def __init__(self, clock: Clock) -> None:
        self._monotonic = lambda: clock.now().monotonic
        self.memory = MemoryStore(self._monotonic)
        self.down = False
        self.refuses: set[str] = set()
        self.asked = 0

    def open(self) -> "Opened":
        if self.down:
            raise StateError("out of reach")
        return Opened(self)

    def replace(self) -> None:
        """Lose all data."""
        self.memory = MemoryStore(self._monotonic)

    def close(self) -> None:
        """Be opened again, like a connection."""

    def ask(self, name: str, *arguments: Any, **more: Any) -> Any:
        self.asked += 1
        if self.down or name in self.refuses:
            raise StateError("out of reach")
        return getattr(self.memory, name)(*arguments, **more)


class Opened:
    """A connection to a shared store, of no use once the data are others."""

    def __init__(self, shared: Shaky) -> None:
        self._shared = shared
        self._memory = shared.memory

    def close(self) -> None:
        self._shared.close()

    def __getattr__(self, name: str) -> Any:
        def ask(*arguments: Any, **more: Any) -> Any:
            if self._shared.memory is not self._memory:
                raise StateReplacedError("was replaced")
            return self._shared.ask(name, *arguments, **more)

        return ask


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def shared(clock: FakeClock) -> Shaky:
    return Shaky(clock)


@pytest.fixture
def store(clock: FakeClock, shared: Shaky) -> ResilientStore:
    return ResilientStore(shared.open, clock, watch=False)


@pytest.fixture
def other(clock: FakeClock, shared: Shaky) -> ResilientStore:
    return ResilientStore(shared.open, clock, watch=False)


def taken(store: ResilientStore, seconds: float = 90) -> Lease:
    lease = store.acquire(KEY, seconds)
    assert lease is not None
    return lease


def write(store: ResilientStore, **records: bytes) -> int | None:
    lease = taken(store)
    version = store.write(lease, SCOPE, records, count_day=DAY)
    store.release(lease)
    return version


def news(store: ResilientStore, since: int = 0) -> dict[str, bytes] | None:
    found = store.changes(SCOPE, since)
    return None if found is None else dict(found.records)


def test_a_store_that_is_well_is_simply_used(store: ResilientStore, other: ResilientStore) -> None:
    assert store.health().up
    lease = taken(store)
    assert other.acquire(KEY, 90) is None
    version = store.write(lease, SCOPE, {"a": b"1"}, count_day=DAY)
    assert version
    store.release(lease)
    assert news(other) == {"a": b"1"}
    assert news(other, version) == {}
    assert other.read(SCOPE, ["a", "b"]) == {"a": b"1"}
    assert other.count(KEY, DAY) == 1
    assert (store.health().up, store.health().losses) == (True, 0)


def test_one_that_is_down_from_the_start_stops_nothing(store: ResilientStore, shared: Shaky) -> None:
    shared.down = True
    lease = taken(store)
    assert store.acquire(KEY, 90) is None, "one at a time in this process all the same"
    assert store.write(lease, SCOPE, {"a": b"1"}, count_day=DAY) == 0
    assert store.count(KEY, DAY) == 1
    assert store.read(SCOPE, ["a"]) == {"a": b"1"}
    assert news(store) is None
    assert (store.health().up, store.health().losses) == (False, 1)


def test_a_lost_store_is_asked_once_and_said_once(
    store: ResilientStore, shared: Shaky, caplog: pytest.LogCaptureFixture
) -> None:
    write(store, a=b"1")
    shared.down = True
    asked = shared.asked
    with caplog.at_level(logging.INFO):
        for _ in range(5):
            write(store, a=b"2")
            assert not store.reconnect()
    assert shared.asked == asked + 1
    (record,) = caplog.records
    assert (record.levelname, record.reason) == ("WARNING", "out of reach")  # type: ignore[attr-defined]


def test_what_is_counted_goes_on_from_what_was_known(store: ResilientStore, shared: Shaky) -> None:
    write(store)
    write(store)
    assert store.count(KEY, DAY) == 2
    shared.down = True
    write(store)
    assert store.count(KEY, DAY) == 3
    assert store.count(KEY, "2026-03-02") == 0


def test_a_store_that_is_back_learns_what_it_has_missed(
    store: ResilientStore,
    other: ResilientStore,
    shared: Shaky,
    clock: FakeClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    write(store, a=b"old", b=b"old")
    shared.down = True
    clock.advance(300)
    for number in range(3):
        write(store, a=str(number).encode())
    clock.advance(300)
    shared.down = False
    caplog.clear()
    with caplog.at_level(logging.INFO):
        assert store.reconnect()
    (record,) = caplog.records
    assert (record.message, record.seconds) == ("state store available again", 300)  # type: ignore[attr-defined]
    assert news(other) == {"a": b"2", "b": b"old"}
    assert other.count(KEY, DAY) == 4
    assert news(store) == {"a": b"2", "b": b"old"}
    assert store.health().up


def test_newer_news_of_others_stay(
    store: ResilientStore, other: ResilientStore, shared: Shaky, clock: FakeClock
) -> None:
    write(store, a=b"before", b=b"before")
    shared.down = True
    write(store, a=b"away 1", b=b"away 1")
    clock.advance(60)
    write(store, b=b"away 2")
    clock.advance(-30)
    shared.down = False
    write(other, a=b"meanwhile", b=b"meanwhile")
    clock.advance(60)
    assert news(store) is None, "what it has not told yet hides what the others say"
    assert store.reconnect()
    assert news(store) == news(other) == {"a": b"meanwhile", "b": b"away 2"}
    assert store.count(KEY, DAY) == other.count(KEY, DAY) == 4


def test_a_call_that_was_under_way_when_the_store_came_back_is_told_later(
    store: ResilientStore, other: ResilientStore, shared: Shaky
) -> None:
    shared.down = True
    lease = taken(store)
    shared.down = False
    assert store.reconnect()
    assert store.write(lease, SCOPE, {"a": b"1"}) == 0
    assert news(other) == {}
    store.release(lease)
    write(store, b=b"2")
    assert news(other) == {"a": b"1", "b": b"2"}


def test_nothing_is_told_while_another_is_in_the_middle_of_a_call(
    store: ResilientStore, other: ResilientStore, shared: Shaky
) -> None:
    write(other, z=b"")
    shared.down = True
    write(store, a=b"1")
    shared.down = False
    lease = taken(other)
    assert not store.reconnect()
    assert store.health().up
    assert store.acquire(KEY, 90) is None
    other.release(lease)
    assert store.reconnect()
    assert other.read(SCOPE, ["a"]) == {"a": b"1"}


def test_a_full_disk_is_away_until_it_takes_what_it_has_missed(
    store: ResilientStore, shared: Shaky, caplog: pytest.LogCaptureFixture
) -> None:
    shared.refuses = {"write"}
    with caplog.at_level(logging.INFO):
        assert write(store, a=b"1") == 0
        for _ in range(3):
            assert not store.reconnect()
    assert not store.health().up
    assert len(caplog.records) == 1
    shared.refuses = set()
    assert store.reconnect()
    assert store.health().losses == 1


def test_who_slept_through_the_end_of_a_lease_writes_nothing_anywhere(
    store: ResilientStore, other: ResilientStore, shared: Shaky, clock: FakeClock
) -> None:
    lease = taken(store)
    clock.advance(91)
    write(other, a=b"new")
    assert store.write(lease, SCOPE, {"a": b"late"}, count_day=DAY) is None
    shared.down = True
    assert store.write(lease, SCOPE, {"a": b"late"}, count_day=DAY) is None
    shared.down = False
    store.reconnect()
    assert other.read(SCOPE, ["a"]) == {"a": b"new"}
    assert other.count(KEY, DAY) == 1


def test_what_others_have_put_there_and_is_no_record_is_as_good_as_none(
    store: ResilientStore, shared: Shaky
) -> None:
    lease = shared.memory.acquire(KEY, 90)
    assert lease is not None
    shared.memory.write(lease, SCOPE, {"a": b"", "b": b"short"})
    shared.memory.release(lease)
    assert news(store) == {"a": b"", "b": b""}
    shared.down = True
    write(store, a=b"1")
    shared.down = False
    assert store.reconnect()
    assert store.read(SCOPE, ["a"]) == {"a": b"1"}


def test_a_closed_store_is_not_opened_again(store: ResilientStore, shared: Shaky) -> None:
    store.close()
    asked = shared.asked
    assert write(store, a=b"1") == 0
    assert shared.asked == asked
    assert not any(thread.name == "state" for thread in threading.enumerate())


def test_data_that_were_replaced_may_hold_leases_that_nobody_sees(
    store: ResilientStore, other: ResilientStore, shared: Shaky, clock: FakeClock
) -> None:
    write(store, a=b"1")
    asking = taken(other)  # it is in the middle of a call
    shared.replace()
    assert store.acquire(KEY, 90) is None
    assert store.acquire("cobros", 90) is None
    assert store.reconnect()
    assert store.health() == Health(up=True, losses=1)
    assert store.acquire(KEY, 90) is None, "the other's lease is in the data that are gone"
    clock.advance(60)
    assert other.write(asking, SCOPE, {"a": b"2"}, count_day=DAY) == 0
    other.release(asking)
    assert other.reconnect()
    assert news(store) == {"a": b"2"}
    assert store.acquire(KEY, 90) is None
    clock.advance(31)
    assert taken(store)
    assert other.acquire(KEY, 90) is None


class Hanging(Shaky):
    """A shared store that does not answer until it is released."""

    def __init__(self) -> None:
        super().__init__(SystemClock())
        self.hangs = ""
        self.released = threading.Event()

    def open(self) -> Opened:
        self.wait("open")
        return super().open()

    def close(self) -> None:
        self.wait("close")

    def wait(self, name: str) -> None:
        if self.hangs == name:
            self.released.wait(60)

    def ask(self, name: str, *arguments: Any, **more: Any) -> Any:
        self.wait(name)
        return super().ask(name, *arguments, **more)


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hanging]:
    monkeypatch.setattr("exporter.state.resilient._LIMIT_SECONDS", 0.3)
    monkeypatch.setattr("exporter.state.resilient._MIN_PAUSE_SECONDS", 0.01)
    yield (shared := Hanging())
    shared.released.set()


def reasons(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.reason for record in caplog.records if hasattr(record, "reason")]


def test_a_store_that_hangs_while_it_is_opened(hanging: Hanging, caplog: pytest.LogCaptureFixture) -> None:
    hanging.hangs = "open"
    store = ResilientStore(hanging.open, SystemClock())
    assert write(store, a=b"1") == 0
    assert store.health() == Health(up=False, losses=1)
    assert reasons(caplog) == ["cannot be opened within 0.3 s"]
    opening = [thread for thread in threading.enumerate() if thread.name.startswith("state")]
    assert len(opening) == 1, "one waits, however long it takes"
    hanging.released.set()
    until(lambda: store.health().up and news(store) == {"a": b"1"}, 60, "the store")
    assert len(reasons(caplog)) == 1
    store.close()


@pytest.mark.parametrize("call", ["acquire", "write", "count", "changes", "read", "release"])
def test_a_store_that_hangs_in_any_call(
    hanging: Hanging, caplog: pytest.LogCaptureFixture, call: str
) -> None:
    store = ResilientStore(hanging.open, SystemClock())
    write(store, a=b"1")
    hanging.hangs = call
    # A lease that is taken after all, when nobody waits for it any more, holds until it ends.
    lease = taken(store, 3)
    assert store.write(lease, SCOPE, {"a": b"2"}, count_day=DAY) is not None
    store.release(lease)
    store.count(KEY, DAY)
    news(store)
    store.read(SCOPE, ["a"])
    assert store.health().losses >= 1
    assert reasons(caplog)[0] == "no answer within 0.3 s"
    hanging.hangs = ""
    hanging.released.set()
    until(lambda: store.health().up and news(store) == {"a": b"2"}, 60, "the store")
    store.close()


@pytest.mark.parametrize("call", ["open", "close"])
def test_a_process_ends_although_its_store_hangs(hanging: Hanging, call: str) -> None:
    store = ResilientStore(hanging.open, SystemClock())
    hanging.hangs = call
    write(store, a=b"1")
    begun = time.monotonic()
    store.close()
    assert time.monotonic() - begun < 30


def test_a_system_without_threads_is_as_bad_as_no_store(
    hanging: Hanging, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: threading.Thread) -> NoReturn:
        raise RuntimeError("can't start new thread")

    opened, closed = (ResilientStore(hanging.open, SystemClock()) for _ in range(2))
    write(opened, a=b"1")
    with monkeypatch.context() as without:
        without.setattr(threading.Thread, "start", refuse)
        for store in (opened, closed):
            assert write(store, a=b"2") == 0
            assert store.health() == Health(up=False, losses=1)
    assert reasons(caplog) == ["no thread can be started"] * 2
    for store in (opened, closed):
        write(store, a=b"3")
        until(lambda store=store: store.health().up, 60, "the store")  # type: ignore[misc]
        store.close()


def test_a_real_file_comes_back_by_itself(tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    file.mkdir()
    store = ResilientStore(lambda: SqliteStore(file), SystemClock())
    assert write(store, a=b"1") == 0
    assert not store.health().up
    file.rmdir()
    until(lambda: store.health().up, 60, "the store")
    assert news(store) == {"a": b"1"}
    store.close()
    again = SqliteStore(file)
    assert again.count(KEY, DAY) == 1
    again.close()


def test_a_defect_does_not_end_the_looking(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    troubles: list[Exception] = [StateError("away"), RuntimeError("a defect")]

    def open_it() -> SqliteStore:
        if troubles:
            raise troubles.pop(0)
        return SqliteStore(tmp_path / "state.db")

    store = ResilientStore(open_it, SystemClock())
    assert write(store, a=b"1") == 0
    until(lambda: store.health().up, 60, "the store")
    assert news(store) == {"a": b"1"}
    store.close()
    assert [record.message for record in caplog.records if record.exc_info] == [
        "unexpected error while reconnecting to the state store; please report this as a bug"
    ]
