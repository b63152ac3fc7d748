"""What the demo polls, and whether its budget lasts for that."""

import argparse
import socket
from collections.abc import Sequence
from pathlib import Path

import pytest

from exporter.apis import APIS
from exporter.commands.support.simulator_setup import (
    demo_config,
    make_demo_simulator,
    make_simulator,
    make_stack_simulator,
    operations_text,
)
from exporter.config import Operation, calls_per_day, load_config
from exporter.simulator.endpoints import BY_CALL
from exporter.traffic.budget import QuotaPolicy
from support.fakes import MORNING

HOUR = 3600
CAMPAIGNS = 8
SIMULATED = {api.name for api in APIS if (api.path, api.vendor_name) in BY_CALL}


ARGUMENTS = argparse.Namespace(operations=3, campaigns=CAMPAIGNS, seed=1, time_factor=30.0)


@pytest.fixture(scope="module")
def operations() -> Sequence[Operation]:
    simulator = make_demo_simulator(ARGUMENTS)
    assert simulator is not None
    with simulator:
        return demo_config(simulator).operations


@pytest.fixture(scope="module")
def stack_operations() -> Sequence[Operation]:
    made = make_stack_simulator(ARGUMENTS)
    assert made is not None
    with made[0] as simulator:
        return demo_config(simulator, hurried=False).operations


@pytest.mark.parametrize("which", ["operations", "stack_operations"])
def test_the_demo_polls_every_api_that_is_simulated(which: str, request: pytest.FixtureRequest) -> None:
    for operation in request.getfixturevalue(which):
        assert set(operation.enabled()) == SIMULATED
        # Nobody waits a day for what is asked once a day, nor half an hour for a rise of abandoned calls.
        assert max(settings.interval for settings in operation.apis.values()) <= 900
        assert operation.predictives_limit is not None


def test_what_simulate_prints_is_a_configuration_with_every_api_that_is_simulated(tmp_path: Path) -> None:
    simulator = make_simulator(ARGUMENTS, ("127.0.0.1", 0))
    assert simulator is not None
    file = tmp_path / "config.yaml"
    with simulator:
        file.write_text(operations_text(simulator))
        config = load_config(file)
        told = [(one.name, one.base_url, one.token.read()) for one in config.operations]
        assert told == [(one.name, simulator.url, one.token) for one in simulator.operations]
    for operation in config.operations:
        assert set(operation.enabled()) == SIMULATED
        assert {settings.interval for settings in operation.apis.values()} == {300.0}


@pytest.mark.parametrize("hour", range(24))
@pytest.mark.parametrize("which", ["operations", "stack_operations"])
def test_the_demo_has_room_for_all_apis_at_every_hour_of_a_day(
    which: str, hour: int, request: pytest.FixtureRequest
) -> None:
    for operation in request.getfixturevalue(which):
        policy = QuotaPolicy.of([operation])
        _, ends = policy.day(MORNING)
        wall = ends - (24 - hour) * HOUR
        # All that was polled since midnight, with every campaign dialling all the time.
        made = calls_per_day(operation.intervals(), CAMPAIGNS)
        usage = policy.usage(wall, own_count=int(made * hour / 24), reading=None, refused_at=None)
        assert [e for e in operation.enabled() if not policy.permits(usage, e, wall)] == []


def test_an_address_in_use_is_said_plainly(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = ("127.0.0.1", taken.getsockname()[1])
        assert make_simulator(ARGUMENTS, address) is None
    said = f"cannot listen on 127.0.0.1:{address[1]}: it is in use; end what listens there, or name another"
    assert capsys.readouterr().err == f"wolkvox-exporter: {said} address with --listen-address\n"
