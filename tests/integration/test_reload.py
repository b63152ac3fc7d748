"""The running exporter goes over to another configuration."""

import json
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from exporter.simulator import SimulatorSettings
from support.exporter import Exporter, exporter
from support.simulator import Simulator
from support.waiting import until

pytestmark = pytest.mark.integration

SUCCESSFUL = "wolkvox_exporter_config_last_reload_successful"


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator(SimulatorSettings(latency=0, operations=2, campaigns=4)) as simulator:
        yield simulator


@pytest.fixture
def configure(simulator: Simulator, tmp_path: Path) -> Callable[..., Path]:
    def write(*names: str, **more: Any) -> Path:
        file = tmp_path / "config.yaml"
        operations = [
            {"name": name, "base_url": simulator.url, "token": simulator.operation(name).token, **more}
            for name in names
        ]
        file.write_text(json.dumps({"operations": operations}))
        return file

    return write


def post(running: Exporter) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        return session.post(f"{running.url}/-/reload", timeout=60)


def polled(running: Exporter, operation: str) -> bool:
    return f'wolkvox_up{{operation="{operation}",api="campaigns"}} 1' in running.metrics()


@pytest.mark.parametrize("how", ["signal", "request"])
def test_a_running_exporter_is_reloaded(
    how: str, configure: Callable[..., Path], simulator: Simulator, tmp_path: Path
) -> None:
    file = configure("ventas-bogota")
    with exporter("serve", tmp_path, f"--config.file={file}", "--web.enable-lifecycle") as running:

        def reload() -> requests.Response | None:
            if how == "request":
                return post(running)
            running.process.process.send_signal(signal.SIGHUP)
            return None

        until(lambda: polled(running, "ventas-bogota"), 60, "the first polls", report=running.process.output)

        configure("ventas-bogota", "cobranza-mexico")
        answer = reload()
        assert answer is None or answer.status_code == requests.codes.ok
        until(lambda: polled(running, "cobranza-mexico"), 60, "the newcomer", report=running.process.output)
        assert polled(running, "ventas-bogota")

        file.write_text("operations: [{name: ventas-bogota, tokn: secret-stuff}]")
        answer = reload()
        until(lambda: f"\n{SUCCESSFUL} 0.0\n" in running.metrics(), 60, "the refusal")
        if answer is not None:
            assert answer.status_code == requests.codes.internal_server_error
            assert "operations[0].tokn: unknown key (did you mean token?)" in answer.text
            assert "secret-stuff" not in answer.text
        assert polled(running, "cobranza-mexico")
        log = running.process.output()
        assert "operations[0].tokn" in log
        assert "secret-stuff" not in log

        configure("cobranza-mexico")
        reload()
        until(lambda: "ventas-bogota" not in running.metrics(), 60, "the end of an operation")
        assert f"\n{SUCCESSFUL} 1.0\n" in running.metrics()
        # No reload has cost a call.
        apis = [str(request.api) for request in simulator.requests.all("ventas-bogota")]
        assert sorted(apis) == sorted(set(apis))
        assert running.process.stop() == 0


def test_nobody_reloads_by_request_unless_told(configure: Callable[..., Path], tmp_path: Path) -> None:
    file = configure("ventas-bogota")
    with exporter("serve", tmp_path, f"--config.file={file}") as running:
        assert post(running).status_code == requests.codes.forbidden
        assert f"\n{SUCCESSFUL} 1.0\n" in running.metrics()


def test_a_token_that_comes_with_a_reload_is_kept_out_of_the_log(
    configure: Callable[..., Path], tmp_path: Path
) -> None:
    file = configure("ventas-bogota")
    flags = (f"--config.file={file}", "--web.enable-lifecycle", "--log.level=debug")
    with exporter("serve", tmp_path, *flags) as running:
        configure("ventas-bogota", name="invented-token-0001", token="invented-token-0001")
        assert post(running).status_code == requests.codes.ok
        until(lambda: "operation=***" in running.process.output(), 60, "its polls")
        assert "invented-token-0001" not in running.process.output()
