import re
from dataclasses import replace

import pytest

from exporter.judgement import CampaignState, Finding, Reason
from exporter.schedules import Schedule, Week, parse_window
from exporter.snapshot import Usage
from exporter.snapshot.model import MAX_HISTORY_POLLS
from exporter.status import OperationCondition
from exporter.status.attention import MAX_LINES, URGENCY
from exporter.status.model import AttentionEntry, AttentionGroup
from exporter.wolkvox import Cause
from support.fakes import campaigns_row, make_operation
from support.floor import Floor

ALWAYS = Week.of([parse_window("Mon-Sun 00:00-24:00")])
NIGHT = Week.of([parse_window("Mon-Sun 22:00-23:00")])
SCHEDULES = (Schedule((re.compile("NIGHT.*"),), NIGHT, NIGHT), Schedule((re.compile(".*"),), ALWAYS, ALWAYS))
STOPPED = {"status": "stopped"}
USED_UP = {"calls_x_min": "0", "clean": "0", "dial": "1000"}


def a_floor(*names: str) -> Floor:
    return Floor([make_operation(name, schedules=SCHEDULES) for name in names or ("ventas",)])


def only(floor: Floor, what: object) -> AttentionGroup:
    (found,) = [group for group in floor.status().attention if group.what is what]
    return found


def entry(floor: Floor, what: object) -> AttentionEntry:
    (found,) = only(floor, what).entries
    return found


def test_whatever_needs_somebody_has_its_place() -> None:
    states = {state for state in CampaignState if state.needs_attention}
    fine = {OperationCondition.WAITING, OperationCondition.WORKING}
    assert set(URGENCY) == states | set(Finding) | set(OperationCondition) - fine
    assert len(URGENCY) == len(set(URGENCY))


def test_before_the_first_answer_and_when_all_is_well_nothing_is_listed() -> None:
    floor = a_floor()
    assert floor.status().attention == ()
    floor.answer("campaigns", [campaigns_row("1 - A"), campaigns_row("2 - NIGHT", **STOPPED)])
    assert floor.status().attention == ()


def test_groups_come_by_urgency_and_entries_by_how_long_they_last() -> None:
    floor = a_floor("a", "b")
    floor.answer("campaigns", [campaigns_row("1 - LATER"), campaigns_row("2 - NIGHT DIALS")], "a")
    floor.answer("campaigns", [campaigns_row("3 - SOONER", **STOPPED)], "b")
    floor.clock.advance(300)
    floor.answer("campaigns", [campaigns_row("1 - LATER", **STOPPED), campaigns_row("2 - NIGHT DIALS")], "a")
    floor.answer("campaigns", [campaigns_row("3 - SOONER", **STOPPED)], "b")
    floor.fail("agents", Cause.AUTH, "b")
    told = [(group.kind, group.what, group.total) for group in floor.status().attention]
    assert told == [
        ("state", CampaignState.OUTSIDE_HOURS, 1),
        ("state", CampaignState.STOPPED_IN_HOURS, 2),
        ("condition", OperationCondition.PARTLY, 1),
    ]
    stopped = only(floor, CampaignState.STOPPED_IN_HOURS)
    assert stopped.runbook == "WolkvoxCampaignStopped"
    assert [(one.campaign, one.operation) for one in stopped.entries] == [("SOONER", "b"), ("LATER", "a")]
    assert stopped.entries[0].since is not None
    assert stopped.entries[1].since is not None
    assert stopped.entries[0].since < stopped.entries[1].since
    (alone,) = floor.status(operation="a").attention[1:]
    assert alone.total == 1


def test_of_many_the_first_are_listed_and_all_are_counted() -> None:
    floor = a_floor()
    floor.answer("campaigns", [campaigns_row(f"{100 + i} - C{i:03}", **USED_UP) for i in range(37)])
    group = only(floor, CampaignState.LIST_USED_UP)
    assert (group.total, len(group.entries)) == (37, MAX_LINES)
    assert [one.campaign for one in group.entries] == [f"C{i:03}" for i in range(MAX_LINES)]
    # What the table shows changes nothing here.
    assert floor.status(text="C036", per_page=1).attention == floor.status().attention


def test_a_campaign_is_told_with_why_and_what_is_left() -> None:
    floor = a_floor()
    floor.answer("campaigns", [campaigns_row("1 - A", **STOPPED, speed="0%")])
    told = entry(floor, CampaignState.STOPPED_IN_HOURS)
    assert (told.campaign_id, told.why, told.records_left) == ("1", Reason.SPEED_ZERO, 400)
    assert (told.apis, told.quota) == ({}, None)


@pytest.mark.parametrize("failures", [1, 3, MAX_HISTORY_POLLS + 5])
def test_an_operation_does_not_answer_since_its_first_failure(failures: int) -> None:
    floor = a_floor()
    floor.answer("campaigns", [campaigns_row("1 - A")])
    floor.fail("agents", Cause.TIMEOUT)
    floor.clock.advance(300)
    first = floor.clock.wall
    for _ in range(failures):
        floor.fail("campaigns", Cause.AUTH)
        floor.clock.advance(300)
    told = entry(floor, OperationCondition.FAILING)
    assert told.apis == {"campaigns": "auth", "agents": "timeout"}
    assert (told.operation, told.campaign, told.why) == ("ventas", "", None)
    assert told.since == first


def test_an_operation_that_never_answered_has_not_done_so_since_the_first_poll() -> None:
    floor = a_floor()
    first = floor.clock.wall
    for _ in range(MAX_HISTORY_POLLS + 5):
        floor.fail("campaigns", Cause.AUTH)
        floor.clock.advance(300)
    assert entry(floor, OperationCondition.FAILING).since == first


def test_an_answer_that_is_late_is_told_since_the_last_one() -> None:
    floor = a_floor()
    floor.answer("campaigns", [campaigns_row("1 - A")])
    answered = floor.clock.wall
    floor.clock.advance(700)
    told = entry(floor, OperationCondition.PARTLY)
    assert (told.since, told.apis) == (answered, {"campaigns": "late"})


def test_values_that_cannot_be_read_are_no_good_news() -> None:
    floor = a_floor()
    floor.answer("campaigns", [campaigns_row("1 - A")])
    floor.clock.advance(300)
    first = floor.clock.wall
    for _ in range(2):
        floor.answer("campaigns", [campaigns_row("1 - A")], unreadable={"speed": 2, "hits": 0})
        floor.clock.advance(60)
    told = entry(floor, OperationCondition.UNREADABLE)
    assert (told.since, told.apis) == (first - 0.5, {"campaigns": "unreadable"})
    floor.answer("campaigns", [campaigns_row("1 - A")], unreadable={"hits": 0})
    assert floor.status().attention == ()


@pytest.mark.parametrize("refused", [True, False])
def test_a_quota_that_is_spent_says_who_stopped(refused: bool) -> None:
    floor = a_floor()
    floor.answer("campaigns", [campaigns_row("1 - A")])
    usage = Usage("2026-08-12", floor.clock.wall + 3600, 40, others_count=10, limit=100, budget=50)
    if refused:
        usage = replace(usage, others_count=0, refused_at=floor.clock.wall)
    floor.use(usage)
    told = entry(floor, OperationCondition.OUT_OF_QUOTA)
    assert told.quota
    assert (told.quota.own, told.quota.spent, told.quota.refused) == (40, True, refused)
    assert told.since is None
    floor.clock.advance(3600)
    floor.answer("campaigns", [campaigns_row("1 - A")])
    assert floor.status().attention == ()


def test_a_finding_is_told_for_its_operation() -> None:
    floor = a_floor("a", "b")
    for name, licences in (("a", "25"), ("b", "30")):
        floor.answer("campaigns", [campaigns_row("1 - A")], name)
        floor.answer("services", [{"licenses": licences}], name)
    told = entry(floor, Finding.LICENCES_DIFFER)
    assert (told.operation, told.since, told.apis) == ("b", None, {})
