"""One poll: the call that is made or not, what lands, and when the next one is due."""

import logging
from pathlib import Path

import pytest

from exporter.apis import APIS, BY_NAME, campaign_settings
from exporter.clock import MAX_CLOCK_SKEW_SECONDS
from exporter.config import ApiSettings, Operation, Secret
from exporter.wolkvox import Answer, Call, Cause, RequestFailed
from polling.floor import Floor
from support.fakes import Outcome, campaign_settings_row, campaigns_row, make_operation, telephone_row

REAL_TIME, INFORMATION = "campaigns", "campaign_settings"
TOKEN_INFO, CODES = "token_info", "machine_codes"
HOUR = 3600.0


def failure(cause: Cause) -> RequestFailed:
    return RequestFailed(cause, f"HTTP 403; wolkvox says: {cause}", http_status=403)


def test_a_good_poll_lands_whole_and_the_next_is_due_after_the_interval() -> None:
    floor = Floor()
    assert floor.poll() == 300
    status = floor.status()
    assert (status.up, status.rows, status.bytes, status.requests) == (True, 1, 100, 1)
    assert status.last_success == status.last_attempt == floor.clock.now()
    assert [row.labels[1] for row in floor.snapshot.answers[REAL_TIME][""].rows] == ["VENTAS"]
    assert floor.vendor.tokens == ["fake-token-ventas"]
    assert floor.snapshot.quota is not None
    assert (floor.snapshot.quota.own_count, floor.snapshot.quota.limit) == (1, 25000)


def test_polls_do_not_drift_by_the_time_that_calls_take() -> None:
    floor = Floor()
    floor.vendor._seconds = 50.0
    begun = floor.now
    due = floor.poller.poll(REAL_TIME, 0)
    assert due == begun + 300
    assert floor.status().duration == 50


def test_no_call_is_made_before_the_interval_has_passed() -> None:
    floor = Floor()
    floor.poll()
    floor.clock.advance(100)
    assert floor.poll() == 200
    assert len(floor.vendor.calls) == 1


@pytest.mark.parametrize("cause", [cause for cause in Cause if cause is not Cause.CONNECTION])
def test_a_refusal_is_counted_and_never_retried(cause: Cause, caplog: pytest.LogCaptureFixture) -> None:
    floor = Floor()
    floor.poll()
    before = floor.snapshot.answers[REAL_TIME][""]
    floor.clock.advance(300)
    floor.vendor.answers["campaigns"] = failure(cause)
    assert floor.poll() == 300
    status = floor.status()
    assert (status.up, status.failures[cause], sum(status.failures.values())) == (False, 1, 1)
    assert (status.last_failure, status.requests) == (cause.value, 2)
    assert floor.snapshot.answers[REAL_TIME][""] is before
    assert status.last_success is not None
    assert status.last_success.monotonic == floor.now - 300
    (record,) = caplog.records
    assert (record.levelno, record.message) == (logging.WARNING, "poll failed")
    assert not hasattr(record, "hint"), "nothing is said of a hint where there is none"


def test_a_network_fault_is_retried_once_an_interval_with_jitter() -> None:
    floor = Floor()
    floor.vendor.answers["campaigns"] = failure(Cause.CONNECTION)
    assert floor.poll() == pytest.approx(60)  # 0.1 to 0.3 of the interval
    floor.clock.advance(60)
    assert floor.poll() == 300
    floor.clock.advance(300)
    assert floor.poll() == pytest.approx(60)
    floor.clock.advance(60)
    floor.vendor.answers["campaigns"] = [campaigns_row()]
    assert floor.poll() == 300
    assert floor.status().up is True
    assert (floor.status().failures["connection"], floor.status().requests) == (3, 4)


def test_an_answer_in_which_no_row_can_be_used_is_of_another_shape() -> None:
    floor = Floor()
    floor.vendor.answers["campaigns"] = [{"skill": "1"}, 7]
    floor.poll()
    assert (floor.status().up, floor.status().failures["shape"], floor.status().discarded["shape"]) == (
        False,
        1,
        2,
    )
    assert floor.snapshot.answers == {}


def test_a_list_without_rows_is_a_success() -> None:
    floor = Floor()
    floor.poll()
    floor.clock.advance(300)
    floor.vendor.answers["campaigns"] = []
    floor.poll()
    assert (floor.status().up, floor.status().rows) == (True, 0)
    assert floor.snapshot.answers[REAL_TIME][""].rows == ()


@pytest.mark.parametrize(
    ("answer", "cause"),
    [(Answer(0, 80, 404, "Validate dates entered"), "http_status"), (Answer(0, 10, 200), "shape")],
)
def test_no_row_of_what_always_has_one_is_a_failure(answer: Answer, cause: str) -> None:
    floor = Floor()
    floor.poll(TOKEN_INFO)
    before = floor.snapshot
    floor.clock.advance(HOUR)
    floor.vendor.answers["token_info"] = answer
    assert floor.poll(TOKEN_INFO) == HOUR
    status = floor.status(TOKEN_INFO)
    assert (status.up, status.failures[cause], sum(status.failures.values())) == (False, 1, 1)
    assert status.last_failure_detail == f"{answer}, and no row"
    assert status.history[-1].http_status == answer.http_status
    assert floor.snapshot.answers == before.answers
    assert floor.snapshot.quota is not None
    assert before.quota is not None
    assert floor.snapshot.quota.others_count == before.quota.others_count == 99


@pytest.mark.parametrize("api", [api.name for api in APIS if not api.always_has_rows])
def test_the_vendors_404_is_a_list_without_rows(api: str) -> None:
    floor = Floor()
    floor.poll()
    floor.vendor.answers[api] = Answer(0, 80, 404, "Validate dates entered")
    floor.clock.advance(300)
    floor.poll(api)
    assert (floor.status(api).up, floor.status(api).rows) == (True, 0)


def test_unreadable_fields_are_counted_and_logged_once_a_poll(caplog: pytest.LogCaptureFixture) -> None:
    floor = Floor()
    rows = [campaigns_row(f"{number} - C", dial="?", hits="!") for number in range(1, 4)]
    floor.vendor.answers["campaigns"] = rows
    floor.poll()
    assert floor.status().field_errors["dial"] == 3
    assert floor.status().up is True
    lines = [(record.message, record.__dict__["field"], record.__dict__["rows"]) for record in caplog.records]
    assert lines == [("unreadable values in a field", "dial", 3), ("unreadable values in a field", "hits", 3)]


def test_it_is_told_when_a_poll_works_again(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    floor = Floor()
    floor.vendor.answers["campaigns"] = failure(Cause.TIMEOUT)
    floor.poll()
    floor.clock.advance(300)
    floor.vendor.answers["campaigns"] = [campaigns_row()]
    floor.poll()
    assert [record.message for record in caplog.records] == ["poll failed", "poll succeeded again"]


def test_lost_turns_are_counted() -> None:
    floor = Floor()
    floor.poll(missed=3)
    assert floor.status().skipped == {"quota": 0, "overlap": 3, "lease": 0}


def test_a_refused_token_is_read_again_for_the_next_poll(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("fake-old")
    floor = Floor(secret=Secret(file=file))
    floor.vendor.answers["campaigns"] = failure(Cause.AUTH)
    file.write_text("fake-new")
    floor.poll()
    floor.clock.advance(300)
    floor.poll()
    assert floor.vendor.tokens == ["fake-old", "fake-new"]


def test_calls_stop_where_the_reserve_begins_and_real_time_is_the_last() -> None:
    # Licences for 1000 calls a day, half of them for others, 14 hours left of the day: campaigns needs 168.
    apis = {e: ApiSettings(True, 300.0, 900.0) for e in (REAL_TIME, INFORMATION)}
    floor = Floor(make_operation(licences=1, apis=apis))
    floor.vendor.answers["token_info"] = [{"token_limit": "1000", "all_token_today": "350"}]
    floor.vendor.answers["campaign_settings"] = [campaign_settings_row()]
    floor.poll(TOKEN_INFO)
    assert floor.poll(INFORMATION) == 300
    assert floor.status(INFORMATION).skipped["quota"] == 1
    assert floor.status(INFORMATION).up is None
    assert (floor.status(INFORMATION).paused, floor.status(TOKEN_INFO).paused) == (True, False)
    assert floor.poll(REAL_TIME) == 300
    assert floor.status(REAL_TIME).up is True
    floor.clock.advance(HOUR)
    # All that may be used is used by others: the meter is read all the same.
    floor.vendor.answers["token_info"] = [{"token_limit": "1000", "all_token_today": "500"}]
    floor.poll(TOKEN_INFO)
    assert floor.status(TOKEN_INFO).requests == 2
    floor.poll(REAL_TIME)
    assert floor.status(REAL_TIME).skipped["quota"] == 1
    # Of our own calls there is no doubt: nothing at all is called.
    calls = len(floor.vendor.calls)
    floor.clock.advance(HOUR)
    floor.poller._gate._own_count = (floor.snapshot.quota.day if floor.snapshot.quota else "", 500)
    floor.poll(TOKEN_INFO)
    floor.poll(REAL_TIME)
    assert len(floor.vendor.calls) == calls
    assert floor.status(TOKEN_INFO).skipped["quota"] == 1
    assert (floor.status(TOKEN_INFO).paused, floor.status(REAL_TIME).paused) == (True, True)
    floor.clock.advance(24 * HOUR)
    floor.poll(REAL_TIME)
    assert (floor.status(TOKEN_INFO).paused, floor.status(REAL_TIME).paused) == (True, False)


def test_the_meter_is_read_though_more_important_apis_need_all_that_is_left() -> None:
    # Two lists every 5 minutes need 336 calls until midnight, and the budget of one licence is 500.
    floor = Floor(make_operation(licences=1))
    floor.vendor.answers["token_info"] = [{"token_limit": "1000", "all_token_today": "490"}]
    for _ in range(3):
        floor.poll(TOKEN_INFO)
        floor.clock.advance(HOUR)
    assert len(floor.vendor.made("token_info")) == 3
    assert floor.status(TOKEN_INFO).skipped["quota"] == 0


def test_a_count_of_yesterday_stops_nothing_after_midnight() -> None:
    # The vendor's day ends at 02:00 here; at 23:30 all but a hundred of the calls of the budget are used.
    floor = Floor()
    floor.clock.advance(13.5 * HOUR)
    told = [12_400, 12_450, 12_500, 20]
    used = []
    for count in told:
        floor.vendor.answers["token_info"] = [{"token_limit": "25000", "all_token_today": str(count)}]
        floor.poll(TOKEN_INFO)
        floor.poll(INFORMATION)
        assert floor.snapshot.quota is not None
        used.append(floor.snapshot.quota.used)
        floor.clock.advance(HOUR)
    # What the vendor told counts on the day before, and again when it has fallen: with the call since.
    assert used == [12_401, 2, 4, 21]
    assert floor.status(INFORMATION).skipped["quota"] == 0


@pytest.mark.parametrize(
    "garbled", [("0", "100"), ("1", "100"), ("25000", "99999999"), ("25000", "-"), ("?", "?"), ("0", "0")]
)
def test_one_garbled_answer_of_the_meter_holds_until_its_next_one(garbled: tuple[str, str]) -> None:
    floor = Floor(make_operation(licences=None))
    floor.poll(TOKEN_INFO)
    limit, used = garbled
    floor.clock.advance(HOUR)
    good = floor.vendor.answers["token_info"]
    floor.vendor.answers["token_info"] = [{"token_limit": limit, "all_token_today": used}]
    floor.poll(TOKEN_INFO)
    floor.poll()
    floor.vendor.answers["token_info"] = good
    floor = floor.restarted()
    floor.poller.restore()
    floor.clock.advance(HOUR)
    floor.poll(TOKEN_INFO)
    floor.poll()
    assert floor.status().up is True
    assert floor.snapshot.quota is not None
    assert floor.snapshot.quota.limit == 25_000


def test_a_second_token_without_calls_of_its_own_is_no_limit() -> None:
    floor = Floor(make_operation(licences=None))
    rows = [
        {"token_limit": "25000", "all_token_today": "100"},
        {"token_limit": "0", "all_token_today": "100"},
    ]
    floor.vendor.answers["token_info"] = rows
    floor.poll(TOKEN_INFO)
    floor.poll()
    assert floor.status().up is True
    assert floor.snapshot.quota is not None
    assert floor.snapshot.quota.limit == 25_000


def test_what_others_use_is_added_to_our_own_calls_since_it_was_told() -> None:
    floor = Floor(make_operation(licences=5))
    floor.vendor.answers["token_info"] = [{"token_limit": "5000", "all_token_today": "2300"}]
    floor.poll(TOKEN_INFO)
    for _ in range(5):
        floor.poll()
        floor.clock.advance(300)
    assert floor.snapshot.quota is not None
    assert floor.snapshot.quota.used == 2305


def test_after_midnight_there_is_room_again() -> None:
    floor = Floor(make_operation(licences=1))
    floor.vendor.answers["token_info"] = [{"token_limit": "1000", "all_token_today": "500"}]
    floor.poll(TOKEN_INFO)
    floor.poll(REAL_TIME)
    assert floor.status(REAL_TIME).skipped["quota"] == 1
    floor.clock.advance(14 * HOUR)  # 10:00 to midnight in Bogota
    floor.poll(REAL_TIME)
    assert floor.status(REAL_TIME).up is True
    assert floor.snapshot.quota is not None
    assert (floor.snapshot.quota.day, floor.snapshot.quota.own_count) == ("2026-08-13", 1)


def refused(operation: Operation | None = None) -> Floor:
    """Return a floor on which wolkvox has refused a call because the day's limit is reached."""
    floor = Floor(operation)
    floor.vendor.answers["campaigns"] = failure(Cause.QUOTA)
    floor.poll()
    return floor


def asked_in(floor: Floor, hours: int) -> list[str]:
    """Return which APIs are called in so many hours in which every one has a turn each minute."""
    before = len(floor.vendor.calls)
    for _ in range(hours * 60):
        floor.clock.advance(60)
        for api in floor.operation.enabled():
            floor.poll(api)
    return [api for api, _ in floor.vendor.calls[before:]]


def without(api: str) -> Operation:
    return make_operation(apis={api: ApiSettings(False, HOUR, 3 * HOUR)})


@pytest.mark.parametrize(
    ("operation", "answer", "asked"),
    [
        (None, failure(Cause.QUOTA), ["token_info"] * 3),
        (None, [{"token_limit": "25000", "all_token_today": "25000"}], ["token_info"] * 3),
        (None, failure(Cause.TIMEOUT), ["token_info", "campaigns", "campaigns"]),
        (None, failure(Cause.SHAPE), ["token_info", "campaigns", "campaigns"]),
        (None, [{"token_limit": "25000"}], ["token_info", "campaigns", "campaigns"]),
        (
            make_operation(licences=None),
            [{"token_limit": "0", "all_token_today": "3"}],
            ["token_info", "campaigns", "campaigns"],
        ),
        (without("token_info"), failure(Cause.AUTH), ["campaigns"] * 3),
    ],
)
def test_after_the_vendors_refusal_one_call_an_hour_looks_for_room(
    operation: Operation | None, answer: Outcome, asked: list[str]
) -> None:
    floor = refused(operation)
    floor.vendor.answers["token_info"] = answer
    assert asked_in(floor, 3) == asked
    # Whichever API it is, and whatever has happened meanwhile, a day is not lost.
    floor.vendor.answers["campaigns"] = [campaigns_row()]
    floor.vendor.answers["token_info"] = [{"token_limit": "25000", "all_token_today": "3"}]
    assert set(asked_in(floor, 2)) >= {"campaigns", "campaign_settings"}


def test_two_replicas_look_for_room_once_an_hour_together() -> None:
    one = refused()
    two = one.replica()
    one.vendor.answers["token_info"] = failure(Cause.QUOTA)
    before = len(one.vendor.calls)
    for _ in range(180):
        one.clock.advance(60)
        for floor in (one, two):
            for api in floor.operation.enabled():
                floor.poll(api)
    assert len(one.vendor.calls) - before == 3


def test_the_one_that_looks_for_room_has_its_turn_when_the_hour_has_passed() -> None:
    floor = refused()
    floor.clock.advance(600)
    assert floor.poll(TOKEN_INFO) == HOUR - 600
    assert floor.poll(INFORMATION) == 300


def test_what_is_put_off_for_the_budget_has_its_turn_when_the_day_has_begun_anew() -> None:
    day = ApiSettings(True, 24 * HOUR, 72 * HOUR)
    floor = refused(make_operation(apis={INFORMATION: day}))
    floor.clock.advance(14 * HOUR - 100)
    assert floor.poll(INFORMATION) == 100 + MAX_CLOCK_SKEW_SECONDS
    floor.clock.advance(100 + MAX_CLOCK_SKEW_SECONDS)
    assert floor.poll(INFORMATION) == 24 * HOUR
    assert floor.status(INFORMATION).up is True


def test_after_the_vendors_refusal_only_token_info_asks_until_it_says_otherwise() -> None:
    floor = Floor()
    floor.vendor.answers["campaigns"] = failure(Cause.QUOTA)
    floor.poll()
    floor.clock.advance(300)
    floor.poll()
    floor.poll(INFORMATION)
    assert floor.vendor.made("campaigns") == [floor.now - 300]
    assert floor.vendor.made("campaign_settings") == []
    assert floor.status().skipped["quota"] == 1
    floor.vendor.answers["campaigns"] = [campaigns_row()]
    floor.clock.advance(HOUR - 300)
    floor.poll(TOKEN_INFO)  # 100 of 25000: there is room
    floor.clock.advance(300)
    floor.poll()
    assert floor.status().up is True


def test_without_licences_the_vendors_word_is_the_limit() -> None:
    floor = Floor(make_operation(licences=None))
    floor.poll()
    usages = [floor.snapshot.quota]
    floor.poll(TOKEN_INFO)
    usages.append(floor.snapshot.quota)
    assert [(usage.limit, usage.used) for usage in usages if usage] == [(None, 1), (25000, 100)]


def test_machine_codes_are_asked_for_campaign_by_campaign_over_the_interval() -> None:
    floor = Floor()
    rows = [campaigns_row(f"{number} - C") for number in range(1, 4)]
    floor.vendor.answers["campaigns"] = rows
    assert floor.poll(CODES) == 300  # none dials yet: it looks again with the next campaigns
    assert floor.vendor.made("machine_codes") == []
    floor.poll()
    start = floor.now
    for _ in range(6):
        floor.clock.advance(floor.poll(CODES))
        floor.poll()
    asked = [call.query["campaign_id"] for call in floor.vendor.asked if call.path == "reports_manager.php"]
    assert asked == ["1", "2", "3", "1", "2", "3"]
    assert [at - start for at in floor.vendor.made("machine_codes")] == [n * HOUR / 3 for n in range(6)]
    assert set(floor.snapshot.answers["machine_codes"]) == {"1", "2", "3"}


def test_a_failed_report_waits_for_its_next_turn() -> None:
    floor = Floor()
    floor.poll()

    def fails_first(_call: Call) -> Outcome:
        return failure(Cause.TIMEOUT) if len(floor.vendor.made("machine_codes")) == 1 else [telephone_row()]

    floor.vendor.answers["machine_codes"] = fails_first
    assert floor.poll(CODES) == HOUR
    assert floor.status(CODES).up is False
    floor.clock.advance(HOUR - 1)
    floor.poll()
    floor.poll(CODES)
    assert len(floor.vendor.made("machine_codes")) == 1
    floor.clock.advance(1)
    floor.poll(CODES)
    assert floor.status(CODES).up is True


def test_a_report_of_a_campaign_that_is_gone_holds_back_no_time() -> None:
    floor = Floor()
    floor.vendor.answers["campaigns"] = [campaigns_row(f"{number} - C") for number in (1, 2)]
    floor.vendor.answers["campaign_settings"] = []
    floor.poll()
    floor.poll(CODES)
    floor.vendor.answers["campaigns"] = [campaigns_row("2 - C")]
    floor.clock.advance(HOUR / 2)
    floor.poll()
    assert floor.poller.poll_now(CODES)
    assert set(floor.snapshot.answers[CODES]) == {"1", "2"}
    assert floor.status(CODES).last_success == floor.clock.now()


def test_a_restart_costs_no_call_and_shows_the_true_age() -> None:
    floor = Floor()
    for api in BY_NAME:
        floor.poll(api)
    floor.clock.advance(200)
    after = floor.restarted()
    after.poller.restore()
    assert after.poller.due(REAL_TIME) == after.now + 100
    assert after.poll() == 100
    assert after.vendor.calls == []
    listing = after.snapshot.answers[REAL_TIME][""]
    assert (listing.at.wall, listing.at.monotonic) == (floor.clock.wall - 200, after.now - 200)
    assert listing.rows == floor.snapshot.answers[REAL_TIME][""].rows
    assert campaign_settings.names(after.snapshot.listing("campaign_settings")) == {"4875": "VENTAS"}
    assert after.snapshot.answers["machine_codes"].keys() == {"4875"}
    assert after.status().up is True
    assert after.status().requests == 0
    assert after.snapshot.quota is not None
    assert after.snapshot.quota.own_count == len(BY_NAME)


def test_a_restart_in_the_middle_of_failures_says_so() -> None:
    floor = Floor()
    floor.vendor.answers["campaigns"] = failure(Cause.AUTH)
    floor.poll()
    after = floor.restarted()
    after.poller.restore()
    assert (after.status().up, after.status().last_failure) == (False, "auth")
    assert after.snapshot.answers == {}


def test_replicas_make_one_call_and_show_the_same() -> None:
    one = Floor()
    two = one.replica()
    one.poll()
    one.clock.advance(1)
    assert two.poll() == 299
    assert len(one.vendor.calls) == 1
    assert two.snapshot.answers[REAL_TIME][""].rows == one.snapshot.answers[REAL_TIME][""].rows
    assert (two.status().up, two.status().requests, two.status().skipped["lease"]) == (True, 0, 1)
    two.clock.advance(299)
    two.poll()
    assert one.poll() == 300
    assert len(one.vendor.calls) == 2
    assert one.snapshot.quota is not None
    assert one.snapshot.quota.own_count == 2


def test_while_somebody_has_the_token_nobody_else_calls() -> None:
    one = Floor()
    two = one.replica()

    def in_the_middle(_call: Call) -> Outcome:
        assert two.poll(INFORMATION) == 1.5  # it looks again soon
        assert not two.poller.poll_now(INFORMATION)
        return [campaigns_row()]

    one.vendor.answers["campaigns"] = in_the_middle
    one.poll()
    assert [name for name, _ in one.vendor.calls] == ["campaigns"]
    assert two.poll(INFORMATION) == 300


def test_the_answer_of_a_holder_whose_lease_ended_is_dropped(caplog: pytest.LogCaptureFixture) -> None:
    one = Floor()
    two = one.replica()

    def slept_through(_call: Call) -> Outcome:
        one.clock.advance(400)
        one.vendor.answers["campaigns"] = [campaigns_row(dial="2")]
        two.poll()
        return [campaigns_row(dial="1")]

    one.vendor.answers["campaigns"] = slept_through
    one.poll()
    assert "dropping the outcome of a call that came too late" in caplog.text
    assert one.snapshot.answers[REAL_TIME][""].rows == two.snapshot.answers[REAL_TIME][""].rows


def test_poll_now_asks_before_its_turn() -> None:
    floor = Floor()
    assert floor.poller.poll_now(REAL_TIME)
    assert floor.poller.poll_now(REAL_TIME)
    assert len(floor.vendor.calls) == 2


def test_no_telephone_reaches_the_snapshot_the_store_or_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    floor = Floor()
    floor.poll()
    floor.vendor.answers["machine_codes"] = [telephone_row("3000000001", 1) | {"busy": "call 3000000001"}]
    floor.poll(CODES)
    assert floor.status(CODES).field_errors["busy"] == 1
    stored = floor.store.changes(floor.archive.scope, 0)
    told = [repr(floor.snapshot), repr(stored), *(repr(vars(record)) for record in caplog.records)]
    assert "3000000001" not in "".join(told)


@pytest.mark.parametrize(("rows", "told"), [(59_999, False), (60_000, True)])
def test_a_report_that_may_be_cut_is_told(rows: int, told: bool, caplog: pytest.LogCaptureFixture) -> None:
    floor = Floor()
    floor.poll()
    floor.vendor.answers["machine_codes"] = [telephone_row("3000000001", 1)] * rows
    floor.poll(CODES)
    assert floor.status(CODES).rows == rows
    assert ("some may be missing" in caplog.text) is told
