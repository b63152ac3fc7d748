"""What a poll does to a snapshot: whole, pure, and nothing else."""

from collections.abc import Mapping

import pytest

from exporter.apis import BY_NAME, campaign_settings
from exporter.clock import Moment
from exporter.polling import updates
from exporter.snapshot import Listing, OperationSnapshot, Row
from exporter.snapshot.records import PollOutcome
from exporter.wolkvox import Cause
from support.fakes import make_operation

REAL_TIME, INFORMATION, CODES = "campaigns", "campaign_settings", "machine_codes"
NOW = Moment(1_000_000.0, 1000.0)
OPERATION = make_operation()
FIRST = updates.first_snapshot(OPERATION)


def later(seconds: float) -> Moment:
    return Moment(NOW.wall + seconds, NOW.monotonic + seconds)


def row(campaign_id: str, name: str = "") -> Row:
    return Row((campaign_id, name, ""), ())


def landed(before: OperationSnapshot, api: str, listing: Listing) -> OperationSnapshot:
    return updates.with_answer(
        before, api, "", listing, campaigns=OPERATION.campaigns, now=listing.at, max_age=900
    )


def names(snapshot: OperationSnapshot) -> Mapping[str, str]:
    return campaign_settings.names(snapshot.listing(INFORMATION))


def worked(before: OperationSnapshot, at: Moment = NOW) -> OperationSnapshot:
    return updates.with_success(
        before,
        REAL_TIME,
        at=at,
        duration=0.5,
        http_status=200,
        rows=3,
        size=99,
        field_errors={"dial": 2},
        discarded={"shape": 1},
    )


def broke(before: OperationSnapshot, cause: Cause = Cause.TIMEOUT) -> OperationSnapshot:
    return updates.with_failure(
        before,
        REAL_TIME,
        cause=cause,
        detail="took too long",
        at=later(300),
        duration=60,
        http_status=None,
        discarded={"duplicate": 1},
    )


def test_only_enabled_apis_are_known() -> None:
    assert set(FIRST.polls) == set(BY_NAME)
    assert all(status.up is None for status in FIRST.polls.values())
    assert (FIRST.answers, FIRST.quota) == ({}, None)


def test_an_attempt_counts_before_its_answer_is_known() -> None:
    status = updates.with_attempt(FIRST, REAL_TIME, NOW).polls[REAL_TIME]
    assert (status.requests, status.last_attempt, status.up) == (1, NOW, None)


def test_a_good_answer() -> None:
    status = worked(FIRST).polls[REAL_TIME]
    assert (status.up, status.last_success, status.duration, status.rows, status.bytes) == (
        True,
        NOW,
        0.5,
        3,
        99,
    )
    assert status.field_errors["dial"] == 2
    assert status.discarded == {"duplicate": 0, "shape": 1, "limit": 0}


def test_a_failure_leaves_the_last_good_answer_as_it_is() -> None:
    listing = Listing(NOW, (row("1"),))
    before = landed(worked(FIRST), REAL_TIME, listing)
    after = broke(before)
    assert after.answers is before.answers
    status = after.polls[REAL_TIME]
    assert (status.up, status.last_success, status.rows, status.bytes) == (False, NOW, 3, 99)
    assert (status.last_failure, status.last_failure_detail, status.duration) == (
        "timeout",
        "took too long",
        60,
    )
    assert status.failures["timeout"] == 1
    assert sum(status.failures.values()) == 1
    assert status.discarded == {"duplicate": 1, "shape": 1, "limit": 0}


def test_one_api_says_nothing_of_another() -> None:
    after = broke(worked(FIRST))
    for api in (INFORMATION, CODES, "token_info"):
        assert after.polls[api] is FIRST.polls[api]


def test_a_list_replaces_the_last_one_whole() -> None:
    one = landed(FIRST, REAL_TIME, Listing(NOW, (row("1"), row("2"))))
    two = landed(one, REAL_TIME, Listing(later(300), (row("2"),)))
    assert [r.labels[0] for r in two.answers[REAL_TIME][""].rows] == ["2"]
    assert [r.labels[0] for r in one.answers[REAL_TIME][""].rows] == ["1", "2"]


def test_information_tells_the_names() -> None:
    one = landed(FIRST, INFORMATION, Listing(NOW, (row("1", "A"), row("", "B"), row("3"))))
    assert names(one) == {"1": "A"}
    assert names(landed(one, REAL_TIME, Listing(NOW, (row("1", "A - x"),)))) == {"1": "A"}
    assert names(landed(one, INFORMATION, Listing(NOW, ()))) == {}


def test_machine_codes_of_one_campaign_leave_the_fresh_others() -> None:
    def coded(before: OperationSnapshot, campaign: str, at: Moment) -> OperationSnapshot:
        listing = Listing(at, (row(campaign),))
        return updates.with_answer(
            before, CODES, campaign, listing, campaigns=OPERATION.campaigns, now=at, max_age=600
        )

    one = coded(coded(FIRST, "1", NOW), "2", later(500))
    assert set(one.answers[CODES]) == {"1", "2"}
    assert set(coded(one, "3", later(600)).answers[CODES]) == {"2", "3"}


def test_skipped_polls_are_counted_by_reason() -> None:
    once = updates.with_skipped(FIRST, CODES, "quota", 1)
    status = updates.with_skipped(once, CODES, "overlap", 3).polls[CODES]
    assert status.skipped == {"quota": 1, "overlap": 3, "lease": 0}
    assert (FIRST.polls[CODES].paused, status.paused) == (False, True)
    assert not updates.with_room(once, CODES).polls[CODES].paused
    assert updates.with_room(FIRST, CODES) is FIRST
    assert status.up is None


def test_what_another_process_has_done() -> None:
    outcome = PollOutcome(
        NOW.wall - 20, up=False, success=NOW.wall - 320, duration=1, rows=3, bytes=9, failure="tls"
    )
    before = worked(FIRST, later(-900))
    status = updates.with_outcome_by_other_process(before, REAL_TIME, outcome, NOW, answered=True).polls[
        REAL_TIME
    ]
    assert (status.up, status.last_failure, status.last_failure_detail) == (False, "tls", "")
    assert status.last_success == Moment(NOW.wall - 320, NOW.monotonic - 320)
    assert (status.requests, sum(status.failures.values())) == (0, 0)


@pytest.mark.parametrize("success", [None, NOW.wall - 320])
def test_a_failure_of_another_process_does_not_take_back_the_answer_that_is_served(
    success: float | None,
) -> None:
    # The state store was lost meanwhile, so that the other one knows less.
    rows = None if success is None else 7
    outcome = PollOutcome(
        NOW.wall, up=False, success=success, duration=1, rows=rows, bytes=rows, failure="tls"
    )
    status = updates.with_outcome_by_other_process(
        worked(FIRST), REAL_TIME, outcome, NOW, answered=True
    ).polls[REAL_TIME]
    assert status.up is False
    assert (status.last_success, status.rows, status.bytes) == (NOW, 3, 99)
