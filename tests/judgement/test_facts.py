"""The table of states in CONTRACT, section 4: the first that is true."""

from collections.abc import Callable, Mapping
from itertools import product

import pytest

from exporter.judgement import CampaignState
from exporter.judgement.facts import Facts, state_of
from exporter.schedules import ScheduleState

Case = Callable[[Facts, ScheduleState], object]

TABLE: Mapping[CampaignState, Case] = {
    CampaignState.UNKNOWN: lambda is_, planned: (
        is_.running is None or (is_.running and planned.permitted is False and is_.calling is None)
    ),
    CampaignState.OUTSIDE_HOURS: lambda is_, planned: (
        is_.running and is_.calling and planned.permitted is False
    ),
    CampaignState.LIST_USED_UP: lambda is_, planned: is_.used_up and (is_.running or planned.expected),
    CampaignState.STOPPED_IN_HOURS: lambda is_, planned: not is_.running and planned.expected,
    CampaignState.STOPPED_AS_PLANNED: lambda is_, planned: not is_.running and planned.expected is False,
    CampaignState.STOPPED: lambda is_, planned: not is_.running and planned.expected is None,
    CampaignState.NO_CALLS: lambda is_, planned: (
        is_.running
        and is_.calling is False
        and planned.expected is not False
        and planned.permitted is not False
    ),
    CampaignState.RUNNING: lambda is_, _planned: is_.running,
}
"""When each state holds, in the order in which they are tried."""

EVERYTHING = [
    (Facts(running, calling, used_up), ScheduleState(expected, permitted))
    for running, calling, used_up, expected, permitted in product(
        (True, False, None), (True, False, None), (True, False), (True, False, None), (True, False, None)
    )
]


def test_the_states_are_tried_in_the_order_of_the_table() -> None:
    assert list(CampaignState) == list(TABLE)


@pytest.mark.parametrize(("facts", "planned"), EVERYTHING)
def test_the_state_is_the_first_that_is_true(facts: Facts, planned: ScheduleState) -> None:
    assert state_of(facts, planned) is next(state for state, holds in TABLE.items() if holds(facts, planned))


@pytest.mark.parametrize(
    ("running", "calling", "used_up", "expected", "permitted", "found"),
    [
        (True, True, False, None, None, CampaignState.RUNNING),
        (True, True, False, True, True, CampaignState.RUNNING),
        (True, True, False, False, True, CampaignState.RUNNING),
        (True, True, False, False, False, CampaignState.OUTSIDE_HOURS),
        (True, False, True, None, None, CampaignState.LIST_USED_UP),
        (True, False, True, False, False, CampaignState.LIST_USED_UP),
        (True, True, True, None, False, CampaignState.OUTSIDE_HOURS),
        (True, False, False, None, None, CampaignState.NO_CALLS),
        (True, False, False, True, True, CampaignState.NO_CALLS),
        (True, False, False, None, True, CampaignState.NO_CALLS),
        # Nobody waits for calls at that hour.
        (True, False, False, False, True, CampaignState.RUNNING),
        (True, False, False, False, False, CampaignState.RUNNING),
        (True, False, False, None, False, CampaignState.RUNNING),
        # It does not say whether it makes calls.
        (True, None, False, None, False, CampaignState.UNKNOWN),
        (True, None, True, False, False, CampaignState.UNKNOWN),
        (True, None, True, True, True, CampaignState.LIST_USED_UP),
        (True, None, False, True, True, CampaignState.RUNNING),
        (False, False, False, None, None, CampaignState.STOPPED),
        (False, False, False, None, False, CampaignState.STOPPED),
        (False, False, True, None, None, CampaignState.STOPPED),
        (False, False, False, True, True, CampaignState.STOPPED_IN_HOURS),
        (False, False, True, True, True, CampaignState.LIST_USED_UP),
        (False, False, False, False, False, CampaignState.STOPPED_AS_PLANNED),
        (False, False, True, False, False, CampaignState.STOPPED_AS_PLANNED),
        (None, True, False, True, False, CampaignState.UNKNOWN),
        (None, False, True, True, True, CampaignState.UNKNOWN),
    ],
)
def test_what_is_known_is_set_against_what_is_expected(  # noqa: PLR0913, PLR0917 - one case of the table
    running: bool | None,
    calling: bool | None,
    used_up: bool,
    expected: bool | None,
    permitted: bool | None,
    found: CampaignState,
) -> None:
    assert state_of(Facts(running, calling, used_up), ScheduleState(expected, permitted)) is found
