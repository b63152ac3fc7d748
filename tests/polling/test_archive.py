"""Records of the state store that are not as they should be."""

from collections.abc import Callable

import pytest

from exporter.config import ApiSettings
from exporter.state import MemoryStore
from exporter.wolkvox import Call, Cause, RequestFailed
from polling.floor import Floor
from support.fakes import FakeClock, Outcome, campaigns_row, make_operation

REAL_TIME = "campaigns"


def spoil(floor: Floor, name: str, data: bytes) -> None:
    lease = floor.store.acquire("spoiler", 10)
    assert lease is not None
    assert floor.store.write(lease, floor.archive.scope, {name: data})
    floor.store.release(lease)


@pytest.mark.parametrize(
    "name", ["answer campaigns", "attempt campaigns", "outcome campaigns", "novel campaigns"]
)
def test_a_record_that_cannot_be_read_is_left_alone(name: str, caplog: pytest.LogCaptureFixture) -> None:
    floor = Floor()
    for api in (REAL_TIME, "campaign_settings"):
        floor.poll(api)
    spoil(floor, name, b"\xc1 nonsense")
    after = floor.restarted()
    after.poller.restore()
    assert after.status("campaign_settings").up is True
    assert "campaign_settings" in after.snapshot.answers
    (record,) = caplog.records
    assert (record.message, record.__dict__["record"]) == ("ignoring a stored record", name)
    after.clock.advance(300)
    after.poll()
    assert after.status().up is True


def remove_answer(floor: Floor) -> None:
    """Take the answer of `campaigns` out of the store, and leave what else is known of its poll."""
    assert isinstance(floor.store, MemoryStore)
    floor.store._scopes[floor.archive.scope].records.pop("answer campaigns")


def spoil_answer(floor: Floor) -> None:
    spoil(floor, "answer campaigns", b"\xc1 of another version")


@pytest.mark.parametrize("lose", [remove_answer, spoil_answer])
def test_a_success_without_its_answer_vouches_for_nothing(lose: Callable[[Floor], None]) -> None:
    floor = Floor()
    floor.poll()
    lose(floor)
    after = floor.restarted()
    after.poller.restore()
    status = after.status()
    assert (status.up, status.last_success, status.rows, status.bytes) == (None, None, None, None)
    # It was polled all the same, and costs no call before its interval has passed.
    assert [poll.up for poll in status.history] == [True]
    assert status.last_attempt is not None
    assert after.poll() == pytest.approx(300)
    after.clock.advance(300)
    after.poll()
    assert after.status().up is True
    again = after.restarted()
    again.poller.restore()
    assert (again.status().up, again.status().rows) == (True, 1)


@pytest.mark.parametrize("lose", [remove_answer, spoil_answer])
def test_a_failure_after_a_success_without_its_answer_is_only_a_failure(
    lose: Callable[[Floor], None],
) -> None:
    floor = Floor()
    floor.poll()
    floor.clock.advance(300)
    floor.vendor.answers[REAL_TIME] = RequestFailed(Cause.TIMEOUT, "slow")
    floor.poll()
    assert floor.status().last_success is not None
    lose(floor)
    after = floor.restarted()
    after.poller.restore()
    assert (after.status().up, after.status().last_success) == (False, None)


def test_an_answer_of_another_version_leaves_ours_as_old_as_it_is() -> None:
    floor = Floor()
    floor.poll()
    ours = floor.status().last_success
    floor.clock.advance(300)
    other = floor.replica()
    other.poll()
    spoil_answer(floor)
    floor.poller.restore()
    assert floor.status().last_success == ours
    floor.clock.advance(300)
    floor.poll()
    assert floor.status().last_success == floor.clock.now()


@pytest.mark.parametrize("name", ["answer no_such_api", "answer", "", "answer real_time"])
def test_records_of_unknown_apis_are_not_ours(name: str, caplog: pytest.LogCaptureFixture) -> None:
    floor = Floor()
    floor.poll()
    spoil(floor, name, b"\x90")
    after = floor.restarted()
    after.poller.restore()
    assert after.status().up is True
    assert caplog.records == []


def test_an_api_that_is_switched_off_is_not_restored() -> None:
    floor = Floor()
    floor.poll()
    floor.poll("campaign_settings")
    off = make_operation(apis={REAL_TIME: ApiSettings(False, 300.0, 900.0)})
    after = Floor(off, clock=FakeClock(floor.clock.wall, 3.0), store=floor.store)
    after.poller.restore()
    assert set(after.snapshot.answers) == {"campaign_settings"}


def test_operations_of_another_name_or_address_have_records_of_their_own() -> None:
    floor = Floor()
    floor.poll()
    for other in (make_operation("cobranza"), make_operation(base_url="https://wv0043.example")):
        after = Floor(other, clock=floor.clock, store=floor.store)
        after.poller.restore()
        assert after.snapshot.answers == {}


def test_an_attempt_without_an_outcome_is_waited_for() -> None:
    floor = Floor()

    def killed(_call: Call) -> Outcome:
        raise SystemExit

    floor.vendor.answers["campaigns"] = killed
    with pytest.raises(SystemExit):
        floor.poll()
    after = floor.restarted()
    after.poller.restore()
    assert after.status().up is None
    # The call was made and paid for: the next one comes an interval later, and it is looked for its answer.
    assert after.poller.due(REAL_TIME) == after.now + 300
    assert after.poll() == 1.5
    assert after.vendor.calls == []
    after.clock.advance(100)
    assert after.poll() == 200
    after.clock.advance(200)
    after.vendor.answers["campaigns"] = [campaigns_row()]
    after.poll()
    assert after.status().up is True


def test_a_clock_that_was_set_back_shows_nothing_whose_age_it_cannot_tell(
    caplog: pytest.LogCaptureFixture,
) -> None:
    floor = Floor()
    floor.poll()
    after = floor.restarted()
    after.clock.wall -= 86400
    after.poller.restore()
    assert not after.snapshot.answers
    assert after.status().last_success is None
    assert "ignoring a stored record" in caplog.text
    # And the interval is kept all the same.
    assert after.poll() == 300
    assert not after.vendor.calls


def test_clocks_of_replicas_differ_a_little() -> None:
    floor = Floor()
    floor.poll()
    after = floor.restarted()
    after.clock.wall -= 60
    after.poller.restore()
    listing = after.snapshot.answers[REAL_TIME][""]
    assert (listing.at.wall, listing.at.monotonic) == (after.clock.wall, after.now)
