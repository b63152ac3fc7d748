"""What every store does: the same suite for memory, SQLite and a real Redis."""

import threading
import uuid

import pytest

from exporter.state import Changes, Lease, Store
from state.conftest import Opener
from support.waiting import until

LONG = 60.0


@pytest.fixture
def key() -> str:
    return f"token {uuid.uuid4()}"


@pytest.fixture
def scope() -> str:
    return f"ventas ñ: {uuid.uuid4()} https://wv0042.wolkvox.com"


def taken(store: Store, key: str, seconds: float = LONG) -> Lease:
    lease = store.acquire(key, seconds)
    assert lease is not None
    return lease


def ends(store: Store, key: str) -> Lease:
    """Wait for the end of whoever has the lease, and take it."""
    lease: Lease | None = None

    def take() -> bool:
        nonlocal lease
        lease = store.acquire(key, LONG)
        return lease is not None

    until(take, 60, "the end of the lease")
    assert lease is not None
    return lease


def changes(store: Store, scope: str, since: int = 0) -> Changes:
    found = store.changes(scope, since)
    assert found is not None
    return found


def test_one_holder_at_a_time(store: Store, key: str) -> None:
    lease = taken(store, key)
    assert store.acquire(key, LONG) is None
    store.release(lease)
    assert taken(store, key).fence > lease.fence


def test_another_process_is_kept_out_too(opener: Opener, key: str) -> None:
    one, other = opener(), opener()
    lease = taken(one, key)
    assert other.acquire(key, LONG) is None
    other.release(lease)
    taken(one, key)


def test_keys_do_not_meet(store: Store, key: str) -> None:
    assert taken(store, key)
    assert taken(store, f"{key}2")


def test_a_lease_ends_by_itself_and_its_holder_cannot_write_any_more(
    store: Store, key: str, scope: str
) -> None:
    late = taken(store, key, 0.05)
    after = ends(store, key)
    assert after.fence > late.fence
    assert store.write(late, scope, {"a": b"late"}, count_day="2026-03-01") is None
    store.release(late)
    assert store.acquire(key, LONG) is None, "the late holder gave back what was not his"
    assert store.read(scope, ["a"]) == {}
    assert store.count(key, "2026-03-01") == 0
    assert store.write(after, scope, {"a": b"new"})


def test_a_lease_that_ended_is_of_no_use_even_when_nobody_has_taken_over(
    store: Store, key: str, scope: str
) -> None:
    late = taken(store, key, 0.05)
    until(lambda: store.write(late, scope, {"a": b"x"}) is None, 60, "the end of the lease")


def test_a_released_lease_cannot_write(store: Store, key: str, scope: str) -> None:
    lease = taken(store, key)
    store.release(lease)
    assert store.write(lease, scope, {"a": b"x"}) is None


def test_records_are_replaced_and_read_by_others(opener: Opener, key: str, scope: str) -> None:
    one, other = opener(), opener()
    lease = taken(one, key)
    one.write(lease, scope, {"a": b"\x00\xff", "b": b""})
    one.write(lease, scope, {"a": b"2" * 100_000})
    assert other.read(scope, ["a", "b", "none"]) == {"a": b"2" * 100_000, "b": b""}
    assert other.read(f"{scope} of another", ["a"]) == {}


def test_only_what_is_new_is_told(opener: Opener, key: str, scope: str) -> None:
    one, other = opener(), opener()
    assert changes(other, scope).records == {}
    lease = taken(one, key)
    first = one.write(lease, scope, {"a": b"1", "b": b"1"})
    seen = changes(other, scope)
    assert seen == Changes(first or 0, {"a": b"1", "b": b"1"})
    assert changes(other, scope, seen.version) == Changes(seen.version, {})
    second = one.write(lease, scope, {"b": b"2", "ñ": b"2"})
    assert changes(other, scope, seen.version) == Changes(second or 0, {"b": b"2", "ñ": b"2"})
    assert changes(other, f"{scope} of another").records == {}


def test_calls_are_counted_by_key_and_day(opener: Opener, key: str, scope: str) -> None:
    one, other = opener(), opener()
    lease = taken(one, key)
    for _ in range(3):
        one.write(lease, scope, {}, count_day="2026-03-01")
    one.write(lease, scope, {"a": b""}, count_day="2026-03-01", calls=7)
    assert other.count(key, "2026-03-01") == 10
    assert other.count(f"{key}2", "2026-03-01") == 0
    one.write(lease, scope, {}, count_day="2026-03-02")
    # A replica whose clock is a little behind still counts on the day before.
    one.write(lease, scope, {}, count_day="2026-03-01")
    assert (other.count(key, "2026-03-01"), other.count(key, "2026-03-02")) == (11, 1)


def test_the_day_that_is_counted_on_is_kept_however_many_later_ones_there_are(
    store: Store, key: str, scope: str
) -> None:
    # They come of a clock that was years ahead for some days and was put back.
    lease = taken(store, key)
    for day in ("2036-01-01", "2036-01-02", "2036-01-03", "2026-03-01", "2026-03-01"):
        store.write(lease, scope, {}, count_day=day)
    assert store.count(key, "2026-03-01") == 2


def test_threads_and_openers_at_once_lose_nothing(opener: Opener, key: str, scope: str) -> None:
    stores = [opener() for _ in range(4)]
    holders = 0
    most = 0
    failures: list[BaseException] = []

    def work(store: Store) -> None:
        nonlocal holders, most
        try:
            for _ in range(10):
                lease = ends(store, key)
                holders += 1
                most = max(most, holders)
                assert store.write(lease, scope, {"a": b"x"}, count_day="2026-03-01")
                holders -= 1
                store.release(lease)
        except BaseException as error:  # noqa: BLE001 - told to the test
            failures.append(error)

    threads = [threading.Thread(target=work, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert most == 1
    assert stores[0].count(key, "2026-03-01") == 40
