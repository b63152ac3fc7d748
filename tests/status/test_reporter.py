import re
from zoneinfo import ZoneInfo

import pytest

from exporter.judgement import CampaignState, Reason
from exporter.polling import updates
from exporter.polling.timetable import Slot
from exporter.schedules import Schedule, Week, parse_window
from exporter.snapshot import Usage
from exporter.status import OperationCondition, PollCondition, SortKey
from exporter.status.reporter import OPERATIONS_PER_PAGE
from exporter.wolkvox import Cause
from support.fakes import campaign_settings_row, campaigns_row, make_operation
from support.floor import Floor

REAL_TIME, INFORMATION = "campaigns", "campaign_settings"


def test_before_the_first_poll_nothing_is_claimed() -> None:
    status = Floor().status()
    (operation,) = status.operations
    assert operation.condition is OperationCondition.WAITING
    assert (operation.campaigns, operation.calls_per_minute, operation.quota) == (0, None, None)
    assert {(e.age, e.next_poll, e.withdrawn, e.cause, e.polls) for e in operation.apis} == {
        (None, None, False, "", ())
    }
    assert status.campaigns == ()
    assert (status.summary.campaigns, status.summary.calls_per_minute) == (0, None)


def test_a_campaign_is_told_with_all_its_figures() -> None:
    floor = Floor()
    floor.answer(REAL_TIME, [campaigns_row()])
    floor.answer(INFORMATION, [campaign_settings_row()])
    (campaign,) = floor.status().campaigns
    assert (campaign.operation, campaign.campaign_id, campaign.name) == ("ventas", "4875", "VENTAS")
    assert (campaign.skill_id, campaign.type, campaign.running) == ("4000", "predictive", True)
    assert (campaign.records, campaign.records_left, campaign.hits) == (1000, 400, 6)
    assert (campaign.penetration_day_ratio, campaign.hit_ratio) == (0.6, 0.1429)
    assert campaign.contact_ratio == 100 / 600
    assert campaign.calls_per_minute == 12
    assert campaign.state is CampaignState.RUNNING
    assert campaign.history
    assert (campaign.history.calls_per_minute, campaign.history.records_left) == ((12.0,), (400.0,))
    assert campaign.history.at == (floor.clock.wall,)


def test_what_is_not_known_is_none_and_never_zero() -> None:
    floor = Floor()
    blank = dict.fromkeys(
        ("records", "clean", "dial", "answer", "hits", "calls_x_min", "penetration_day"), "-"
    )
    floor.answer(REAL_TIME, [campaigns_row(status="", skill_id="", **blank)])
    (campaign,) = floor.status().campaigns
    assert campaign.state is CampaignState.UNKNOWN
    figures = (
        campaign.running,
        campaign.records,
        campaign.records_left,
        campaign.contact_ratio,
        campaign.hits,
        campaign.hit_ratio,
        campaign.calls_per_minute,
        campaign.penetration_day_ratio,
    )
    assert set(figures) == {None}
    assert (campaign.skill_id, campaign.type) == ("", "")
    assert floor.status().summary.calls_per_minute is None


def test_nothing_dialled_is_no_contact_rate() -> None:
    floor = Floor()
    floor.answer(REAL_TIME, [campaigns_row(dial="0", answer="0")])
    (campaign,) = floor.status().campaigns
    assert campaign.contact_ratio is None


def test_figures_over_age_are_withdrawn_and_those_of_information_stand_in() -> None:
    floor = Floor()
    floor.answer(REAL_TIME, [campaigns_row()])
    floor.clock.advance(600)
    floor.answer(INFORMATION, [campaign_settings_row()])
    floor.clock.advance(300)
    status = floor.status()
    (campaign,) = status.campaigns
    assert (campaign.running, campaign.records, campaign.calls_per_minute) == (True, 1000, None)
    assert status.summary.oldest == 300
    assert campaign.history
    campaigns, information, *_ = status.operations[0].apis
    assert (campaigns.age, campaigns.withdrawn, campaigns.condition) == (900, True, PollCondition.LATE)
    assert (information.age, information.withdrawn) == (300, False)
    floor.clock.advance(600)
    gone = floor.status()
    assert (gone.campaigns, gone.summary.oldest) == ((), None)


def test_the_state_is_set_against_the_schedule() -> None:
    morning, night = (
        Week.of([parse_window("Mon-Fri 08:00-12:00")]),
        Week.of([parse_window("Mon-Fri 20:00-22:00")]),
    )
    schedules = (
        Schedule((re.compile("VENTAS"),), morning, morning),
        Schedule((re.compile("NOCHE.*"),), night, night),
    )
    floor = Floor(schedules=schedules)
    rows = [
        campaigns_row("1 - VENTAS", status="stopped"),
        campaigns_row("2 - NOCHE A", status="stopped"),
        campaigns_row("3 - NOCHE B"),
        campaigns_row("4 - OTRA", status="stopped"),
    ]
    floor.answer(REAL_TIME, rows)
    found = {c.campaign_id: (c.state, c.expected, c.permitted) for c in floor.status().campaigns}
    assert found == {
        "1": (CampaignState.STOPPED_IN_HOURS, True, True),
        "2": (CampaignState.STOPPED_AS_PLANNED, False, False),
        "3": (CampaignState.OUTSIDE_HOURS, False, False),
        "4": (CampaignState.STOPPED, None, None),
    }
    floor.clock.advance(600)
    floor.answer(REAL_TIME, rows)
    floor.clock.advance(2 * 3600 - 600)
    floor.answer(REAL_TIME, rows)
    assert floor.status().summary.states == {
        CampaignState.STOPPED_AS_PLANNED: 2,
        CampaignState.OUTSIDE_HOURS: 1,
        CampaignState.STOPPED: 1,
    }


@pytest.mark.parametrize(
    ("records", "left", "dialed", "found"),
    [
        ("1000", "0", "1000", True),
        ("1000", "0", "1200", True),
        ("1000", "0", "999", False),
        ("1000", "1", "1000", False),
        ("0", "0", "0", False),
        ("", "0", "1000", False),
        ("1000", "", "1000", False),
        ("1000", "0", "", False),
    ],
)
def test_a_list_is_used_up_only_when_all_figures_say_so(
    records: str, left: str, dialed: str, found: bool
) -> None:
    floor = Floor()
    floor.answer(REAL_TIME, [campaigns_row(records=records, clean=left, dial=dialed)])
    (campaign,) = floor.status().campaigns
    assert (campaign.state is CampaignState.LIST_USED_UP) is found


def test_a_campaign_says_since_when_how_surely_and_why() -> None:
    day = Week.of([parse_window("Mon-Fri 08:00-18:00")])
    floor = Floor(schedules=(Schedule((re.compile(".*"),), day, day),), timezone=ZoneInfo("America/Lima"))
    floor.answer(REAL_TIME, [campaigns_row()])
    floor.clock.advance(300)
    stopped = floor.clock.wall - 2
    for _ in range(3):
        floor.answer(REAL_TIME, [campaigns_row(status="stopped", speed="0%")], duration=2)
        floor.clock.advance(300)
    (campaign,) = floor.status().campaigns
    assert (campaign.state, campaign.reason) == (CampaignState.STOPPED_IN_HOURS, Reason.SPEED_ZERO)
    # What wolkvox has not answered yet confirms nothing.
    assert (campaign.since, campaign.confirmed) == (stopped, 600)
    assert campaign.timezone == "America/Lima"


def test_the_summary_says_of_how_many_campaigns_nothing_is_known() -> None:
    floor = Floor([make_operation("a"), make_operation("b")])
    floor.answer(REAL_TIME, [campaigns_row("1 - A"), campaigns_row("2 - B", status="stopped")], "a")
    floor.answer(REAL_TIME, [campaigns_row("3 - C", status=""), campaigns_row("4 - D", status="?")], "b")
    summary = floor.status().summary
    assert (summary.campaigns, summary.running, summary.running_unknown) == (4, 1, 2)
    assert floor.status(operation="b").summary.running_unknown == 2


def test_the_last_polls_are_told_newest_first_without_a_word_of_the_vendors() -> None:
    floor = Floor()
    floor.answer(REAL_TIME, [campaigns_row()], unreadable={"speed": 2, "hits": 0})
    floor.clock.advance(300)
    floor.fail(REAL_TIME, Cause.AUTH)
    status = floor.status()
    campaigns = status.operations[0].apis[0]
    assert (campaigns.condition, campaigns.cause) == (PollCondition.FAILING, "auth")
    newest, oldest = campaigns.polls
    assert (newest.worked, newest.cause, newest.http_status, newest.rows) == (False, "auth", 403, None)
    assert newest.unreadable is None
    assert (oldest.worked, oldest.rows, oldest.unreadable) == (True, 1, {"speed": 2})
    assert "Fulano" not in repr(status)
    assert "fake-token" not in repr(status)


def test_the_next_poll_is_never_in_the_past() -> None:
    floor = Floor()
    floor.turns = {Slot("ventas", REAL_TIME): 5120.0, Slot("ventas", INFORMATION): 4000.0}
    next_polls = {one.api: one.next_poll for one in floor.status().operations[0].apis}
    assert (next_polls[REAL_TIME], next_polls[INFORMATION], next_polls["token_info"]) == (120, 0, None)


def test_a_poll_that_the_budget_has_no_room_for_is_not_promised() -> None:
    floor = Floor()
    floor.answer(INFORMATION, [campaign_settings_row()])
    floor.turns = {Slot("ventas", INFORMATION): 5120.0}
    answered = floor.clock.wall
    floor.cell(None).update(lambda s: updates.with_skipped(s, INFORMATION, "quota", 1))
    floor.clock.advance(601)
    status = floor.status()
    api = next(one for one in status.operations[0].apis if one.api == INFORMATION)
    assert (api.condition, api.next_poll) == (PollCondition.PAUSED, None)
    (told,) = next(one for one in status.attention if one.what is OperationCondition.PARTLY).entries
    assert (told.apis, told.since) == ({INFORMATION: "paused"}, answered)


def test_the_quota_is_told_with_what_is_left_to_others() -> None:
    floor = Floor()
    ends = floor.clock.wall + 3600
    floor.use(Usage("2026-08-12", ends, 100, others_count=300, limit=1000, budget=500))
    quota = floor.status().operations[0].quota
    assert quota
    assert (quota.used, quota.limit, quota.budget, quota.spent) == (400, 1000, 500, False)
    floor.use(Usage("2026-08-12", ends, 500, limit=1000, budget=500))
    assert floor.status().operations[0].condition is OperationCondition.OUT_OF_QUOTA
    floor.clock.advance(3600)
    quota = floor.status().operations[0].quota
    assert quota
    assert (quota.used, quota.spent) == (0, False)
    floor.use(Usage("2026-08-13", ends + 86400, 5))
    quota = floor.status().operations[0].quota
    assert quota
    assert (quota.limit, quota.budget, quota.spent) == (None, None, False)


def test_one_operation_can_be_asked_for() -> None:
    floor = Floor([make_operation("a"), make_operation("b", timezone=ZoneInfo("America/Lima"))])
    for name in "ab":
        floor.answer(REAL_TIME, [campaigns_row()], name)
    status = floor.status(operation="b")
    assert [o.name for o in status.operations] == ["b"]
    assert [c.operation for c in status.campaigns] == ["b"]
    assert (status.names, status.zone) == (("a", "b"), "America/Lima")
    assert (status.summary.operations, status.summary.campaigns) == (1, 1)
    nobody = floor.status(operation="c")
    assert (nobody.operations, nobody.campaigns, nobody.summary.campaigns) == ((), (), 0)


def test_operations_in_need_come_first_and_are_paged() -> None:
    floor = Floor([make_operation(f"o{i:02}") for i in range(OPERATIONS_PER_PAGE + 3)])
    for name in floor.operations:
        floor.answer(REAL_TIME, [], name)
    floor.fail(REAL_TIME, Cause.TIMEOUT, "o14")
    floor.fail(INFORMATION, Cause.TIMEOUT, "o07")
    first = floor.status()
    assert [o.name for o in first.operations][:3] == ["o14", "o07", "o00"]
    second = floor.status(operations_page=2)
    assert [o.name for o in second.operations] == ["o11", "o12", "o13"]
    assert (second.operations_paging.pages, second.operations_paging.total) == (2, 15)
    assert floor.status(operations_page=99).operations == second.operations


def test_campaigns_are_paged_after_they_are_sorted() -> None:
    floor = Floor()
    floor.answer(REAL_TIME, [campaigns_row(f"{i} - C", calls_x_min=str(i)) for i in range(1, 8)])
    status = floor.status(sort=SortKey.CALLS, descending=True, per_page=3, page=2)
    assert [c.calls_per_minute for c in status.campaigns] == [4, 3, 2]
    assert (status.campaigns_paging.page, status.campaigns_paging.pages) == (2, 3)
    assert [len(floor.status(per_page=3, page=page).campaigns) for page in (1, 3, 4)] == [3, 1, 1]
    assert status.summary.campaigns == 7


def test_figures_are_read_again_when_there_are_news() -> None:
    floor = Floor()
    floor.answer(REAL_TIME, [campaigns_row(calls_x_min="1")])
    first = floor.status().campaigns[0].calls_per_minute
    floor.clock.advance(300)
    floor.answer(REAL_TIME, [campaigns_row(calls_x_min="2")])
    campaign = floor.status().campaigns[0]
    assert (first, campaign.calls_per_minute) == (1, 2)
    assert campaign.history
    assert campaign.history.calls_per_minute == (1.0, 2.0)
    assert campaign.history.at == (floor.clock.wall - 300, floor.clock.wall)


def test_other_settings_hold_at_once() -> None:
    floor = Floor([make_operation("a"), make_operation("b")])
    for name in "ab":
        floor.answer(REAL_TIME, [campaigns_row()], name)
    assert len(floor.status().operations) == 2
    floor.operations = {"a": make_operation("a", timezone=ZoneInfo("America/Lima"))}
    status = floor.status()
    # "b" is on the board still, as in the middle of a reload.
    assert [(o.name, o.timezone) for o in status.operations] == [("a", "America/Lima")]


def test_it_is_told_of_how_many_operations_the_figures_are_and_whether_they_are_old() -> None:
    floor = Floor([make_operation(name) for name in ("a", "b", "empty", "settings")])
    floor.answer(REAL_TIME, [campaigns_row("1 - A")], "a")
    floor.answer(REAL_TIME, [campaigns_row("2 - B")], "b")
    floor.answer(REAL_TIME, [], "empty")
    floor.answer(INFORMATION, [campaign_settings_row()], "settings")
    summary = floor.status().summary
    # Who has no campaign makes no calls; the calls of one that only the settings tell are not known.
    assert (summary.answered, summary.calls_known, summary.calls_per_minute) == (4, 3, 24)
    assert (summary.oldest, summary.late) == (0, False)
    floor.clock.advance(601)
    floor.answer(REAL_TIME, [campaigns_row("2 - B")], "b")
    summary = floor.status().summary
    assert (summary.oldest, summary.late) == (601, True)
    assert {one.name: (one.age, one.late) for one in floor.status().operations}["b"] == (0, False)
    floor.clock.advance(300)
    summary = floor.status().summary
    assert (summary.answered, summary.calls_known, summary.calls_per_minute) == (1, 1, 12)
    (dead,) = floor.status(operation="a").operations
    assert (dead.answered, dead.age, dead.late, dead.running) == (False, None, False, 0)


def test_the_age_is_that_of_the_oldest_list_whose_campaigns_are_shown() -> None:
    floor = Floor()
    floor.answer(INFORMATION, [campaign_settings_row(), campaign_settings_row(campaign_id="5")])
    floor.clock.advance(700)
    floor.answer(REAL_TIME, [campaigns_row()])
    # One campaign is known from the older list alone.
    summary = floor.status().summary
    assert (summary.campaigns, summary.oldest, summary.late) == (2, 700, True)
    floor.answer(INFORMATION, [campaign_settings_row()])
    floor.clock.advance(60)
    floor.answer(REAL_TIME, [campaigns_row()])
    # Of the older list no figure is shown.
    summary = floor.status().summary
    assert (summary.campaigns, summary.oldest, summary.late) == (1, 0, False)
