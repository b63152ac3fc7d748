"""How long a campaign is in its state: what its last answer showed, carried on by the clock. Pure."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from exporter.judgement.facts import Facts, state_of
from exporter.judgement.states import CampaignState
from exporter.schedules import UNPLANNED, ScheduleSet, ScheduleState
from exporter.snapshot.memories import CampaignMemory

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
