"""Why a campaign does not dial: the first reason that is known, and what is only shown to people."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.judgement import CampaignState, OperationView, Reason
from exporter.snapshot.memories import NOTHING
from judgement.floor import HOUR, MONDAY, NO_SCHEDULES, POLL_SECONDS, Floor, schedules

MINUTE = 60.0
TUESDAY = MONDAY + 24 * HOUR
NOBODY = {"ready": 0.0, "talk": 0.0, "acw": 1.0, "auxiliary": 2.0, "logout": 3.0}


def silent_floor() -> Floor:
    """Return a floor whose campaign is started in its hours and makes no calls, for no known reason."""
    floor = Floor()
    floor.dial(3)
    assert floor.poll(calls_per_minute=0.0).state is CampaignState.NO_CALLS
    return floor


def stopped(floor: Floor, at: float, user: str = "") -> None:
    """Note that somebody has stopped the campaign by hand."""
    floor.operation = OperationView(stops={"4877": (at, user)})


def test_reasons_are_tried_in_their_order() -> None:
    floor = Floor()
    floor.dial(2, busy_congestion_failed=0.9)
    at = floor.at + 60
    floor.poll(running=0.0, clean_records=0.0, speed_ratio=0.0)
    found = []
    for cured, agents, stops in (
        ({}, NOBODY, {"4877": (at, "")}),
        ({"clean_records": 9_000.0}, NOBODY, {"4877": (at, "")}),
        ({}, None, {"4877": (at, "")}),
        ({"speed_ratio": 1.0}, None, {"4877": (at, "")}),
        ({}, None, {}),
    ):
        floor.operation = OperationView(agents=agents, stops=stops)
        found.append(floor.answer(**cured).reason)
    assert found == [
        Reason.LIST_USED_UP,
        Reason.NO_AGENTS,
        Reason.SPEED_ZERO,
        Reason.STOPPED_BY_HAND,
        Reason.CARRIER,
    ]
    assert [one for one in Reason if one in found] == found


@pytest.mark.parametrize(
    ("agents", "reason"),
    [
        (NOBODY, Reason.NO_AGENTS),
        ({**NOBODY, "ready": 1.0}, Reason.NOT_KNOWN),
        ({**NOBODY, "talk": 1.0}, Reason.NOT_KNOWN),
        ({"logout": 3.0, "break": 1.0}, Reason.NOT_KNOWN),
        ({}, Reason.NOT_KNOWN),
        (None, Reason.NOT_KNOWN),
    ],
)
def test_without_agents_it_cannot_dial(agents: Mapping[str, float] | None, reason: Reason) -> None:
    floor = silent_floor()
    floor.operation = OperationView(agents=agents)
    assert (floor.judged().reason, floor.judged().why) == (reason, reason)


def test_a_campaign_that_dials_has_no_reason_whatever_else_is_known() -> None:
    floor = Floor()
    floor.operation = OperationView(agents=NOBODY, stops={"4877": (floor.at - 60, "zutana")})
    judged = floor.dial()
    assert (judged.state, judged.reason, judged.why, judged.hand_stop) == (
        CampaignState.RUNNING,
        None,
        None,
        None,
    )


def test_a_stop_by_hand_is_why_it_is_stopped_in_its_hours() -> None:
    floor = Floor()
    at = floor.at + 100
    stopped(floor, at, "zutana")
    judged = floor.poll(running=0.0)
    assert judged.state is CampaignState.STOPPED_IN_HOURS
    assert (judged.reason, judged.why, judged.hand_stop) == (
        Reason.STOPPED_BY_HAND,
        Reason.STOPPED_BY_HAND,
        (at, "zutana"),
    )
    assert floor.judged(later=8 * HOUR).reason is Reason.STOPPED_BY_HAND


def test_a_stop_of_another_campaign_is_not_its_own() -> None:
    floor = Floor()
    floor.operation = OperationView(stops={"48770": (floor.at + 60, ""), "": (floor.at + 60, "")})
    assert floor.poll(running=0.0).reason is Reason.NOT_KNOWN


@pytest.mark.parametrize(
    ("seconds", "reason"),
    [
        (1, Reason.STOPPED_BY_HAND),
        (-299, Reason.STOPPED_BY_HAND),
        (-301, Reason.NOT_KNOWN),
        (-HOUR, Reason.NOT_KNOWN),
    ],
)
def test_a_stop_before_it_was_last_seen_started_is_none_but_for_clocks_that_differ(
    seconds: float, reason: Reason
) -> None:
    floor = Floor()
    floor.dial(6)
    stopped(floor, floor.at + seconds)
    assert floor.poll(running=0.0).reason is reason


@pytest.mark.parametrize(
    ("at", "reason"),
    [
        (MONDAY + 18 * HOUR + 5 * MINUTE, Reason.NOT_KNOWN),
        (MONDAY + 17 * HOUR, Reason.NOT_KNOWN),
        (TUESDAY + 7 * HOUR, Reason.NOT_KNOWN),
        (TUESDAY + 7 * HOUR + 44 * MINUTE, Reason.NOT_KNOWN),
        (TUESDAY + 7 * HOUR + 46 * MINUTE, Reason.STOPPED_BY_HAND),
        (TUESDAY + 8 * HOUR, Reason.STOPPED_BY_HAND),
        (TUESDAY + 8 * HOUR + 20 * MINUTE, Reason.STOPPED_BY_HAND),
    ],
)
@pytest.mark.parametrize("first", [7.0, 8.5, 11.0])
def test_a_stop_of_the_evening_before_is_not_why_it_is_stopped_in_the_morning(
    at: float, reason: Reason, first: float
) -> None:
    # Whether the exporter has seen the night, or was started in the morning.
    floor = Floor(TUESDAY + first * HOUR)
    floor.memory = NOTHING
    stopped(floor, at)
    floor.answer(running=0.0)
    while floor.at < TUESDAY + 11 * HOUR:
        floor.poll(running=0.0)
    judged = floor.judged()
    assert judged.state is CampaignState.STOPPED_IN_HOURS
    assert judged.reason is reason


def test_a_stop_is_the_reason_although_no_answer_came_for_a_while_then() -> None:
    floor = Floor()
    floor.dial(3)
    stopped(floor, floor.at + 60)
    floor.at += HOUR - POLL_SECONDS
    assert floor.poll(running=0.0).reason is Reason.STOPPED_BY_HAND


def test_a_stop_before_lunch_is_not_why_it_is_stopped_after_lunch() -> None:
    book = schedules(("Mon-Fri 08:00-12:00", "Mon-Fri 13:00-18:00"))
    floor = Floor(MONDAY + 11.9 * HOUR, book)
    stopped(floor, floor.at + 60)
    assert floor.poll(running=0.0).reason is Reason.STOPPED_BY_HAND
    while floor.at < MONDAY + 13.5 * HOUR:
        judged = floor.poll(running=0.0)
    assert (judged.state, judged.reason) == (CampaignState.STOPPED_IN_HOURS, Reason.NOT_KNOWN)


@pytest.mark.parametrize("days", [0.0, 6.9])
def test_without_a_schedule_it_is_stopped_by_hand_until_somebody_starts_it(days: float) -> None:
    floor = Floor(book=NO_SCHEDULES)
    at = floor.at + 30
    stopped(floor, at)
    judged = floor.poll(running=0.0)
    floor.at += days * 24 * HOUR
    judged = floor.answer(running=0.0)
    assert judged.state is CampaignState.STOPPED
    assert (judged.reason, judged.why) == (None, Reason.STOPPED_BY_HAND)
    assert judged.hand_stop == (at, "")
    floor.poll(running=1.0)
    floor.poll(running=1.0)
    judged = floor.poll(running=0.0)
    assert (judged.why, judged.hand_stop) == (None, None)


@pytest.mark.parametrize(
    ("hour", "figures", "state", "why"),
    [
        (9, {"running": 1.0}, CampaignState.RUNNING, None),
        (6, {"running": 1.0}, CampaignState.OUTSIDE_HOURS, Reason.FORBIDDEN_HOURS),
        (6, {"running": 1.0, "calls_per_minute": 0.0}, CampaignState.RUNNING, Reason.FORBIDDEN_HOURS),
        (6, {"running": 0.0}, CampaignState.STOPPED_AS_PLANNED, Reason.FORBIDDEN_HOURS),
        (7.5, {"running": 0.0}, CampaignState.STOPPED_AS_PLANNED, Reason.NOT_EXPECTED),
        (7.5, {"running": 1.0, "calls_per_minute": 0.0}, CampaignState.RUNNING, Reason.NOT_EXPECTED),
        (7.5, {"running": 1.0}, CampaignState.RUNNING, None),
        (9, {"running": 0.0}, CampaignState.STOPPED_IN_HOURS, Reason.NOT_KNOWN),
        (9, {"running": None}, CampaignState.UNKNOWN, None),
        (
            9,
            {"clean_records": 0.0, "records": 100.0, "dialed_records": 100.0},
            CampaignState.LIST_USED_UP,
            Reason.LIST_USED_UP,
        ),
    ],
)
def test_people_are_told_why_also_where_nothing_is_wrong(
    hour: float, figures: dict[str, float | None], state: CampaignState, why: Reason | None
) -> None:
    floor = Floor(MONDAY + hour * HOUR)
    judged = floor.answer(**figures)
    assert (judged.state, judged.why) == (state, why)
    wrong = {CampaignState.NO_CALLS, CampaignState.STOPPED_IN_HOURS}
    assert judged.reason is (why if state in wrong else None)


def test_every_reason_has_words_in_both_languages() -> None:
    for reason in Reason:
        assert set(reason.words) == {"en", "es"}
        assert all(reason.words.values())


FIGURES = st.fixed_dictionaries(
    {
        "running": st.sampled_from([None, 0.0, 1.0]),
        "calls_per_minute": st.sampled_from([None, 0.0, 20.0]),
        "speed_ratio": st.sampled_from([None, 0.0, 1.0]),
        "clean_records": st.sampled_from([None, 0.0, 9_000.0]),
        "dialed_records": st.sampled_from([None, 10_000.0]),
    }
)
VIEWS = st.builds(
    OperationView,
    agents=st.none()
    | st.dictionaries(st.sampled_from(["ready", "talk", "acw"]), st.sampled_from([0.0, 2.0])),
    stops=st.dictionaries(
        st.just("4877"), st.tuples(st.floats(MONDAY - 86_400, MONDAY + 86_400), st.just("zutana"))
    ),
)


@given(st.floats(0, 24), st.lists(st.tuples(FIGURES, VIEWS), min_size=1, max_size=5))
def test_whatever_comes_the_reason_is_one_of_a_campaign_that_should_dial(
    hour: float, answers: list[tuple[dict[str, float | None], OperationView]]
) -> None:
    floor = Floor(MONDAY + hour * HOUR)
    for figures, whole in answers:
        floor.operation = whole
        judged = floor.poll(**figures)
        reason, state = judged.reason, judged.state
        wrong = state in {CampaignState.NO_CALLS, CampaignState.STOPPED_IN_HOURS}
        assert (reason is not None) == wrong
        assert reason not in {Reason.FORBIDDEN_HOURS, Reason.NOT_EXPECTED}
        assert not wrong or judged.why is reason
        by_hand = {judged.reason, judged.why} & {Reason.STOPPED_BY_HAND}
        assert not by_hand or judged.hand_stop == whole.stops["4877"]
        assert judged.hand_stop is None or figures["running"] == 0.0
