"""What comes to the skills: the people who answer the campaigns' calls, and the agents who get them."""

from collections.abc import Sequence
from typing import NamedTuple

from exporter.simulator.attempts import Attempts, together
from exporter.simulator.chance import mix
from exporter.simulator.dialler import Campaign
from exporter.simulator.hours import Hours, Moment
from exporter.simulator.workforce import AgentNow, SkillLoad
from exporter.simulator.world import Operation

_WAITED = 0.08
_MOST_WAITED = 0.95
_WAITED_A_LOST_CALL = 4
_LEVELS = (1.0, 0.45, 0.2)
"""Of those who wait over 10 seconds, how many wait over 10, 20 and 30."""


class SkillNow(NamedTuple):
    """The figures of a skill at one minute, of today: inbound = answered + abandoned + queued.

    levels: the shares of those who were answered within 10, 20 and 30 seconds, None where nobody was.
    """

    skill_id: str
    name: str
    queued: int
    inbound: int
    answered: int
    abandoned: int
    levels: tuple[float, ...] | None


def agents_at(operation: Operation, real: float) -> list[AgentNow]:
    """Return what each agent of an operation does at a real instant."""
    with operation.minute(real) as (step, moment, campaigns):
        return _agents(operation, step, moment, campaigns)


def skills_at(operation: Operation, real: float) -> list[SkillNow]:
    """Return the figures of each skill of an operation at a real instant."""
    with operation.minute(real) as (step, moment, campaigns):
        agents = _agents(operation, step, moment, campaigns)
        talks, ready = ({one.agent.skill_id for one in agents if one.status == s} for s in ("Talk", "Ready"))
        busy = talks - ready
        return [
            _skill(skill_id, _today(operation.hours, step, moment, mine), skill_id in busy, step)
            for skill_id, mine in _by_skill(operation, campaigns).items()
        ]


def _agents(operation: Operation, step: int, moment: Moment, campaigns: Sequence[Campaign]) -> list[AgentNow]:
    loads = {}
    for skill_id, mine in _by_skill(operation, campaigns).items():
        on = [campaign for campaign in mine if campaign.started(step)]
        loads[skill_id] = SkillLoad(
            dials=bool(on),
            crowded=any(campaign.abandons for campaign in on),
            connected=sum(campaign.connected for campaign in on),
            connected_today=_today(operation.hours, step, moment, mine).answer,
        )
    return operation.workforce.at(step, moment, loads, operation.conditions)


def _by_skill(operation: Operation, campaigns: Sequence[Campaign]) -> dict[str, list[Campaign]]:
    return {
        skill_id: [campaign for campaign in campaigns if campaign.skill_id == skill_id]
        for skill_id in operation.workforce.skills
    }


def _today(hours: Hours, step: int, moment: Moment, campaigns: Sequence[Campaign]) -> Attempts:
    """Return the calls of campaigns since local midnight."""
    midnight = hours.step_of(moment.day, 0)
    return together(campaign.attempts(midnight, step) for campaign in campaigns)


def _skill(skill_id: str, today: Attempts, busy: bool, step: int) -> SkillNow:
    queued = min(today.answer, 1 + mix(int(skill_id), step) % 4) if busy else 0
    inbound = today.answer + today.abandon
    waited = min(_MOST_WAITED, _WAITED + _WAITED_A_LOST_CALL * today.abandon / inbound) if inbound else 0.0
    return SkillNow(
        skill_id=skill_id,
        name=f"SKILL Ficticio {skill_id} - Atención",
        queued=queued,
        inbound=inbound,
        answered=today.answer - queued,
        abandoned=today.abandon,
        levels=tuple(1 - waited * share for share in _LEVELS) if today.answer > queued else None,
    )
