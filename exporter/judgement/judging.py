"""The campaigns of an operation as they are judged at one time. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from exporter.judgement import results
from exporter.judgement.reasons import Reason
from exporter.judgement.remembering import (
    Lasting,
    Planned,
    campaign_after,
    keyed,
    lasting,
    planned,
    stopped_at_once,
)
from exporter.judgement.states import CampaignState
from exporter.judgement.view import Campaign, View
from exporter.schedules import ScheduleSet, ScheduleState
from exporter.snapshot.memories import CampaignMemory, OperationMemory

_MIN_CARRIER_CALLS = 20.0
_CARRIER_RATIO = 0.5
_CHANGE_SECONDS = 86400.0
_PREVIEW = "preview"


class Judgement(NamedTuple):
    """A campaign as it is published, judged.

    `schedule` says when it should dial, None without one; `tolerance` (seconds) comes with that.
    """

    campaign: Campaign
    schedule: ScheduleState | None
    tolerance: float | None
    lasting: Lasting
    memory: CampaignMemory

    @property
    def state(self) -> CampaignState:
        """The state it is in."""
        return self.lasting.state

    @property
    def reason(self) -> Reason | None:
        """Why it makes no calls although it should; None in other states."""
        if self.state not in {CampaignState.NO_CALLS, CampaignState.STOPPED_IN_HOURS}:
            return None
        figures = self.memory.figures
        if figures.clean == 0 or figures.records == 0:
            return Reason.LIST_USED_UP
        if figures.speed == 0:
            return Reason.SPEED_ZERO
        return Reason.CARRIER if _carrier_fails(self.memory) else Reason.NOT_KNOWN

    @property
    def missed_calls(self) -> float | None:
        """The calls that it would have made at its usual pace since it makes none."""
        usual = results.usual_calls_per_minute(self.memory)
        if self.state is not CampaignState.NO_CALLS or usual is None or self.memory.type.lower() == _PREVIEW:
            return None
        missed = usual * self.lasting.confirmed / 60
        left = self.memory.figures.clean
        return missed if left is None else min(missed, left)


def _carrier_fails(memory: CampaignMemory) -> bool:
    latest = [one for one in memory.intervals[-2:] if one.dials is not None and one.failed is not None]
    dials = sum(one.dials or 0.0 for one in latest)
    failed = sum(one.failed or 0.0 for one in latest)
    return dials >= _MIN_CARRIER_CALLS and failed > _CARRIER_RATIO * dials


def skill_changed(memory: CampaignMemory, wall: float) -> float | None:
    """Return when the skill of a campaign last changed, None when that is more than a day ago."""
    changed = memory.skill_changed
    return changed if changed is not None and wall - changed < _CHANGE_SECONDS else None


@dataclass(frozen=True, slots=True)
class Judged:
    """An operation judged: its campaigns in the order of the view, and those that were stopped at once.

    `stopped` are these, empty where there are none; they are stopped since `stopped_since` (Unix time).
    """

    campaigns: Sequence[Judgement]
    stopped_since: float | None
    stopped: Sequence[Judgement]


def judge(view: View, memory: OperationMemory, schedules: ScheduleSet, wall: float) -> Judged:
    """Return the campaigns of a view, judged at a Unix time."""
    found = list(keyed(view))
    known = memory.campaigns
    plan = planned(schedules, min((known[key].at for key, _ in found if key in known), default=view.at), wall)
    judged = [_judgement(campaign, known.get(key), schedules, plan, view.at) for key, campaign in found]
    since, stopped = memory.stopped_since, []
    if since is not None:
        in_hours = [one for one in judged if one.state is CampaignState.STOPPED_IN_HOURS]
        stopped = [one for one in in_hours if stopped_at_once(since, [one.lasting.since])]
    return Judged(judged, since if stopped else None, stopped)


def _judgement(
    campaign: Campaign, memory: CampaignMemory | None, schedules: ScheduleSet, plan: Planned, at: float
) -> Judgement:
    index = schedules.index_of(*campaign.labels[1:3])
    if memory is None:
        # Another configuration has let it in, or the state store had the answers of another version.
        memory = campaign_after(None, campaign, index, planned(schedules, at, at), at)
    says, tolerance = (None, None) if index is None else (plan.states[index], schedules.tolerance(index))
    return Judgement(campaign, says, tolerance, lasting(memory, index, plan), memory)
