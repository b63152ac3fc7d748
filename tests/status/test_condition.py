import pytest

from exporter.clock import Moment
from exporter.snapshot import PollRecord, PollStatus
from exporter.status.condition import OperationCondition, PollCondition, operation_condition, poll_condition

APIS_BY_RANK = ("campaigns", "campaign_settings", "token_info", "machine_codes")


def polled(
    up: bool | None, age: float | None, unreadable: int | None = None, *, paused: bool = False
) -> PollStatus:
    success = None if age is None else Moment(10_000 - age, 5_000 - age)
    told = None if unreadable is None else {"speed": unreadable}
    status = PollStatus(interval=300, up=up, last_success=success, paused=paused)
    return status.with_poll(PollRecord(success, True, unreadable=told)) if success else status


@pytest.mark.parametrize(
    ("api", "status", "found"),
    [
        ("campaigns", polled(None, None), PollCondition.WAITING),
        ("campaigns", polled(False, None), PollCondition.FAILING),
        ("campaigns", polled(False, 10), PollCondition.FAILING),
        ("campaigns", polled(True, 600), PollCondition.WORKING),
        ("campaigns", polled(True, 601), PollCondition.LATE),
        ("campaigns", polled(True, 600, paused=True), PollCondition.WORKING),
        ("campaigns", polled(True, 601, paused=True), PollCondition.PAUSED),
        ("campaigns", polled(False, 601, paused=True), PollCondition.FAILING),
        ("campaigns", polled(None, None, paused=True), PollCondition.PAUSED),
        ("machine_codes", polled(True, 600, paused=True), PollCondition.WORKING),
        ("machine_codes", polled(True, 601, paused=True), PollCondition.PAUSED),
        ("machine_codes", polled(True, 9000), PollCondition.WORKING),
        ("campaigns", polled(True, 10, 0), PollCondition.WORKING),
        ("campaigns", polled(True, 10, 3), PollCondition.UNREADABLE),
        ("machine_codes", polled(True, 9000, 3), PollCondition.UNREADABLE),
        ("campaigns", polled(True, 601, 3), PollCondition.LATE),
        ("campaigns", polled(False, 10, 3), PollCondition.FAILING),
    ],
)
def test_polling_of_an_api(api: str, status: PollStatus, found: PollCondition) -> None:
    assert poll_condition(api, status, Moment(10_000, 5_000)) is found


W, F, L, N = PollCondition.WORKING, PollCondition.FAILING, PollCondition.LATE, PollCondition.WAITING
U, P = PollCondition.UNREADABLE, PollCondition.PAUSED


@pytest.mark.parametrize(
    ("conditions", "spent", "found"),
    [
        ((N, N, N, N), False, OperationCondition.WAITING),
        ((W, N, N, N), False, OperationCondition.WORKING),
        ((W, W, W, N), False, OperationCondition.WORKING),
        ((W, F, W, W), False, OperationCondition.PARTLY),
        ((L, W, W, W), False, OperationCondition.PARTLY),
        ((W, P, W, W), False, OperationCondition.PARTLY),
        ((U, W, W, F), False, OperationCondition.PARTLY),
        ((W, N, U, N), False, OperationCondition.UNREADABLE),
        ((U, W, W, W), True, OperationCondition.OUT_OF_QUOTA),
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
