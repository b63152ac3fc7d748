"""What a token's way to the vendor remembers, whatever becomes of the clock."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.snapshot import TokenUse
from exporter.state import MemoryStore
from exporter.traffic import Gate
from support.fakes import FakeClock, make_operation

YEARS = 10 * 365 * 86400.0


def make_gate(clock: FakeClock) -> Gate:
    return Gate(MemoryStore(lambda: clock.monotonic), [make_operation()], clock)


def test_of_what_the_vendor_said_the_last_counts_and_not_the_one_with_the_latest_date() -> None:
    # A machine may start with a clock that is years ahead, and be put right a minute later.
    clock = FakeClock()
    gate = make_gate(clock)
    clock.wall += YEARS
    gate.note_vendor_count(TokenUse(clock.now(), 25_000.0, 10.0))
    assert gate.usage().used == 10
    clock.advance(60)
    clock.wall -= YEARS
    gate.note_vendor_count(TokenUse(clock.now(), 25_000.0, 12_400.0))
    assert gate.usage().used == 12_400


def test_an_older_word_of_the_vendor_changes_nothing() -> None:
    clock = FakeClock()
    gate = make_gate(clock)
    old = TokenUse(clock.now(), 25_000.0, 10.0)
    clock.advance(60)
    gate.note_vendor_count(TokenUse(clock.now(), 25_000.0, 20.0))
    gate.note_vendor_count(old)
    assert gate.usage().used == 20


def test_what_one_gate_stored_another_process_takes_into_account() -> None:
    clock = FakeClock()
    store = MemoryStore(lambda: clock.monotonic)
    operation = make_operation()
    writer, reader = Gate(store, [operation], clock), Gate(store, [operation], clock)
    with writer.permit() as permit:
        assert permit is not None
        assert writer.record_vendor_count(permit, TokenUse(clock.now(), 25_000.0, 20.0))
    usage = reader.usage()
    assert (usage.used, usage.limit) == (20, 25_000)


def test_what_one_was_refused_nobody_asks_for_an_hour() -> None:
    clock = FakeClock()
    store = MemoryStore(lambda: clock.monotonic)
    one, two = (Gate(store, [make_operation()], clock) for _ in range(2))
    with one.permit() as permit:
        assert permit is not None
        one.note_refusal(permit, one.usage())
    assert two.usage().refused_at == clock.wall
    clock.advance(600)
    with two.permit() as permit:
        assert permit is not None
        # A call that looks for room is noted before it is made.
        assert two.begin(permit, two.usage(), "scope", {})
    assert one.usage().refused_at == clock.wall
    with one.permit() as permit:
        assert permit is not None
        one.note_room(permit, one.usage())
    assert two.usage().refused_at is None


def test_operations_with_one_token_have_one_lease_also_where_only_one_of_them_is_configured() -> None:
    clock = FakeClock()
    store = MemoryStore(lambda: clock.monotonic)
    both = Gate(store, [make_operation("b"), make_operation("a")], clock)
    alone = Gate(store, [make_operation("a")], clock)
    with both.permit() as first, alone.permit() as second:
        assert first is not None
        assert second is None


@pytest.mark.parametrize("name", ["refused_at", "reading"])
@given(data=st.binary(max_size=40) | st.floats().map(lambda at: repr(at).encode()))
def test_no_stored_record_keeps_anybody_from_calling(name: str, data: bytes) -> None:
    clock = FakeClock()
    store = MemoryStore(lambda: clock.monotonic)
    gate = Gate(store, [make_operation()], clock)
    with gate.permit() as permit:
        assert permit is not None
        store.write(permit.lease, f"budget {permit.lease.key}", {name: data})
    assert gate.usage().own_count == 0
