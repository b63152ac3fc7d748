"""What the demo polls, and whether its budget lasts for that."""

import argparse
from collections.abc import Sequence

import pytest

from exporter.commands.support.simulator_setup import demo_config, make_demo_simulator
from exporter.config import Operation
from exporter.traffic.budget import QuotaPolicy
from support.fakes import MORNING

HOUR = 3600
CAMPAIGNS = 8


@pytest.fixture(scope="module")
def operations() -> Sequence[Operation]:
    arguments = argparse.Namespace(operations=3, campaigns=CAMPAIGNS, seed=1, time_factor=1.0)
    simulator = make_demo_simulator(arguments)
    assert simulator is not None
    with simulator:
        return demo_config(simulator).operations


@pytest.mark.parametrize("hour", range(24))
def test_the_demo_has_room_for_all_apis_at_every_hour_of_a_day(
    operations: Sequence[Operation], hour: int
) -> None:
    for operation in operations:
        policy = QuotaPolicy.of([operation])
        _, ends = policy.day(MORNING)
        wall = ends - (24 - hour) * HOUR
        # All that was polled since midnight, with every campaign dialling all the time.
        made = sum(
            settings.calls_per_day * (CAMPAIGNS if api == "machine_codes" else 1)
            for api, settings in operation.apis.items()
        )
        usage = policy.usage(wall, own_count=int(made * hour / 24), reading=None, refused_at=None)
        assert [e for e in operation.enabled() if not policy.permits(usage, e, wall)] == []
