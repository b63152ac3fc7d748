"""Report campaign_4: it agrees with `campaigns` and with campaign_8, and its ranges add up."""

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.simulator import OperationStyle
from exporter.simulator.attempts import Attempts
from exporter.simulator.settings import SimulatorSettings
from exporter.simulator.world import Operation, World
from simulator.caller import HOUR, MINUTE, STARTED, Caller, FakeClock
from support.simulator import Simulator

MIDNIGHT = STARTED - 10 * HOUR


def operation(**settings: object) -> Operation:
    given_settings = SimulatorSettings(**{"operations": 1, **settings})  # type: ignore[arg-type]
    return World(given_settings, STARTED).operations[0]


def added(*several: Attempts) -> Attempts:
    return Attempts(*map(sum, zip(*several, strict=True)))


@given(
    seed=st.integers(0, 2**32),
    minutes=st.integers(0, 800),
    campaigns=st.integers(1, 9),
    actions=st.lists(
        st.sampled_from(["abandon_half", "dead_numbers", "recycle", "auto", "stop", "use_up"]), max_size=3
    ),
)
def test_attempts_are_what_campaigns_counts(
    seed: int, minutes: int, campaigns: int, actions: list[str]
) -> None:
    world = operation(seed=seed, campaigns=campaigns, records=(400, 2000), events=False)
    # Once a list is loaded again `campaigns` begins to count anew, and the report of the day does not.
    for number, action in enumerate(actions):
        with world.at(STARTED + number * MINUTE) as all_:
            for one in all_:
                world.act(one, action, STARTED + number * MINUTE)
    now = STARTED + max(minutes, len(actions)) * MINUTE
    with world.at(now) as all_:
        for campaign_id, campaign in all_.items():
            came, tally = world.attempts([campaign_id], (MIDNIGHT, now), now), campaign.total
            assert came.answer + came.abandon == tally.answer
            assert (came.abandon, came.no_answer) == (tally.abandoned, tally.no_answer)
            assert came.answer_machine == tally.machine
            assert came.busy + came.congestion + came.failed == tally.unreached
            assert sum(came) == tally.attempts
            assert min(came) >= 0
            assert tally.hits <= came.answer
        everything = [world.attempts([one], (MIDNIGHT, now), now) for one in all_]
    assert world.attempts(None, (MIDNIGHT, now), now) == added(*everything)


@given(quarters=st.lists(st.integers(1, 31), min_size=1, max_size=3, unique=True))
def test_ranges_add_up(quarters: list[int]) -> None:
    world = operation(campaigns=4)
    now = STARTED + 8 * HOUR
    edges = [MIDNIGHT, *(STARTED + 900 * one for one in sorted(quarters)), now]
    spans = list(pairwise(edges))
    assert added(*(world.attempts(None, span, now) for span in spans)) == world.attempts(
        None, (MIDNIGHT, now), now
    )
    assert sum(world.attempts(None, (MIDNIGHT - 24 * HOUR, MIDNIGHT), now)) == 0


def test_machine_codes_and_attempts_are_of_the_same_calls(bogota: Caller, clock: FakeClock) -> None:
    clock.now += 2 * HOUR
    codes = bogota.rows(bogota.codes("4875"))
    attempts = {row["result"]: int(row["records"]) for row in bogota.rows(bogota.results("4875"))}
    for code, result in (("no_answer", "no-answer"), ("answer_machine", "answer-machine"), ("busy", "busy")):
        assert sum(int(row[code]) for row in codes) == attempts[result]


@pytest.mark.parametrize(
    ("style", "machine", "total"),
    [
        (OperationStyle(), "answer-machine", None),
        (OperationStyle(results="capitals", total_row=True), "ANSWER-MACHINE", "TOTAL"),
        (OperationStyle(results="words", total_row=True), "Answer Machine", "Total"),
    ],
)
def test_results_are_written_in_every_known_way(
    start: Callable[..., Simulator], style: OperationStyle, machine: str, total: str | None
) -> None:
    simulator = start(styles=(style,))
    caller = Caller(simulator, simulator.operations[0])
    rows = caller.rows(caller.results())
    assert all(list(row) == ["result", "records", "percent"] for row in rows)
    counts = {row["result"]: int(row["records"]) for row in rows}
    assert machine in counts
    assert (rows[-1]["result"] == total) == (total is not None)
    if total:
        assert counts.pop(total) == sum(counts.values())
        assert rows[-1]["percent"] == "100.00 %"


def test_nothing_was_dialled_is_the_vendors_404(bogota: Caller) -> None:
    for answer in (
        bogota.results("1"),
        bogota.results("4875", "20260811000000", "20260811235959"),
        bogota.results("4875", "20260812030000", "20260812040000"),
    ):
        assert (answer.status_code, answer.json()["msg"]) == (404, "Validate dates entered")
    bogota.simulator.campaign("ventas-bogota", "4878").act("remove")
    assert bogota.results("4878").status_code == 404
    assert bogota.results("4875", "20260812040000", "20260812030000").status_code == 400
    assert bogota.call("reports_manager", api="campaign_4", campaign_id="all").status_code == 400
