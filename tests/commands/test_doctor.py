"""`doctor` against the simulator: what it prints and writes, how it ends, and what it does not do."""

import errno
import json
import logging
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from exporter.__main__ import main
from exporter.commands.support import running_exporters
from exporter.commands.support.running_exporters import PolledOperation, StateAnswer
from exporter.simulator import Fault, SimulatorSettings
from support.simulator import Simulator

Doctor = Callable[..., int]

PORT = 10042


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    # The doctor compares clocks.
    with Simulator(
        SimulatorSettings(latency=0, operations=2, campaigns=4, events=False, start=datetime.now(UTC))
    ) as simulator:
        yield simulator


@pytest.fixture
def doctor(simulator: Simulator, tmp_path: Path) -> Iterator[Doctor]:
    file = tmp_path / "config.yaml"
    operations = [
        {
            "name": one.name,
            "base_url": simulator.url,
            "token": one.token,
            "timezone": one.timezone,
            "licences": one.licences,
            "apis": {"agents": {"enabled": True}, "machine_codes": {"enabled": True}},
        }
        for one in simulator.operations
    ]
    state = {"url": f"sqlite://{tmp_path}/state.db"}
    file.write_text(json.dumps({"operations": operations, "state": state}))
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield lambda *flags: main(["doctor", f"--config.file={file}", *map(str, flags)])
    root.handlers[:] = handlers
    root.setLevel(level)


def test_each_api_of_each_operation_is_asked_once_at_most(
    doctor: Doctor, simulator: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    doctor()
    captured = capsys.readouterr()
    for one in simulator.operations:
        left = f"with {one.limit // 2:,} left today as far as is known"
        assert f"{one.name}: at most 6 calls, {left}: token_info, campaigns," in captured.err
        asked = [
            api
            for api in ("campaigns", "token_info", "agents")
            for _ in simulator.requests.all(one.name, api)
        ]
        assert asked == ["campaigns", "token_info", "agents"]
    lines = captured.out.splitlines()
    assert [line for line in lines if line in {one.name for one in simulator.operations}] == [
        one.name for one in simulator.operations
    ]
    assert lines[-1].endswith(" wrong")


def test_one_operation_alone(
    doctor: Doctor, simulator: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = simulator.operations
    doctor("--operation", second.name, "--output=json")
    document = json.loads(capsys.readouterr().out)
    assert [one["name"] for one in document["operations"]] == [second.name]
    assert simulator.requests.all(first.name, "campaigns") == []
    assert doctor("--operation", "nobody") == 1
    assert "no operation 'nobody'; the configuration has" in capsys.readouterr().err


@pytest.fixture
def no_state(doctor: Doctor, tmp_path: Path) -> Doctor:
    """Stand a folder where the state should be: not even root can open it."""
    (tmp_path / "state.db").mkdir()
    return doctor


@pytest.fixture
def exporter_beside(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an exporter of this machine say that it polls the first operation, with a state of its own."""
    name, url = simulator.operations[0].name, simulator.url
    polled = PolledOperation(name, url, f"{name} {url}")
    told = StateAnswer("/var/lib/x.db", "file 1:2", "fulano", "/etc/x.yaml", [polled])
    monkeypatch.setattr(running_exporters, "_answers", lambda *_: [(PORT, told)])


@pytest.mark.usefixtures("exporter_beside")
def test_without_a_state_no_call_is_made_beside_an_exporter(
    no_state: Doctor, simulator: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    name = simulator.operations[0].name
    assert no_state("--operation", name, "--output=json") == 1
    captured = capsys.readouterr()
    assert "at most" not in captured.err
    checks = json.loads(captured.out)["operations"][0]["checks"]
    (told,) = [one["text"] for one in checks if one["subject"] == "state store"]
    assert f"; the exporter on port {PORT}, which polls {name}, uses the state /var/" in told
    assert "x.db; run this command as user fulano with --config.file=/etc/x.yaml" in told
    assert [one["text"] for one in checks if one["subject"] == "6 APIs"] != []
    assert not [one for one in checks if one["subject"] == "quota"]
    assert simulator.requests.all(name, "token_info") == []


def test_without_a_state_nothing_is_said_of_what_is_left_today(
    no_state: Doctor, simulator: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    name = simulator.operations[0].name
    assert no_state("--operation", name) == 1
    assert f"{name}: at most 6 calls: token_info, campaigns," in capsys.readouterr().err
    assert len(simulator.requests.all(name, "campaigns")) == 1


def test_what_is_odd_is_no_failure_and_what_is_wrong_is(
    doctor: Doctor, simulator: Simulator, capsys: pytest.CaptureFixture[str]
) -> None:
    name = simulator.operations[0].name
    doctor("--operation", name, "--output=json")
    summary = json.loads(capsys.readouterr().out)["summary"]
    assert summary["wrong"] == 0 < summary["odd"]
    assert doctor("--operation", name) == 0
    capsys.readouterr()
    simulator.faults.set(Fault("bad_token"))
    assert doctor("--operation", name) == 1
    out = capsys.readouterr().out
    assert "wrong  token" in out


def test_a_capture_reads_as_it_did_and_names_nobody(
    doctor: Doctor, simulator: Simulator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "capture.jsonl"
    live = doctor("--output=json", "--capture", file)
    before = json.loads(capsys.readouterr().out)
    calls = len(simulator.requests.all(simulator.operations[0].name, "campaigns"))
    assert main(["doctor", "--replay", str(file), "--output=json"]) == live
    after = json.loads(capsys.readouterr().out)
    assert len(simulator.requests.all(simulator.operations[0].name, "campaigns")) == calls
    assert after["summary"] == before["summary"]
    for one, other in zip(before["operations"], after["operations"], strict=True):
        grades = [(check["grade"], check["subject"]) for check in one["checks"]]
        assert [(check["grade"], check["subject"]) for check in other["checks"]] == grades
        assert other["forms"] == one["forms"]
    text = file.read_text().lower()
    assert not any(one.name in text or one.token in text for one in simulator.operations)


def test_a_capture_that_cannot_be_written_costs_no_call(
    doctor: Doctor, simulator: Simulator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "there"
    file.write_text("kept")
    assert doctor("--capture", file) == 1
    assert doctor("--capture", tmp_path / "missing" / "file") == 1
    assert capsys.readouterr().err.splitlines() == [
        f"wolkvox-exporter: {file}: cannot be written: File exists",
        f"wolkvox-exporter: {tmp_path}/missing/file: cannot be written: No such file or directory",
    ]
    assert file.read_text() == "kept"
    assert simulator.requests.all(simulator.operations[0].name, "token_info") == []


def test_a_capture_is_written_although_nobody_reads_what_is_printed(
    doctor: Doctor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "capture.jsonl"

    def fail(_text: str) -> int:
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    monkeypatch.setattr(sys.stdout, "write", fail)
    assert doctor("--capture", file) == 141
    assert file.read_text().endswith("}\n")


def test_a_name_that_no_file_can_have_costs_no_call(
    doctor: Doctor, simulator: Simulator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert doctor("--capture", tmp_path / ("x" * 300)) == 1
    assert "cannot be written: File name too long" in capsys.readouterr().err
    assert simulator.requests.all(simulator.operations[0].name, "token_info") == []


@pytest.mark.parametrize(
    ("facts", "said"),
    [({"used": 5}, "line 1: facts: operation-1: "), ({"addresses": "many"}, "line 1: facts: operation-1: ")],
)
def test_a_capture_with_other_facts_is_refused(
    facts: Mapping[str, object],
    said: str,
    doctor: Doctor,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / "capture.jsonl"
    doctor("--capture", file)
    first, *rest = file.read_text().splitlines()
    header = json.loads(first)
    header["facts"]["operation-1"] |= facts
    file.write_text("\n".join([json.dumps(header), *rest, ""]))
    capsys.readouterr()
    assert main(["doctor", "--replay", str(file)]) == 1
    error = capsys.readouterr().err
    assert said in error
    assert len(error.splitlines()) == 1


def test_a_configuration_that_cannot_be_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "config.yaml").write_text("operations: [{server: 42}]")
    assert main(["doctor", f"--config.file={tmp_path}/config.yaml"]) == 1
    assert "operations[0].server" in capsys.readouterr().err
