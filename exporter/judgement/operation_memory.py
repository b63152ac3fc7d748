"""What an answer changes in what is remembered of an operation and of all its campaigns. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from msgspec.structs import replace

from exporter.apis import campaign_settings, campaigns
from exporter.judgement import results
from exporter.judgement.campaign_memory import campaign_after, identified
from exporter.judgement.lasting import Lasting, lasting, planned
from exporter.judgement.states import CampaignState
from exporter.judgement.view import Campaign, View
from exporter.schedules import ScheduleSet
from exporter.snapshot.memories import CampaignMemory, OperationMemory

_FORGOTTEN_SECONDS = 7 * 86400.0
"""For how long a campaign that no answer lists is remembered."""

_DISUSED_SECONDS = 4 * 86400.0
"""Longer than a weekend with two public holidays."""

_IDLE = {CampaignState.STOPPED, CampaignState.NO_CALLS}
_IDLE_SECONDS, _LATELY_SECONDS = 600.0, 3600.0
_MOST_RATIO = 0.5
"""What most campaigns, or most dials, of an operation do at the same time is no news of one campaign."""

_AT_ONCE_SECONDS = 900.0
_MIN_STOPPED_CAMPAIGNS = 2
_PREVIEW = "preview"


def keyed(view: View) -> Iterator[tuple[str, Campaign]]:
    """Yield the campaigns with the keys under which they are remembered: a rename does not change it."""
    number: Counter[str] = Counter()
    for campaign in view.campaigns:
        _, campaign_id, name, skill_id = campaign.labels
        key = campaign_id or name
        # Of several skills of one campaign the first in their order has the campaign's own key.
        yield (f"{key}\n{skill_id}" if number[key] else key), campaign
        number[key] += 1


def after_answer(
    memory: OperationMemory, api: str, view: View, schedules: ScheduleSet, at: float
) -> OperationMemory:
    """Return what is remembered after an answer of an API that lists campaigns, which was asked for `at`.

    `view` are the campaigns with it.
    """
    known = memory.campaigns
    found = dict(keyed(view))
    befores = [known[key].at for key in found if key in known]
    plan = planned(schedules, min(befores, default=at), at)
    campaigns_now = {
        key: one for key, one in known.items() if key not in found and at - one.at < _FORGOTTEN_SECONDS
    }
    indexes = {}
    for key, campaign in found.items():
        indexes[key] = index = schedules.index_of(*campaign.labels[1:3])
        told_by = campaign_settings.NAME if campaign.fallback else campaigns.NAME
        before = known.get(key)
        if api == told_by or before is None:
            after = campaign_after(before, campaign, index, plan, at)
        else:
            after = before
        campaigns_now[key] = identified(after, campaign, at)
    states = {key: lasting(campaigns_now[key], index, plan) for key, index in indexes.items()}
    closed = {key for key, index in indexes.items() if plan.of(index).permitted is False}
    campaigns_now |= _alone(campaigns_now, states, closed, at)
    campaigns_now |= _unblamed(known, campaigns_now, at)
    idle, overdue, working = [], [], 0
    for key, one in states.items():
        index = indexes[key]
        if index is None or not plan.of(index).expected:
            continue
        if is_idle(campaigns_now[key], one):
            idle.append(one.since)
            if one.confirmed >= schedules.tolerance(index):
                overdue.append(one.since)
        else:
            working += _works(campaigns_now[key], one)
    before_that = memory.stopped_since
    if before_that is not None and stopped_at_once(before_that, idle):
        return OperationMemory(campaigns_now, before_that)
    return OperationMemory(campaigns_now, _stopped_since(idle, overdue, len(idle) + working))


def _works(memory: CampaignMemory, found: Lasting) -> bool:
    """Return whether a campaign dials, or did between the last answers."""
    if found.state is CampaignState.RUNNING:
        return True
    return found.state is CampaignState.NO_CALLS and (results.recent_calls_per_minute(memory) or 0.0) > 0


def missed_calls(memory: CampaignMemory, found: Lasting) -> float | None:
    """Return the calls that a campaign would have made at its usual pace since it makes none.

    Of previews agents dial, so that nothing can be said of them.
    """
    if found.state is not CampaignState.NO_CALLS or memory.type.lower() == _PREVIEW:
        return None
    usual = results.least_calls_per_minute(memory, found.since)
    if usual is None:
        return None
    missed, left = usual * found.confirmed / 60, memory.counts.clean
    return missed if left is None else min(missed, left)


def is_idle(memory: CampaignMemory, found: Lasting) -> bool:
    """Return whether a campaign is stopped in its hours, or makes no calls where it usually makes ten.

    One that has not run for days is no longer used, whatever its schedule says.
    """
    if found.state is CampaignState.STOPPED_IN_HOURS:
        return memory.running_at is not None and found.since - memory.running_at < _DISUSED_SECONDS
    return (missed_calls(memory, found) or 0.0) >= results.MIN_CALLS


def _alone(
    memories: Mapping[str, CampaignMemory],
    states: Mapping[str, Lasting],
    closed: AbstractSet[str],
    at: float,
) -> Mapping[str, CampaignMemory]:
    """Return the campaigns for which it changes whether they are idle alone; `closed` may not dial now."""
    listed = {key: memories[key] for key in states}
    # Calls of the minutes before the end of a shift are recent still when the next campaign has none.
    dialling = sum(
        states[key].state is CampaignState.RUNNING and (results.recent_calls_per_minute(one) or 0.0) > 0
        for key, one in listed.items()
    )
    lately = sum(
        one.running_at is not None and at - one.running_at < _LATELY_SECONDS for one in listed.values()
    )
    changed = {}
    for key, one in listed.items():
        state, _, confirmed = states[key]
        alone = state in _IDLE and (
            one.alone
            or (
                key not in closed
                and _IDLE_SECONDS <= confirmed < _LATELY_SECONDS
                and dialling > _MOST_RATIO * lately
            )
        )
        if alone != one.alone:
            changed[key] = replace(one, alone=alone)
    return changed


def _unblamed(
    before: Mapping[str, CampaignMemory], now: Mapping[str, CampaignMemory], at: float
) -> Mapping[str, CampaignMemory]:
    """Return the campaigns whose lists do not count what came now: where most dials fail, it is no list."""
    latest = {key: one.intervals[-1] for key, one in now.items() if one.intervals and one.at == at}
    latest = {key: last for key, last in latest.items() if last.end == at}
    dials = sum(last.dials or 0 for last in latest.values())
    failed = sum(last.failed or 0 for last in latest.values())
    if failed <= _MOST_RATIO * dials or len(latest) < _MIN_STOPPED_CAMPAIGNS:
        return {}
    return {key: replace(now[key], listed=before[key].listed) for key in latest if key in before}


def _stopped_since(idle: Sequence[float], overdue: Sequence[float], should_dial: int) -> float | None:
    """Return since when at least half of the campaigns that should dial are idle, None where they are not.

    Both are times since when campaigns are idle, `overdue` those of more than their tolerance. At the
    beginning of hours all are idle for a moment.
    """
    groups = ((stopped_at_once(since, idle), -since) for since in overdue)
    count, since = max(groups, default=(0, 0.0))
    return -since if count >= max(_MIN_STOPPED_CAMPAIGNS, should_dial / 2) else None


def stopped_at_once(since: float, stopped: Sequence[float]) -> int:
    """Return how many of these were stopped within a quarter of an hour from `since` on."""
    return sum(since <= one <= since + _AT_ONCE_SECONDS for one in stopped)
