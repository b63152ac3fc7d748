"""Agents and skills: they agree with the campaigns, with each other, and with whoever looks more often."""

from collections import Counter
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.simulator.queues import agents_at, skills_at
from exporter.simulator.settings import SimulatorSettings
from exporter.simulator.workforce import AgentNow
from exporter.simulator.world import Operation, World
from simulator.caller import HOUR, MINUTE, STARTED

MIDNIGHT = STARTED - 10 * HOUR


def operation(**more: object) -> Operation:
    given_settings = SimulatorSettings(**{"operations": 1, **more})  # type: ignore[arg-type]
    return World(given_settings, STARTED).operations[0]


def by_status(world: Operation, real: float) -> Counter[str]:
    return Counter(one.status for one in agents_at(world, real))


def talking_of(skill_id: str, agents: list[AgentNow], status: str) -> int:
    return sum(one.status == status for one in agents if one.agent.skill_id == skill_id)


@given(
    seed=st.integers(0, 2**32),
    minutes=st.integers(0, 3000),
    licences=st.integers(1, 40),
    campaigns=st.integers(1, 9),
    action=st.sampled_from(["", "abandon_half", "move", "start", "stop", "load"]),
)
def test_all_figures_of_a_minute_agree(
    seed: int, minutes: int, licences: int, campaigns: int, action: str
) -> None:
    world = operation(seed=seed, licences=licences, campaigns=campaigns)
    if action:
        world.act("4875", action, STARTED)
    now = STARTED + minutes * MINUTE
    midnight = world.virtual_at(now).replace(hour=0, minute=0).timestamp()
    today = world.attempts(None, (midnight, now), now)
    agents, skills = agents_at(world, now), skills_at(world, now)
    # Of the day: the skills get whoever answers, and the agents whom they answer.
    assert sum(skill.inbound for skill in skills) == today.answer + today.abandon
    assert sum(skill.abandoned for skill in skills) == today.abandon
    for skill in skills:
        assert skill.inbound == skill.answered + skill.abandoned + skill.queued
        assert min(skill[2:6]) >= 0
        assert skill.levels is None or 0 <= skill.levels[0] <= skill.levels[1] <= skill.levels[2] <= 1
        # Who waits finds nobody free.
        assert not skill.queued or talking_of(skill.skill_id, agents, "Ready") == 0
        mine = [one for one in agents if one.agent.skill_id == skill.skill_id]
        if any(one.status != "Logout" for one in mine):
            assert sum(one.outbound for one in mine) == skill.inbound - skill.abandoned
    # Of the agents: as many as licences, each in one state each.
    assert len(agents) == len({one.agent.agent_id for one in agents}) == min(licences, 24)
    for one in agents:
        assert 0 <= one.ready <= one.worked - one.auxiliary
        assert 0 <= one.in_status < 30 * HOUR  # since yesterday evening


@given(seed=st.integers(0, 2**32), minutes=st.integers(1, 1200), every=st.integers(15, 90))
@settings(max_examples=30)
def test_looking_often_changes_nothing(seed: int, minutes: int, every: int) -> None:
    often, once = operation(seed=seed, campaigns=3), operation(seed=seed, campaigns=3)
    now = STARTED + minutes * MINUTE
    for minute in range(0, minutes, every):
        agents_at(often, STARTED + minute * MINUTE)
        skills_at(often, STARTED + minute * MINUTE)
    assert agents_at(often, now) == agents_at(once, now)
    assert skills_at(often, now) == skills_at(once, now)


def test_agents_come_to_work_and_go_home() -> None:
    world = operation()
    assert by_status(world, STARTED + 9 * HOUR) == {"Logout": 24}
    before = by_status(world, STARTED + 21.9 * HOUR)
    assert 0 < before["Logout"] < 24
    assert by_status(world, STARTED + 22.5 * HOUR)["Logout"] < 5
    sunday = STARTED + 4 * 24 * HOUR
    assert by_status(world, sunday) == {"Logout": 24}


def test_half_of_them_go_to_lunch_and_never_all() -> None:
    world = operation()
    pauses = {
        minute: by_status(world, STARTED + minute * MINUTE)["Auxiliary"] for minute in range(30, 6 * 60, 5)
    }
    lunch = [count for minute, count in pauses.items() if 120 <= minute < 180]
    assert min(lunch) > 8
    assert max(pauses.values()) < 20
    assert sum(lunch) > 0.5 * sum(pauses.values())


def test_where_somebody_works_somebody_is_ready_or_talks() -> None:
    world = operation(licences=3, campaigns=5)
    for minute in range(8 * 60):
        for one in agents_at(world, STARTED + minute * MINUTE):
            # One agent for each skill: after-call work would leave nobody.
            assert one.status in {"Ready", "Talk", "Auxiliary"}


def test_there_is_no_lunch_on_a_saturday() -> None:
    world = operation(start=datetime(2026, 8, 15, 12, 15, tzinfo=ZoneInfo("America/Bogota")))
    assert by_status(world, STARTED)["Auxiliary"] == 0


def test_more_people_are_abandoned_at_lunch() -> None:
    def share(begins: float, ends: float) -> float:
        span = STARTED + begins * HOUR, STARTED + ends * HOUR
        came = world.attempts(None, span, STARTED + 8 * HOUR)
        return came.abandon / (came.abandon + came.answer)

    world = operation(campaigns=40, events=False)
    assert 0.008 < share(0, 2) < 0.02
    assert 0.022 < share(2, 3) < 0.04
    assert 0.01 < share(-10, 8) < 0.025


def test_without_agents_no_campaign_makes_a_call_until_they_are_back() -> None:
    world = operation()
    world.figures(STARTED + HOUR)
    world.set_condition("agents_gone", STARTED + HOUR, holds=True)
    before = world.attempts(None, (MIDNIGHT, STARTED + HOUR), STARTED + HOUR)
    later = STARTED + 2 * HOUR
    assert world.attempts(None, (MIDNIGHT, later), later) == before
    figures = world.figures(later)
    assert {one.calls_x_min for one in figures} == {0}
    assert any(one.started for one in figures)
    agents = agents_at(world, later)
    assert {one.status for one in agents} <= {"Auxiliary", "Logout"}
    assert {one.in_status // 3600 for one in agents if one.status == "Auxiliary"} == {1}
    added = world.add_campaign("NUEVA", later, parked=False, dead_every=None)
    world.set_condition("agents_gone", later, holds=False)
    world.set_condition("agents_gone", later, holds=False)
    assert {one.profile.campaign_id for one in world.figures(later + 5 * MINUTE) if one.calls_x_min} >= {
        added
    }


def test_whoever_starts_a_campaign_by_night_has_somebody_there() -> None:
    world = operation()
    night = STARTED + 12 * HOUR
    world.figures(night)
    world.act("4875", "start", night)
    now = night + 10 * MINUTE
    there = [one for one in agents_at(world, now) if one.status != "Logout"]
    assert {one.agent.skill_id for one in there} == {"4000"}
    assert len(there) == 2


def test_a_campaign_that_abandons_has_nobody_ready_and_a_queue() -> None:
    world = operation()
    world.act("4875", "abandon_half", STARTED)
    now = STARTED + 10 * MINUTE
    assert talking_of("4000", agents_at(world, now), "Ready") == 0
    assert talking_of("4000", agents_at(world, now), "Talk") > 3
    assert skills_at(world, now)[0].queued > 0


def test_a_preview_abandons_nobody() -> None:
    world = operation(events=True)
    world.act("4879", "abandon_half", STARTED)
    now = STARTED + 5 * HOUR
    came = world.attempts(["4879"], (MIDNIGHT, now), now)
    assert came.answer > 50
    assert came.abandon == 0


@pytest.mark.parametrize("licences", [1, 2, 3, 25])
def test_operations_have_people_of_their_own(licences: int) -> None:
    worlds = World(SimulatorSettings(operations=2, licences=licences), STARTED).operations
    first, second = ({agent.agent_id for agent in one.workforce.agents} for one in worlds)
    assert not first & second
    names = [agent.name for agent in worlds[0].workforce.agents]
    assert len(set(names)) == len(names)
