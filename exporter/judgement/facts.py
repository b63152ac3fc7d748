"""The one function that says in which state a campaign is. Pure."""

from typing import NamedTuple

from exporter.judgement.states import CampaignState
from exporter.schedules import ScheduleState


class Facts(NamedTuple):
    """What answers show of a campaign; None is "not known".

    `running` is whether it is started, `calling` whether it makes calls, `used_up` whether its list has
    nobody left to call.
    """

    running: bool | None
    calling: bool | None
    used_up: bool


def state_of(facts: Facts, planned: ScheduleState) -> CampaignState:
    """Return the state of a campaign whose schedule says `planned` at that time.

    Started does not mean dialling: a campaign with a used-up list stays started until somebody stops it.
    """
    if facts.running is None:
        return CampaignState.UNKNOWN
    if facts.running and planned.permitted is False and facts.calling is not False:
        return CampaignState.UNKNOWN if facts.calling is None else CampaignState.OUTSIDE_HOURS
    if facts.used_up and (facts.running or planned.expected):
        return CampaignState.LIST_USED_UP
    if not facts.running:
        return _STOPPED[planned.expected]
    if facts.calling is False and False not in planned:
        return CampaignState.NO_CALLS
    return CampaignState.RUNNING


_STOPPED = {
    None: CampaignState.STOPPED,
    True: CampaignState.STOPPED_IN_HOURS,
    False: CampaignState.STOPPED_AS_PLANNED,
}
