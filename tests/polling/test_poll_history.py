"""The last polls of an API stay in the snapshot, bounded, and without a word of the vendor's."""

import dataclasses

from exporter.clock import Moment
from exporter.polling import updates
from exporter.polling.timetable import Slot, Timetable
from exporter.snapshot import OperationSnapshot, PollStatus
from exporter.snapshot.model import MAX_HISTORY_POLLS
from exporter.snapshot.records import PollOutcome
from exporter.wolkvox import Cause

REAL_TIME = "campaigns"


def snapshot() -> OperationSnapshot:
    return OperationSnapshot("ventas", {REAL_TIME: PollStatus(interval=300)})


def failed(before: OperationSnapshot, at: float) -> OperationSnapshot:
    return updates.with_failure(
        before,
        REAL_TIME,
        cause=Cause.AUTH,
        detail="HTTP 403; wolkvox says: Please validate the token of Fulano",
        at=Moment(at, at - 1000),
        duration=0.5,
        http_status=403,
        discarded={},
    )


def test_a_failure_is_recorded_with_its_cause_and_status() -> None:
    (poll,) = failed(snapshot(), 5000).polls[REAL_TIME].history
    assert (poll.at, poll.up, poll.cause, poll.http_status, poll.duration) == (
        Moment(5000, 4000),
        False,
        "auth",
        403,
        0.5,
    )
    assert "Fulano" not in str(dataclasses.asdict(poll))


def test_an_answer_is_recorded_at_the_beginning_of_its_call() -> None:
    landed = updates.with_success(
        snapshot(),
        REAL_TIME,
        at=Moment(5000, 4000),
        duration=2,
        http_status=200,
        rows=7,
        size=900,
        field_errors={"speed": 3},
        discarded={},
    )
    (poll,) = landed.polls[REAL_TIME].history
    assert (poll.at, poll.up, poll.cause, poll.http_status, poll.rows, poll.unreadable) == (
        Moment(4998, 3998),
        True,
        "",
        200,
        7,
        {"speed": 3},
    )


def test_the_history_is_bounded_and_the_oldest_give_way() -> None:
    landed = snapshot()
    for at in range(MAX_HISTORY_POLLS + 5):
        landed = failed(landed, at)
    history = landed.polls[REAL_TIME].history
    assert [poll.at.wall for poll in history] == list(range(5, MAX_HISTORY_POLLS + 5))


def test_a_poll_of_another_process_is_recorded_once() -> None:
    outcome = PollOutcome(4000, up=True, success=4001, duration=1, rows=3, bytes=10, failure="auth")
    landed = snapshot()
    for now in (Moment(5000, 4000), Moment(5010.0001, 4010.0001)):
        landed = updates.with_outcome_by_other_process(landed, REAL_TIME, outcome, now, answered=True)
    (poll,) = landed.polls[REAL_TIME].history
    assert (poll.by_other_process, poll.rows, poll.cause, poll.http_status) == (True, 3, "", None)
    assert poll.at == Moment(4000, 3000)


def test_the_timetable_tells_when_whose_turn_is() -> None:
    timetable = Timetable()
    slot, other = Slot("ventas", REAL_TIME), Slot("ventas", "campaign_settings")
    timetable.add(slot, lane="t", interval=10, due=5)
    timetable.add(other, lane="t", interval=10, due=9)
    assert timetable.turns() == {slot: 5, other: 9}
    turn = timetable.take(6)
    assert turn
    assert timetable.turns()[slot] == 5
    timetable.give_back(turn, 15)
    assert timetable.turns() == {slot: 15, other: 9}
