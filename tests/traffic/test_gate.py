"""What a token's way to the vendor remembers, whatever becomes of the clock."""

from exporter.snapshot import TokenUse
from exporter.state import MemoryStore
from exporter.traffic import Gate
from support.fakes import FakeClock, make_operation

YEARS = 10 * 365 * 86400.0
TOKEN = "fake-token-ventas"


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
