"""What is asked for, and what becomes of the rows."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from exporter.apis import BY_NAME, campaign_settings, token_info
from exporter.clock import Moment
from exporter.config import Operation
from exporter.polling import first_snapshot
from exporter.polling.request import PollRequest, dialling_campaigns, poll_request
from exporter.polling.updates import with_answer
from exporter.snapshot import OperationSnapshot, TokenUse
from support.fakes import MORNING, campaign_settings_row, campaigns_row, make_operation, telephone_row

REAL_TIME, INFORMATION = "campaigns", "campaign_settings"
NOW = Moment(MORNING, 1000.0)
OPERATION = make_operation()


def request(
    api: str, campaign_id: str = "", operation: Operation = OPERATION, now: Moment = NOW
) -> PollRequest:
    return poll_request(BY_NAME[api], operation, first_snapshot(operation), now, campaign_id)


def landed(api: str, *rows: object, before: OperationSnapshot | None = None) -> OperationSnapshot:
    before = before or first_snapshot(OPERATION)
    asked = poll_request(BY_NAME[api], OPERATION, before, NOW)
    asked.reader.add(rows)
    return with_answer(
        before, api, "", asked.listing(NOW), campaigns=OPERATION.campaigns, now=NOW, max_age=900
    )


@pytest.mark.parametrize(("api", "path"), [(REAL_TIME, "real_time.php"), (INFORMATION, "information.php")])
def test_lists_are_asked_for_as_the_vendor_documents(api: str, path: str) -> None:
    job = request(api)
    assert (job.call.path, dict(job.call.query)) == (path, {"api": "campaigns"})


def test_a_list_lands_with_its_moment() -> None:
    listing = landed(REAL_TIME, campaigns_row()).answers[REAL_TIME][""]
    assert (listing.at, [row.labels[1] for row in listing.rows]) == (NOW, ["VENTAS"])


def test_names_of_information_choose_the_campaigns_of_real_time() -> None:
    known = landed(INFORMATION, campaign_settings_row(campaign_name="VENTAS - tel1 (vip)"))
    assert campaign_settings.names(known.listing(INFORMATION)) == {"4875": "VENTAS - tel1 (vip)"}
    assert [r.labels[0] for r in landed(REAL_TIME, campaigns_row(), before=known).answers[REAL_TIME][""].rows]


def test_the_use_of_the_token_lands() -> None:
    job = request("token_info")
    assert (job.call.path, dict(job.call.query)) == ("information.php", {"api": "token_info"})
    job.reader.add([{"token_limit": "25000", "all_token_today": "7"}])
    assert token_info.token_use(job.listing(NOW)) == TokenUse(NOW, 25000, 7)


def test_machine_codes_are_asked_for_since_local_midnight() -> None:
    job = request("machine_codes", "4875")
    assert job.call.path == "reports_manager.php"
    assert dict(job.call.query) == {
        "api": "campaign_8",
        "campaign_id": "4875",
        "date_ini": "20260812000000",
        "date_end": "20260812100000",
    }
    job.reader.add([telephone_row("3000000001", 1)])
    listing = job.listing(NOW)
    assert listing.valid_until == datetime(2026, 8, 13, 5, tzinfo=UTC).timestamp()


def test_midnight_is_that_of_the_zone_also_when_clocks_change() -> None:
    # Chile sets its clocks forward at midnight of 2024-09-08: that day begins at 01:00.
    santiago = make_operation(timezone=ZoneInfo("America/Santiago"))
    noon = datetime(2024, 9, 8, 12, tzinfo=ZoneInfo("America/Santiago"))
    now = Moment(noon.timestamp(), 0)
    job = request("machine_codes", "1", santiago, now)
    assert job.call.query["date_end"] == "20240908120000"
    listing = job.listing(now)
    midnight = datetime(2024, 9, 9, tzinfo=ZoneInfo("America/Santiago"))
    assert listing.valid_until == midnight.timestamp()


def test_only_campaigns_that_have_dialled_are_asked_for() -> None:
    rows = [
        campaigns_row("1 - A", dial="5"),
        campaigns_row("2 - B", dial="0"),
        campaigns_row("3 - C", dial="?"),
        campaigns_row("D without an id", dial="5"),
        campaigns_row("1 - A", dial="7", skill_id="other"),
    ]
    assert dialling_campaigns(OPERATION, landed(REAL_TIME, *rows), NOW) == ("1",)


def test_an_answer_over_age_names_no_campaign() -> None:
    snapshot = landed(REAL_TIME, campaigns_row())
    assert dialling_campaigns(OPERATION, snapshot, Moment(0, NOW.monotonic + 899)) == ("4875",)
    assert dialling_campaigns(OPERATION, snapshot, Moment(0, NOW.monotonic + 900)) == ()
    assert dialling_campaigns(OPERATION, first_snapshot(OPERATION), NOW) == ()
