"""What needs somebody, the most urgent first: campaigns, and operations as a whole. Pure."""

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from exporter.apis import campaigns
from exporter.judgement import CampaignState, Finding
from exporter.snapshot import PollStatus
from exporter.status.condition import OperationCondition, PollCondition
from exporter.status.model import AttentionEntry, AttentionGroup, CampaignStatus, Quota, Urgent

URGENCY: tuple[Urgent, ...] = (
    OperationCondition.FAILING,
    OperationCondition.OUT_OF_QUOTA,
    *sorted((state for state in CampaignState if state.needs_attention), key=lambda state: state.rank),
    *Finding,
    OperationCondition.PARTLY,
    OperationCondition.UNREADABLE,
)
"""What can need somebody: first what hides all the campaigns of an operation."""

MAX_LINES = 10
"""Entries of one kind that are listed; of more it is told how many there are."""

TROUBLED = frozenset(PollCondition) - {PollCondition.WAITING, PollCondition.WORKING}
"""The conditions of an API that somebody should look at."""


@dataclass(frozen=True, slots=True)
class OperationFacts:
    """What is known of an operation as a whole: its condition, and that of each API by its name."""

    name: str
    timezone: str
    condition: OperationCondition
    conditions: Mapping[str, PollCondition]
    polls: Mapping[str, PollStatus]
    findings: tuple[Finding, ...]
    quota: Quota | None


def attention(
    operations: Iterable[OperationFacts], found: Iterable[CampaignStatus]
) -> tuple[AttentionGroup, ...]:
    """Return what needs somebody, in groups of the same kind; in each, the longest-lasting first."""
    entries: dict[Urgent, list[AttentionEntry]] = {}
    for campaign in found:
        if campaign.state.needs_attention:
            entries.setdefault(campaign.state, []).append(_of_campaign(campaign))
    for operation in operations:
        present: tuple[Urgent, ...] = (operation.condition, *operation.findings)
        for what in present:
            if what in URGENCY:
                entries.setdefault(what, []).append(_of_operation(operation, what))
    return tuple(
        AttentionGroup(
            kind=_KINDS[type(what)],
            what=what,
            total=len(entries[what]),
            runbook=what.term.runbook,
            entries=tuple(heapq.nsmallest(MAX_LINES, entries[what], key=_order)),
        )
        for what in URGENCY
        if what in entries
    )


_KINDS = {CampaignState: "state", OperationCondition: "condition", Finding: "finding"}


def _order(entry: AttentionEntry) -> tuple[float, str, str]:
    return entry.since or 0.0, entry.operation, entry.campaign


def _of_campaign(campaign: CampaignStatus) -> AttentionEntry:
    return AttentionEntry(
        operation=campaign.operation,
        timezone=campaign.timezone,
        campaign_id=campaign.campaign_id,
        campaign=campaign.name,
        since=campaign.since,
        why=campaign.why,
        stopped_by_hand=campaign.stopped_by_hand,
        stopped_by=campaign.stopped_by,
        records_left=campaign.records_left,
        apis={},
        quota=None,
    )


def _of_operation(operation: OperationFacts, what: Urgent) -> AttentionEntry:
    troubled = {
        api: condition
        for api, condition in operation.conditions.items()
        if isinstance(what, OperationCondition) and condition in TROUBLED
    }
    # The list of campaigns alone decides that an operation does not answer.
    deciding = {campaigns.NAME} if what is OperationCondition.FAILING else set(troubled)
    begins = [_since(operation.polls[api], operation.conditions[api]) for api in deciding]
    known = [begin for begin in begins if begin is not None]
    out_of_quota = what is OperationCondition.OUT_OF_QUOTA
    return AttentionEntry(
        operation=operation.name,
        timezone=operation.timezone,
        campaign_id="",
        campaign="",
        since=None if out_of_quota else min(known, default=None),
        why=None,
        stopped_by_hand=None,
        stopped_by="",
        records_left=None,
        apis={api: _cause(operation.polls[api], condition) for api, condition in troubled.items()},
        quota=operation.quota if out_of_quota else None,
    )


def _cause(status: PollStatus, condition: PollCondition) -> str:
    return status.last_failure if condition is PollCondition.FAILING else condition.value


def _since(status: PollStatus, condition: PollCondition) -> float | None:
    if condition is PollCondition.FAILING:
        return status.failing_since
    if condition is PollCondition.UNREADABLE:
        return status.unreadable_since
    return None if status.last_success is None else status.last_success.wall
