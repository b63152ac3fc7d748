"""The campaigns of an operation as they are judged at one time. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from exporter.apis import agents, campaign_settings, campaigns
from exporter.clock import MAX_CLOCK_SKEW_SECONDS
from exporter.judgement import results
from exporter.judgement.campaign_memory import campaign_after, figures_of
from exporter.judgement.findings import UNSAID, Finding, Terms, findings, predictives_limit
from exporter.judgement.lasting import Lasting, Planned, lasting, planned
from exporter.judgement.operation_memory import is_idle, keyed, missed_calls, stopped_at_once
from exporter.judgement.reasons import Reason
from exporter.judgement.states import CampaignState
from exporter.judgement.view import Campaign, OperationView, View
from exporter.schedules import ScheduleSet, ScheduleState
from exporter.snapshot.memories import CampaignMemory, OperationMemory

_LISTS = {campaigns.NAME, campaign_settings.NAME}
_MIN_CARRIER_CALLS = 20.0
_SETTLED_SECONDS = 900.0
_CARRIER_RATIO = 0.5
_CHANGE_SECONDS = 86400.0
_PREDICTIVE = "predictive"
_STOP_SECONDS = 900.0
"""For how long before the hours of a campaign begin a stop by hand is why it is stopped in them."""


@dataclass(frozen=True)
class Judgement:
    """A campaign as it is published, judged.

    `schedule` says when it should dial, None without one; `tolerance` (seconds) comes with that. `hand_stop`
    is when somebody stopped it by hand (Unix time), and who ("" for not told), if it is stopped since then.
    """

    campaign: Campaign
    schedule: ScheduleState | None
    tolerance: float | None
    lasting: Lasting
    memory: CampaignMemory
    operation: OperationView
    hand_stop: tuple[float, str] | None

    @property
    def state(self) -> CampaignState:
        """The state it is in."""
        return self.lasting.state

    @property
    def reason(self) -> Reason | None:
        """Why it makes no calls although it should; None in other states."""
        if self.state not in {CampaignState.NO_CALLS, CampaignState.STOPPED_IN_HOURS}:
            return None
        figures, counts = self.memory.figures, self.memory.counts
        if counts.clean == 0 or figures.records == 0:
            return Reason.LIST_USED_UP
        if agents.nobody_ready(self.operation.agents):
            return Reason.NO_AGENTS
        if figures.speed == 0:
            return Reason.SPEED_ZERO
        if self.hand_stop is not None:
            return Reason.STOPPED_BY_HAND
        return Reason.CARRIER if _carrier_fails(self.memory) else Reason.NOT_KNOWN

    @property
    def why(self) -> Reason | None:
        """Why it does not dial, or should not, also in states in which nothing is wrong; None if it may."""
        if self.state is CampaignState.LIST_USED_UP:
            return Reason.LIST_USED_UP
        if self.state is CampaignState.STOPPED:
            return None if self.hand_stop is None else Reason.STOPPED_BY_HAND
        idle = self.state is CampaignState.RUNNING and self.memory.calling is False
        planned = {CampaignState.OUTSIDE_HOURS, CampaignState.STOPPED_AS_PLANNED}
        if self.schedule is None or not (idle or self.state in planned):
            return self.reason
        if self.schedule.permitted is False:
            return Reason.FORBIDDEN_HOURS
        return Reason.NOT_EXPECTED if self.schedule.expected is False else None

    @property
    def stopped_by_hand(self) -> tuple[float, str] | None:
        """The stop by hand, if that is why it does not dial."""
        return self.hand_stop if self.why is Reason.STOPPED_BY_HAND else None

    @property
    def calls_chance(self) -> float | None:
        """How likely so few calls are by chance; None where they may be few.

        That is so at the beginning and the end of its hours, and when the list ends within an hour. None at
        all are not few: then calls are missed.
        """
        memory, clean = self.memory, self.memory.counts.clean
        usual = results.usual_calls_per_minute(memory)
        if memory.working_since is None or memory.at - memory.working_since < _SETTLED_SECONDS:
            return None
        if usual is None or False in (self.schedule or ()) or (clean is not None and clean < usual * 60):
            return None
        return results.calls_chance(memory) if memory.intervals[-1:] and memory.intervals[-1].calls else None

    @property
    def idle_alone(self) -> float | None:
        """1.0 when its calls ended while most campaigns of its operation went on; None with a schedule."""
        expected = self.schedule is not None and self.schedule.expected is not None
        if expected or self.state not in {CampaignState.STOPPED, CampaignState.NO_CALLS}:
            return None
        return float(self.memory.alone)

    @cached_property
    def shares(self) -> Mapping[str, results.Comparison]:
        """The shares of results, recent and usual, and the chance of their difference, by result."""
        return results.shares(self.memory)

    @property
    def missed_calls(self) -> float | None:
        """The calls that it would have made at its usual pace since it makes none."""
        return missed_calls(self.memory, self.lasting)


def _carrier_fails(memory: CampaignMemory) -> bool:
    """Return whether most of the latest dials failed, however long ago they were made."""
    latest = [one for one in memory.intervals if one.dials and one.failed is not None][-2:]
    dials = sum(one.dials or 0.0 for one in latest)
    failed = sum(one.failed or 0.0 for one in latest)
    return dials >= _MIN_CARRIER_CALLS and failed > _CARRIER_RATIO * dials


def skill_changed(memory: CampaignMemory, wall: float) -> float | None:
    """Return when the skill of a campaign last changed, None when that is more than a day ago."""
    changed = memory.skill_changed
    return changed if changed is not None and wall - changed < _CHANGE_SECONDS else None


@dataclass(frozen=True)
class Judged:
    """An operation judged: its campaigns in the order of the view, and those that were stopped at once.

    `stopped` are these, empty where there are none; they are stopped since `stopped_since` (Unix time).
    `terms` are what the configuration says, `findings` what is wrong beside that (`findings.findings`).
    """

    campaigns: Sequence[Judgement]
    stopped_since: float | None
    stopped: Sequence[Judgement]
    operation: OperationView
    terms: Terms
    schedules: ScheduleSet

    @cached_property
    def shares(self) -> Mapping[str, results.Comparison]:
        """The shares of results of all campaigns together, by result."""
        return results.together(one.memory for one in self.campaigns)

    @cached_property
    def started_predictives(self) -> float | None:
        """How many predictive campaigns are started; None where no campaign's type is known."""
        types = {one.campaign.labels[1:3]: one.memory.type for one in self.campaigns}
        if not any(types.values()):
            return None
        started = {one.campaign.labels[1:3] for one in self.campaigns if one.memory.figures.running}
        return float(sum(_PREDICTIVE in types[campaign].lower() for campaign in started))

    @property
    def predictives_limit(self) -> float | None:
        """How many of them may be started at once; None where that is not known."""
        return predictives_limit(self.operation, self.terms)

    @cached_property
    def findings(self) -> Mapping[Finding, bool]:
        """Whether each finding is so, as far as known."""
        return findings(self.operation, self.terms, self.schedules, self.started_predictives)


def judge(
    view: View, memory: OperationMemory, schedules: ScheduleSet, wall: float, terms: Terms = UNSAID
) -> Judged:
    """Return the campaigns of a view, judged at a Unix time; `terms` are those of the configuration."""
    found = list(keyed(view))
    known = memory.campaigns
    oldest = min((known[key].at if key in known else view.at for key, _ in found), default=wall)
    plan = planned(schedules, oldest, wall)
    judged = [_judgement(campaign, known.get(key), schedules, plan, view) for key, campaign in found]
    since, stopped = memory.stopped_since, []
    if since is not None:
        expected = [one for one in judged if one.schedule is not None and one.schedule.expected]
        idle = [one for one in expected if is_idle(one.memory, one.lasting)]
        stopped = [one for one in idle if stopped_at_once(since, [one.lasting.since])]
    return Judged(judged, since if stopped else None, stopped, view.operation, terms, schedules)


def _judgement(
    campaign: Campaign, memory: CampaignMemory | None, schedules: ScheduleSet, plan: Planned, view: View
) -> Judgement:
    at = view.at
    index = schedules.index_of(*campaign.labels[1:3])
    if memory is None or memory.figures != figures_of(campaign):
        # Another configuration has let it in, `campaigns` has come of age since, or the state store had the
        # answers of another version.
        start = at if memory is None else min(memory.at, at)
        memory = campaign_after(memory, campaign, index, planned(schedules, start, at), at)
    says, tolerance = (None, None) if index is None else (plan.states[index], schedules.tolerance(index))
    found = lasting(memory, index, plan)
    if not _LISTS & campaign.values.keys():
        found = Lasting(CampaignState.UNKNOWN, memory.at, 0.0)  # a report alone does not tell
    stop = view.operation.stops.get(campaign.labels[1])
    if stop is not None and not _is_why(stop[0], found, memory, schedules, index):
        stop = None
    return Judgement(campaign, says, tolerance, found, memory, view.operation, stop)


def _is_why(
    stopped_at: float, found: Lasting, memory: CampaignMemory, schedules: ScheduleSet, index: int | None
) -> bool:
    """Return whether a stop by hand (Unix time) is why a campaign is stopped.

    It is not where a poll has shown the campaign started since, nor in its hours where it is from before
    these: then somebody has failed to start it.
    """
    if found.state not in {CampaignState.STOPPED, CampaignState.STOPPED_IN_HOURS}:
        return False
    if memory.running_at is not None and stopped_at < memory.running_at - MAX_CLOCK_SKEW_SECONDS:
        return False
    if found.state is CampaignState.STOPPED or index is None:
        return True
    return schedules.always_expects(index, stopped_at + _STOP_SECONDS, found.since)
