"""What an answer changes in the memory of a campaign and of its operation. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from msgspec.structs import replace

from exporter.apis import campaign_settings, campaigns
from exporter.judgement import results
from exporter.judgement.facts import Facts, state_of
from exporter.judgement.states import CampaignState
from exporter.judgement.view import Campaign, View
from exporter.schedules import UNPLANNED, ScheduleSet, ScheduleState
from exporter.snapshot.memories import CampaignMemory, Figures, OperationMemory, Rest, Share

_FORGOTTEN_SECONDS = 7 * 86400.0
"""For how long a campaign that no answer lists is remembered."""

_REMAINDER_SECONDS = 3600.0
_MAX_REMAINDER_RECORDS, _MAX_REMAINDER_RATIO = 50.0, 0.05
"""Records at a list's end that are never called, such as those on a do-not-call list: so many at most."""

_MAX_STILL_SECONDS = 600.0
_MIN_RETRY_ANSWERS = 2
"""So many answers that show calls although no record is called for the first time: the campaign retries."""

_AFTER_HOURS_SECONDS = 600.0
"""After so long calls a minute are no longer those of the minutes before the end of hours."""

_CARRIER_RATIO = 0.5
_PREVIEW = "preview"
_DISUSED_SECONDS = 4 * 86400.0
"""Longer than a weekend with two public holidays."""
_IDLE = {CampaignState.STOPPED, CampaignState.NO_CALLS}
_IDLE_SECONDS, _LATELY_SECONDS = 600.0, 3600.0
_MOST_RATIO = 0.5
"""What most campaigns of an operation do at the same time is no news of one of them."""

_AT_ONCE_SECONDS = 900.0
_MIN_STOPPED_CAMPAIGNS = 2

Changes = Sequence[tuple[float, tuple[ScheduleState, ...]]]
"""When the schedules say something else, and what (`ScheduleSet.changes`)."""


class Lasting(NamedTuple):
    """A state, since when (Unix time), and for how many seconds of that answers confirm it."""

    state: CampaignState
    since: float
    confirmed: float


class Planned(NamedTuple):
    """What schedules say from one answer to a later time: how it changed, and how it is at the end."""

    changes: Changes
    states: tuple[ScheduleState, ...]

    def of(self, index: int | None) -> ScheduleState:
        """Return what a campaign's schedule says at the end."""
        return UNPLANNED if index is None else self.states[index]

    def since(self, index: int | None, after: float) -> Iterator[tuple[float, ScheduleState]]:
        """Yield what a campaign's schedule says after a time, whenever one of the schedules changes."""
        if index is not None:
            yield from ((at, states[index]) for at, states in self.changes if at > after)


def planned(schedules: ScheduleSet, after: float, wall: float) -> Planned:
    """Return what the schedules say between two Unix times."""
    return Planned(schedules.changes(after, wall), schedules.states(wall))


def keyed(view: View) -> Iterator[tuple[str, Campaign]]:
    """Yield the campaigns with the keys under which they are remembered: a rename does not change it."""
    number: Counter[str] = Counter()
    for campaign in view.campaigns:
        _, campaign_id, name, skill_id = campaign.labels
        key = campaign_id or name
        # Of several skills of one campaign the first in their order has the campaign's own key.
        yield (f"{key}\n{skill_id}" if number[key] else key), campaign
        number[key] += 1


def facts_of(memory: CampaignMemory) -> Facts:
    """Return what the last answer showed."""
    return Facts(memory.running, memory.calling, memory.used_up)


def lasting(memory: CampaignMemory, index: int | None, plan: Planned) -> Lasting:
    """Return the state of a campaign at the end of a plan, as far as its last answer and the clock tell."""
    facts = facts_of(memory)
    state = state_of(facts, ScheduleState(memory.expected, memory.permitted))
    found = Lasting(state, memory.since, memory.confirmed)
    for at, says in plan.since(index, memory.at):
        if (state := state_of(facts, says)) is not found.state:
            found = Lasting(state, at, 0.0)
    # Another configuration, or a clock that was put back, can say something else without a change.
    if (state := state_of(facts, plan.of(index))) is not found.state:
        return Lasting(state, memory.at, 0.0)
    return found


def figures_of(campaign: Campaign) -> Figures:
    """Return the figures of a campaign as they are published."""

    def figure(family: str, *labels: str) -> float | None:
        value = campaign.value(f"wolkvox_campaign_{family}", *labels)
        return value if isinstance(value, float) else None

    running = figure("running")
    return Figures(
        running=None if running is None else running == 1,
        calls_per_minute=figure("calls_per_minute"),
        records=figure("records"),
        clean=figure("clean_records"),
        dialed=figure("dialed_records"),
        answer=figure("outcome_records", "answer"),
        failed=figure("outcome_records", "busy_congestion_failed"),
        machine=figure("outcome_records", "answer_machine"),
        hits=figure("hits"),
        speed=figure("speed_ratio"),
        recycles=figure("recycles"),
    )


def type_of(campaign: Campaign) -> str:
    """Return the type of a campaign, "" when it is not known."""
    info = campaign.value("wolkvox_campaign_info")
    return next(iter(info))[0] if isinstance(info, Mapping) and info else ""


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
        campaigns_now[key] = _identified(after, campaign, at)
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
    if failed <= _CARRIER_RATIO * dials or len(latest) < _MIN_STOPPED_CAMPAIGNS:
        return {}
    return {key: replace(now[key], listed=before[key].listed) for key in latest if key in before}


def _identified(memory: CampaignMemory, campaign: Campaign, at: float) -> CampaignMemory:
    """Return the memory with the campaign's type and skill, which stay when an answer does not tell them."""
    kind, skill = type_of(campaign) or memory.type, campaign.labels[3] or memory.skill
    if (kind, skill) == (memory.type, memory.skill):
        return memory
    changed = at if memory.skill and skill != memory.skill else memory.skill_changed
    return replace(memory, type=kind, skill=skill, skill_changed=changed)


def campaign_after(
    before: CampaignMemory | None, campaign: Campaign, index: int | None, plan: Planned, at: float
) -> CampaignMemory:
    """Return what is remembered of a campaign after an answer that was asked for `at`."""
    figures, says = figures_of(campaign), plan.of(index)
    if before is None:
        facts = Facts(figures.running, _calling(figures), _listed_used_up(figures))
        running_at = at if figures.running else None
        return CampaignMemory(at, *facts, *says, at, 0.0, figures, figures, at, running_at=running_at)
    was = lasting(before, index, plan)
    moved = _moved(before.counts, figures)
    closed = before.counted_at == before.at and all(
        answer is False
        for answer in (
            before.permitted,
            says.permitted,
            *(one.permitted for _, one in plan.since(index, before.at)),
        )
    )
    calling = _calling(figures)
    if calling is not True and moved and closed:
        calling = True
    elif calling is None and was.state is CampaignState.NO_CALLS and figures.running:
        calling = before.calling  # no answer has shown a call since
    in_hours = False not in (*says, before.expected, before.permitted)
    rest = _rest_after(before, figures, at, calling=calling, in_hours=in_hours)
    used_up = before.used_up if _tells_no_counts(figures) else _used_up(figures, rest, calling)
    state = state_of(Facts(figures.running, calling, used_up), says)
    evident = closed and (moved or (bool(calling) and at - was.since >= _AFTER_HOURS_SECONDS))
    since, confirmed = _confirmed(was, state, before.at, at, moved=moved, evident=evident)
    seconds = max(at - before.counted_at, 0.0)
    if state is CampaignState.NO_CALLS and since == at and _stood_still(before, figures):
        # Calls a minute are those of minutes ago, and no record was dialled since.
        confirmed = min(seconds, _MAX_STILL_SECONDS)
    counts, counted_at = (figures, at)
    if _tells_no_counts(figures):
        # Of a campaign that was stopped meanwhile nothing can be said between the other two answers.
        running = bool(before.counts.running and figures.running)
        counts, counted_at = replace(before.counts, running=running), before.counted_at
    working = bool(figures.running) and in_hours
    after = replace(
        before,
        at=at,
        running=figures.running,
        calling=calling,
        used_up=used_up,
        expected=says.expected,
        permitted=says.permitted,
        since=since,
        confirmed=confirmed,
        figures=figures,
        counts=counts,
        counted_at=counted_at,
        running_at=at if figures.running else before.running_at,
        working_since=(before.working_since or at) if working else None,
        rest=rest,
        alone=before.alone and since == was.since,
    )
    if results.is_refill(before.counts, figures):
        listed_before = before.listed if results.list_failed(before).get("present") is not None else None
        after = replace(after, listed=Share(), listed_before=listed_before or before.listed_before)
    between = results.interval_between(before.counts, figures, at, seconds, whole_list=used_up)
    if between is None or _tells_no_counts(figures):
        return after
    return results.with_interval(after, between, in_hours=in_hours)


def _confirmed(  # noqa: PLR0913 - what was, what is, and by which evidence
    was: Lasting, state: CampaignState, before: float, at: float, *, moved: bool, evident: bool
) -> tuple[float, float]:
    """Return since when a state lasts that an answer shows, and for how long it is confirmed."""
    if state is not was.state or (state is CampaignState.NO_CALLS and moved):
        return at, 1.0 if state is CampaignState.OUTSIDE_HOURS and evident else 0.0
    if state is CampaignState.OUTSIDE_HOURS:
        # Figures from before the end of hours are no evidence; and evidence does not go away.
        return was.since, max(at - was.since, was.confirmed, 1.0) if evident else was.confirmed
    # What a clock that was put back took away is not counted, and nothing is counted twice.
    return was.since, was.confirmed + max(at - max(before, was.since), 0.0)


def _calling(figures: Figures) -> bool | None:
    calls = figures.calls_per_minute
    return None if calls is None else calls > 0


def _moved(before: Figures, after: Figures) -> bool:
    """Return whether records were dialled between two answers."""
    return before.dialed is not None and after.dialed is not None and after.dialed > before.dialed


def _stood_still(before: CampaignMemory, figures: Figures) -> bool:
    return bool(before.running) and figures.dialed is not None and figures.dialed == before.counts.dialed


def _tells_no_counts(figures: Figures) -> bool:
    """Return whether an answer tells neither calls nor records: `campaign_settings` stands in."""
    return figures.dialed is None and figures.clean is None and figures.calls_per_minute is None


def _listed_used_up(figures: Figures) -> bool:
    """Return whether a list is known to have nobody left to call, by its figures."""
    if figures.records is None or figures.dialed is None:
        return False
    return figures.clean == 0 and figures.records > 0 and figures.dialed >= figures.records


def _rest_after(
    before: CampaignMemory, figures: Figures, at: float, *, calling: bool | None, in_hours: bool
) -> Rest:
    """Return what is known of the records that are never called at the end of the list."""
    if _tells_no_counts(figures):
        return before.rest
    same = figures.clean == before.counts.clean
    if not figures.running:
        return before.rest if same else Rest()
    unmoved_since, none_left = None, _listed_used_up(figures)
    if same and in_hours and _is_small(figures):
        unmoved_since, none_left = before.rest.unmoved_since or before.at, True
    if not none_left:
        return Rest()
    retries = min(before.rest.retries + bool(calling), _MIN_RETRY_ANSWERS)
    proven = unmoved_since is not None and (
        at - unmoved_since >= _REMAINDER_SECONDS or retries >= _MIN_RETRY_ANSWERS
    )
    return Rest(unmoved_since, retries, bool(calling) and retries >= _MIN_RETRY_ANSWERS, proven)


def _is_small(figures: Figures) -> bool:
    clean, records = figures.clean, figures.records
    if not clean or not records:
        return False
    return clean <= min(_MAX_REMAINDER_RECORDS, _MAX_REMAINDER_RATIO * records)


def _used_up(figures: Figures, rest: Rest, calling: bool | None) -> bool:
    if figures.running:
        return _listed_used_up(figures) or (rest.proven and calling is not True)
    return not rest.retrying and (_listed_used_up(figures) or rest.proven)


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
