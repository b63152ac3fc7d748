"""The condition of APIs and operations: what needs attention. Pure."""

from collections.abc import Mapping
from enum import StrEnum

from exporter.apis import BY_NAME, campaigns
from exporter.clock import Moment
from exporter.glossary import GlossaryEnum
from exporter.snapshot import PollStatus

LATE_INTERVALS = 2
"""Intervals after which an answer is late although the last poll succeeded."""


class PollCondition(StrEnum):
    """The condition of the polling of an API."""

    FAILING = "failing"
    LATE = "late"
    PAUSED = "paused"
    UNREADABLE = "unreadable"
    WAITING = "waiting"
    WORKING = "working"


def poll_condition(api: str, status: PollStatus, now: Moment) -> PollCondition:
    """Return the condition of an API; one asked by campaign is never late: it waits for one that dials.

    One that has no answer, or a late one, because the day's budget has no call for it is paused.
    """
    if status.up is False:
        return PollCondition.FAILING
    last = status.last_success
    late = last is None or now.monotonic - last.monotonic > LATE_INTERVALS * status.interval
    if late and status.paused:
        return PollCondition.PAUSED
    if status.up is None:
        return PollCondition.WAITING
    if late and last is not None and not BY_NAME[api].by_campaign:
        return PollCondition.LATE
    return PollCondition.WORKING if status.unreadable_since is None else PollCondition.UNREADABLE


class OperationCondition(GlossaryEnum, kind="condition"):
    """The condition of an operation; the most urgent first."""

    FAILING = "failing"
    OUT_OF_QUOTA = "out_of_quota"
    PARTLY = "partly"
    UNREADABLE = "unreadable"
    WAITING = "waiting"
    WORKING = "working"

    @property
    def rank(self) -> int:
        """The position in the order, 0 for the most urgent."""
        return _OPERATION_RANK[self]


_OPERATION_RANK = {condition: rank for rank, condition in enumerate(OperationCondition)}


def operation_condition(polls: Mapping[str, PollCondition], *, out_of_quota: bool) -> OperationCondition:
    """Return the condition of an operation: it fails when `campaigns` fails."""
    conditions = set(polls.values())
    if polls.get(campaigns.NAME) is PollCondition.FAILING:
        return OperationCondition.FAILING
    if out_of_quota:
        return OperationCondition.OUT_OF_QUOTA
    if conditions & {PollCondition.FAILING, PollCondition.LATE, PollCondition.PAUSED}:
        return OperationCondition.PARTLY
    if PollCondition.UNREADABLE in conditions:
        return OperationCondition.UNREADABLE
    waiting = [condition for api, condition in polls.items() if not BY_NAME[api].by_campaign]
    if waiting and set(waiting) == {PollCondition.WAITING}:
        return OperationCondition.WAITING
    return OperationCondition.WORKING
