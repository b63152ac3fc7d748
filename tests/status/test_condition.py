from dataclasses import replace

import pytest

from exporter.apis import BY_NAME
from exporter.clock import Moment
from exporter.schedules import ScheduleState
from exporter.snapshot import PollStatus, Usage
from exporter.status.campaign_figures import CampaignFigures
from exporter.status.condition import (
    Condition,
    OperationCondition,
    PollCondition,
    condition,
    operation_condition,
    out_of_quota,
    poll_condition,
)

RUNNING = CampaignFigures(
    operation="ventas",
    campaign_id="4875",
    name="VENTAS",
    skill_id="4000",
    type="predictive",
    running=True,
    records=1000.0,
    records_left=400.0,
    records_dialed=600.0,
    penetration_day_ratio=0.6,
    penetration_now_ratio=None,
    contact_ratio=0.1,
    hits=6.0,
    hit_ratio=0.1429,
    calls_per_minute=12.0,
    searched="ventas",
    name_key="ventas",
)
STOPPED = replace(RUNNING, running=False, calls_per_minute=0.0)
USED_UP = replace(RUNNING, records_left=0.0, records_dialed=1000.0, calls_per_minute=0.0)
SILENT = replace(RUNNING, calls_per_minute=0.0)


@pytest.mark.parametrize(
    ("figures", "expected", "permitted", "found"),
    [
        (RUNNING, None, None, Condition.RUNNING),
        (RUNNING, True, True, Condition.RUNNING),
        (RUNNING, False, True, Condition.RUNNING),
        (RUNNING, False, False, Condition.OUTSIDE_HOURS),
        (USED_UP, None, None, Condition.LIST_USED_UP),
        (USED_UP, False, False, Condition.LIST_USED_UP),
        (replace(USED_UP, calls_per_minute=1.0), None, False, Condition.OUTSIDE_HOURS),
        (SILENT, None, None, Condition.NO_CALLS),
        (SILENT, True, True, Condition.NO_CALLS),
        # Nobody waits for calls at that hour.
        (SILENT, False, True, Condition.RUNNING),
        (SILENT, False, False, Condition.RUNNING),
        # It does not say that it makes no calls.
        (replace(RUNNING, calls_per_minute=None), None, False, Condition.OUTSIDE_HOURS),
        (replace(RUNNING, calls_per_minute=None), True, True, Condition.RUNNING),
        (STOPPED, None, None, Condition.STOPPED),
        (STOPPED, None, False, Condition.STOPPED),
        (STOPPED, True, True, Condition.STOPPED_UNEXPECTEDLY),
        (STOPPED, False, False, Condition.STOPPED_AS_PLANNED),
        (replace(RUNNING, running=None), True, False, Condition.UNKNOWN),
    ],
)
def test_the_state_is_set_against_what_is_expected(
    figures: CampaignFigures, expected: bool | None, permitted: bool | None, found: Condition
) -> None:
    assert condition(figures, ScheduleState(expected, permitted)) is found


@pytest.mark.parametrize(
    ("records", "left", "dialed", "used_up"),
    [
        (1000.0, 0.0, 1000.0, True),
        (1000.0, 0.0, 1200.0, True),
        (1000.0, 0.0, 999.0, False),
        (1000.0, 1.0, 1000.0, False),
        (0.0, 0.0, 0.0, False),
        (None, 0.0, 1000.0, False),
        (1000.0, None, 1000.0, False),
        (1000.0, 0.0, None, False),
    ],
)
def test_a_list_is_used_up_only_when_all_figures_say_so(
    records: float | None, left: float | None, dialed: float | None, used_up: bool
) -> None:
    assert replace(RUNNING, records=records, records_left=left, records_dialed=dialed).used_up is used_up


def test_conditions_rank_from_the_worst() -> None:
    assert min(Condition, key=lambda c: c.rank) is Condition.OUTSIDE_HOURS
    assert Condition.STOPPED_UNEXPECTEDLY.rank < Condition.RUNNING.rank < Condition.STOPPED_AS_PLANNED.rank


def polled(up: bool | None, age: float | None) -> PollStatus:
    success = None if age is None else Moment(10_000 - age, 5_000 - age)
    return PollStatus(interval=300, up=up, last_success=success)


@pytest.mark.parametrize(
    ("api", "status", "found"),
    [
        ("campaigns", polled(None, None), PollCondition.WAITING),
        ("campaigns", polled(False, None), PollCondition.FAILING),
        ("campaigns", polled(False, 10), PollCondition.FAILING),
        ("campaigns", polled(True, 600), PollCondition.WORKING),
        ("campaigns", polled(True, 601), PollCondition.LATE),
        ("machine_codes", polled(True, 9000), PollCondition.WORKING),
    ],
)
def test_polling_of_an_api(api: str, status: PollStatus, found: PollCondition) -> None:
    assert poll_condition(api, status, Moment(10_000, 5_000)) is found


W, F, L, N = PollCondition.WORKING, PollCondition.FAILING, PollCondition.LATE, PollCondition.WAITING


@pytest.mark.parametrize(
    ("conditions", "spent", "found"),
    [
        ((N, N, N, N), False, OperationCondition.WAITING),
        ((W, N, N, N), False, OperationCondition.WORKING),
        ((W, W, W, N), False, OperationCondition.WORKING),
        ((W, F, W, W), False, OperationCondition.PARTLY),
        ((L, W, W, W), False, OperationCondition.PARTLY),
        ((F, W, W, W), False, OperationCondition.FAILING),
        ((F, W, W, W), True, OperationCondition.FAILING),
        ((W, W, W, W), True, OperationCondition.OUT_OF_QUOTA),
    ],
)
def test_an_operation_is_as_good_as_its_polls(
    conditions: tuple[PollCondition, ...], spent: bool, found: OperationCondition
) -> None:
    polls = dict(zip(BY_NAME, conditions, strict=True))
    assert operation_condition(polls, out_of_quota=spent) is found


def test_the_quota_is_spent_until_the_day_ends() -> None:
    usage = Usage("2026-08-12", 2000, 500, limit=1000)
    assert not out_of_quota(None, None, 1000)
    assert not out_of_quota(usage, None, 1000)
    assert not out_of_quota(usage, 501, 1000)
    assert out_of_quota(usage, 500, 1000)
    assert not out_of_quota(usage, 500, 2000)
    assert out_of_quota(replace(usage, exhausted=True), None, 1000)
