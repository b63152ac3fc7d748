import pytest

from exporter.clock import Moment
from exporter.schedules import ScheduleState
from exporter.snapshot import PollStatus
from exporter.status.condition import (
    Condition,
    OperationCondition,
    PollCondition,
    condition,
    operation_condition,
    poll_condition,
    used_up,
)

APIS_BY_RANK = ("campaigns", "campaign_settings", "token_info", "machine_codes")


@pytest.mark.parametrize(
    ("running", "calls_per_minute", "list_used_up", "expected", "permitted", "found"),
    [
        (True, 12.0, False, None, None, Condition.RUNNING),
        (True, 12.0, False, True, True, Condition.RUNNING),
        (True, 12.0, False, False, True, Condition.RUNNING),
        (True, 12.0, False, False, False, Condition.OUTSIDE_HOURS),
        (True, 0.0, True, None, None, Condition.LIST_USED_UP),
        (True, 0.0, True, False, False, Condition.LIST_USED_UP),
        (True, 1.0, True, None, False, Condition.OUTSIDE_HOURS),
        (True, 0.0, False, None, None, Condition.NO_CALLS),
        (True, 0.0, False, True, True, Condition.NO_CALLS),
        # Nobody waits for calls at that hour.
        (True, 0.0, False, False, True, Condition.RUNNING),
        (True, 0.0, False, False, False, Condition.RUNNING),
        # It does not say that it makes no calls.
        (True, None, False, None, False, Condition.OUTSIDE_HOURS),
        (True, None, False, True, True, Condition.RUNNING),
        (False, 0.0, False, None, None, Condition.STOPPED),
        (False, 0.0, False, None, False, Condition.STOPPED),
        (False, 0.0, False, True, True, Condition.STOPPED_UNEXPECTEDLY),
        (False, 0.0, False, False, False, Condition.STOPPED_AS_PLANNED),
        (None, 12.0, False, True, False, Condition.UNKNOWN),
    ],
)
def test_the_state_is_set_against_what_is_expected(  # noqa: PLR0913, PLR0917 - one case of the table
    running: bool | None,
    calls_per_minute: float | None,
    list_used_up: bool,
    expected: bool | None,
    permitted: bool | None,
    found: Condition,
) -> None:
    planned = ScheduleState(expected, permitted)
    assert condition(running, calls_per_minute, planned, list_used_up=list_used_up) is found


@pytest.mark.parametrize(
    ("records", "left", "dialed", "found"),
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
    records: float | None, left: float | None, dialed: float | None, found: bool
) -> None:
    assert used_up(records, left, dialed) is found


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
    polls = dict(zip(APIS_BY_RANK, conditions, strict=True))
    assert operation_condition(polls, out_of_quota=spent) is found
