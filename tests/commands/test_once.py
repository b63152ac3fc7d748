"""`once` against the simulator: the calls that it makes, what it prints, how it ends."""

import io
import json
import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families as parse_text

from exporter.__main__ import main
from exporter.simulator import Fault, SimulatorSettings
from support.simulator import Simulator

ONCE = Callable[[], int]


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator(SimulatorSettings(latency=0, operations=2, campaigns=4, events=False)) as simulator:
        yield simulator


@pytest.fixture
def once(simulator: Simulator, tmp_path: Path) -> Iterator[ONCE]:
    file = tmp_path / "config.yaml"
    operations = [
        {
            "name": one.name,
            "base_url": simulator.url,
            "token": one.token,
            "apis": {"machine_codes": {"enabled": True}},
        }
        for one in simulator.operations
    ]
    state = {"url": f"sqlite://{tmp_path}/state.db"}
    file.write_text(json.dumps({"operations": operations, "state": state}))
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield lambda: main(["once", f"--config.file={file}"])
    root.handlers[:] = handlers
    root.setLevel(level)


def test_every_api_is_polled_once_and_the_exposition_printed(
    once: ONCE, simulator: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    assert once() == 0
    captured = capsys.readouterr()
    families = {family.name: family for family in parse_text(captured.out)}
    # A collector of text files has its own process_* and python_*, and refuses those of others.
    assert [name for name in families if not name.startswith("wolkvox_")] == []
    assert {sample.value for sample in families["wolkvox_up"].samples} == {1}
    assert len(families["wolkvox_up"].samples) == 10
    assert len(families["wolkvox_campaign_records"].samples) == 8
    assert [sample.value for sample in families["wolkvox_exporter_state_up"].samples] == [1]
    for one in simulator.operations:
        for api in ("campaigns", "campaign_settings", "token_info", "services"):
            assert len(simulator.requests.all(one.name, api)) == 1
        # One report for each campaign that dials.
        codes = simulator.requests.all(one.name, "machine_codes")
        assert len({record.query["campaign_id"] for record in codes}) == len(codes) > 0
    assert captured.err == ""


def test_no_data_of_what_always_has_a_row_is_a_failed_poll(
    once: ONCE, simulator: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    # The configuration has no `licences`: the limit is what token_info says, or not known.
    simulator.faults.set(Fault("empty"))
    assert once() == 1
    captured = capsys.readouterr()
    families = {family.name: family for family in parse_text(captured.out)}
    up = {(one.labels["operation"], one.labels["api"]): one.value for one in families["wolkvox_up"].samples}
    failed = {
        sample.labels["cause"]: sample.value
        for sample in families["wolkvox_request_failures"].samples
        if sample.labels["api"] == "token_info" and sample.value
    }
    assert failed == {"http_status": 1}
    for one in simulator.operations:
        assert (up[one.name, "token_info"], up[one.name, "campaigns"]) == (0, 1)
    assert 'HTTP 404 \\"Validate dates entered\\", and no row' in captured.err
    assert "wolkvox_quota_limit_requests{" not in captured.out


def test_the_exposition_is_utf_8_whatever_the_terminal_speaks(
    once: ONCE, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(printed, encoding="ascii"))
    assert once() == 0
    assert "Región Ficticia" in printed.getvalue().decode()


def test_a_poll_that_the_budget_has_no_room_for_is_told(
    simulator: Simulator, tmp_path: Path, capsys: pytest.CaptureFixture[str], once: ONCE
) -> None:
    file = tmp_path / "config.yaml"
    config = json.loads(file.read_text())
    one = config["operations"][0]
    config["operations"] = [{**one, "licences": 1, "quota_reserve": 0.9999}]
    file.write_text(json.dumps(config))
    assert once() == 1
    assert capsys.readouterr().err.splitlines() == [
        f"wolkvox-exporter: {one['name']}: {api} was not polled: today's call budget is used up"
        for api in ("campaigns", "campaign_settings", "token_info", "services")
    ]
    assert len(simulator.requests) == 0


def test_a_failed_poll_is_told_and_the_rest_is_printed(
    once: ONCE, simulator: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    one = simulator.operations[1]
    simulator.faults.set(Fault("maintenance"), one.name, "campaign_settings")
    assert once() == 1
    captured = capsys.readouterr()
    assert f"wolkvox-exporter: {one.name}: campaign_settings failed, see the log above\n" in captured.err
    assert "THE PLATFORM IS UNDER MAINTENANCE" in captured.err
    assert one.token not in captured.err
    ups = next(family for family in parse_text(captured.out) if family.name == "wolkvox_up").samples
    failed = [sample.labels for sample in ups if sample.value == 0]
    assert failed == [{"operation": one.name, "api": "campaign_settings"}]
