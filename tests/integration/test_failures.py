"""What /metrics says when something fails: the real process, a vendor that misbehaves on demand."""

import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from socket import create_server
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families as parse_text

from exporter.simulator import SimulatorSettings
from exporter.wolkvox import Cause
from support.exporter import Exporter, exporter
from support.mischief import Fault
from support.ports import free_port
from support.simulator import Simulator
from support.waiting import until

pytestmark = pytest.mark.integration

HTML_404 = "<html><body>404 Not Found</body></html>"

FAULTS: Mapping[str, tuple[str, Fault]] = {
    "bad token": ("auth", Fault("bad_token")),
    "quota": ("quota", Fault("quota")),
    "concurrency": ("concurrency", Fault("concurrency")),
    "maintenance": ("forbidden", Fault("maintenance")),
    "hang": ("timeout", Fault("hang")),
    "drip": ("timeout", Fault("drip_body", seconds=1)),
    "reset": ("connection", Fault("reset")),
    "close early": ("connection", Fault("close_early")),
    "503": ("http_status", Fault("http_status", status=503)),
    "404 of somebody else": ("http_status", Fault("http_status", status=404, body=HTML_404)),
    "503 that names the quota": (
        "quota",
        Fault("http_status", status=503, body='{"code":"503","error":"x","msg":"TOKEN LIMIT EXCEEDED"}'),
    ),
    "redirect": ("redirect", Fault("redirect")),
    "bomb": ("too_large", Fault("gzip_bomb", megabytes=300)),
    "page": ("decode", Fault("html_200")),
    "php warning": ("decode", Fault("not_json")),
    "cut": ("decode", Fault("truncated_json")),
    "shape": ("shape", Fault("wrong_shape")),
    "shape of rows": ("shape", Fault("rows", rows=({"skill_name": "x"},))),
}
"""What the vendor does on `campaigns` -> the cause that is counted, and the fault to set."""


@dataclass
class Floor:
    """An exporter and its vendor; operations are named after what happens to them."""

    running: Exporter
    simulator: Simulator
    names: Mapping[str, str]
    strangers: list[bytes] = field(default_factory=list)

    def figures(self, family: str) -> dict[tuple[str, ...], float]:
        """Return a family's samples by the values of their labels, in the order of the labels' names."""
        return {
            tuple(value for _, value in sorted(sample.labels.items())): sample.value
            for one in parse_text(self.running.metrics(family))
            for sample in one.samples
        }

    def up(self, operation: str, api: str = "campaigns") -> float | None:
        return self.figures("wolkvox_up").get((api, operation))

    def causes(self, operation: str) -> dict[str, float]:
        """Return the causes that were counted for `campaigns` of an operation."""
        figures = self.figures("wolkvox_request_failures_total")
        return {c: n for (api, c, o), n in figures.items() if (api, o) == ("campaigns", operation) and n}

    def campaigns(self, operation: str) -> set[str]:
        """Return the ids of the campaigns that have figures of `campaigns`."""
        figures = self.figures("wolkvox_campaign_clean_records")
        return {campaign_id for _, campaign_id, name, _ in figures if name == operation}

    def wait(self, what: str, condition: Any, timeout: float = 60) -> None:
        until(condition, timeout, what, report=self.running.process.output)


def write_config(file: Path, *operations: Mapping[str, Any]) -> Path:
    file.write_text(
        json.dumps({"operations": operations, "state": {"url": f"sqlite://{file.parent}/state.db"}})
    )
    return file


def apis(interval: str, **campaigns: str) -> dict[str, object]:
    return {
        "campaigns": {"interval": interval, **campaigns},
        "campaign_settings": {"interval": "1h"},
        "token_info": {"enabled": False},
        "services": {"enabled": False},
    }


@pytest.fixture(scope="module")
def floor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floor]:
    """One exporter with an operation for each fault, every one polled once while all was well."""
    folder = tmp_path_factory.mktemp("failures")
    settings = SimulatorSettings(latency=0, operations=len(FAULTS), campaigns=4, events=False)
    with Simulator(settings) as simulator, create_server(("127.0.0.1", 0)) as elsewhere:
        names = {label: one.name for label, one in zip(FAULTS, simulator.operations, strict=True)}
        operations = [
            {
                "name": label,
                "base_url": simulator.url,
                "token": simulator.operation(name).token,
                "apis": apis("3s", max_age="1h"),
            }
            for label, name in names.items()
        ]
        # Whatever comes there was led astray by a redirect.
        strangers: list[bytes] = []

        def receive() -> None:
            try:
                while True:
                    connection, _ = elsewhere.accept()
                    with connection:
                        strangers.append(connection.recv(65536))
            except OSError:
                return

        threading.Thread(target=receive, daemon=True).start()
        port = elsewhere.getsockname()[1]
        config = write_config(folder / "config.yaml", *operations)
        with exporter("serve", folder, f"--config.file={config}") as running:
            one = Floor(running, simulator, names, strangers)
            one.wait("figures of all", lambda: all(one.campaigns(label) for label in FAULTS), 120)
            for label, (_, fault) in FAULTS.items():
                if fault.kind == "redirect":
                    fault = Fault("redirect", location=f"http://127.0.0.1:{port}/elsewhere")  # noqa: PLW2901
                simulator.faults.set(fault, names[label], "campaigns")
            yield one


@pytest.mark.parametrize("label", FAULTS)
def test_each_failure_has_its_cause_and_the_last_good_figures_stay(floor: Floor, label: str) -> None:
    cause = FAULTS[label][0]
    # Only the deadline of a call makes a cause wait: the others have been counted long before.
    floor.wait(f"the cause {cause}", lambda: floor.causes(label), 150)
    assert set(floor.causes(label)) == {cause}
    assert floor.up(label) == 0
    assert len(floor.campaigns(label)) == 4
    # The APIs stand alone, and so do the operations.
    assert floor.up(label, "campaign_settings") == 1
    attempts = floor.figures("wolkvox_last_attempt_timestamp_seconds")
    successes = floor.figures("wolkvox_last_success_timestamp_seconds")
    assert successes["campaigns", label] < attempts["campaigns", label]


def test_every_cause_is_tried() -> None:
    # tls needs another address than a fault can give: below.
    assert {cause for cause, _ in FAULTS.values()} | {"tls"} == set(Cause)


def test_a_redirect_is_never_followed(floor: Floor) -> None:
    floor.wait("the redirect", lambda: floor.causes("redirect"))
    assert floor.strangers == []


def test_the_process_lives_and_says_so(floor: Floor) -> None:
    assert floor.running.get("/-/healthy").status_code == 200
    assert floor.running.get("/-/ready").status_code == 200
    log = floor.running.process.output()
    assert "Traceback" not in log
    assert not any(one.token in log for one in floor.simulator.operations)


def test_no_token_was_ever_used_twice_at_once(floor: Floor) -> None:
    floor.wait("the deadline", lambda: floor.causes("hang"), 150)
    assert floor.simulator.max_in_flight() == 1


def test_a_failure_that_an_allow_list_can_cause_says_so(floor: Floor) -> None:
    floor.wait("the reset", lambda: floor.causes("reset"))
    (line, *_) = [line for line in floor.running.process.output().splitlines() if "operation=reset" in line]
    assert "allow-list" in line


def test_an_answer_of_300_mb_is_never_in_memory(floor: Floor) -> None:
    floor.wait("the bomb", lambda: floor.causes("bomb"))
    status = Path(f"/proc/{floor.running.process.pid}/status").read_text()
    (peak,) = [int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")]
    assert peak < 150_000


def single(simulator: Simulator, **more: Any) -> dict[str, Any]:
    """The entry of the simulator's only operation."""
    one = {"name": "ventas", "base_url": simulator.url, "token": simulator.operations[0].token}
    return {**one, "apis": apis("1s"), **more}


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator(SimulatorSettings(latency=0, operations=1, campaigns=4, events=False)) as running:
        yield running


def serve(simulator: Simulator, folder: Path, **more: Any) -> Any:
    config = write_config(folder / "config.yaml", single(simulator, **more))
    return exporter("serve", folder, f"--config.file={config}")


def test_before_the_first_poll_only_the_exporter_speaks(simulator: Simulator, tmp_path: Path) -> None:
    simulator.faults.set(Fault("hang"))
    with serve(simulator, tmp_path) as running:
        floor = Floor(running, simulator, {})
        assert floor.figures("wolkvox_up") == {}
        assert floor.campaigns("ventas") == set()
        assert floor.figures("wolkvox_exporter_build_info")
        assert set(floor.figures("wolkvox_request_failures_total").values()) == {0}
        assert running.get("/-/healthy").status_code == 200
        assert running.get("/-/ready").status_code == 503
        simulator.faults.clear()


def test_over_age_figures_vanish_and_the_page_stays(simulator: Simulator, tmp_path: Path) -> None:
    with serve(simulator, tmp_path, apis=apis("1s", max_age="3s")) as running:
        floor = Floor(running, simulator, {})
        floor.wait("the campaigns", lambda: len(floor.campaigns("ventas")) == 4)
        simulator.faults.set(Fault("http_status"), api="campaigns")
        floor.wait("the end of the figures", lambda: floor.campaigns("ventas") == set())
        assert floor.up("ventas") == 0
        # A good answer of `campaign_settings` still tells which campaigns run.
        assert len(floor.figures("wolkvox_campaign_running")) == 4
        simulator.faults.clear()
        floor.wait("the figures again", lambda: len(floor.campaigns("ventas")) == 4)
        assert floor.up("ventas") == 1


def test_no_data_is_a_success_without_rows(simulator: Simulator, tmp_path: Path) -> None:
    with serve(simulator, tmp_path) as running:
        floor = Floor(running, simulator, {})
        floor.wait("the campaigns", lambda: floor.campaigns("ventas"))
        simulator.faults.set(Fault("empty"), api="campaigns")
        floor.wait("their end", lambda: floor.campaigns("ventas") == set())
        assert floor.up("ventas") == 1
        assert floor.figures("wolkvox_response_rows")["campaigns", "ventas"] == 0
        assert floor.causes("ventas") == {}


def test_a_campaign_missing_from_a_good_answer_vanishes_with_that_poll(
    simulator: Simulator, tmp_path: Path
) -> None:
    gone = simulator.campaigns("ventas-bogota")[0]
    one = single(simulator)["apis"] | {"campaign_settings": {"interval": "1s"}}
    with serve(simulator, tmp_path, apis=one) as running:
        floor = Floor(running, simulator, {})
        floor.wait("the campaigns", lambda: len(floor.campaigns("ventas")) == 4)
        gone.act("remove")
        floor.wait("its end", lambda: len(floor.campaigns("ventas")) == 3)
        floor.wait("its end everywhere", lambda: len(floor.figures("wolkvox_campaign_info")) == 3)
        gone.act("restore")
        floor.wait("its return", lambda: len(floor.campaigns("ventas")) == 4)


def test_unreadable_values_are_counted_and_never_zero(simulator: Simulator, tmp_path: Path) -> None:
    simulator.faults.set(Fault("garbage_values"), api="campaigns")
    with serve(simulator, tmp_path) as running:
        floor = Floor(running, simulator, {})
        floor.wait("a poll", lambda: floor.up("ventas") == 1)
        errors = floor.figures("wolkvox_field_errors_total")
        assert sum(n for (api, _, _), n in errors.items() if api == "campaigns") > 0
        assert floor.figures("wolkvox_response_rows")["campaigns", "ventas"] == 4
        assert 2 <= len(floor.campaigns("ventas")) < 4
        assert not any(value in {"NaN", "+Inf"} for value in running.metrics().split())


def test_tls_that_is_none_and_a_port_where_nobody_is(simulator: Simulator, tmp_path: Path) -> None:
    plain = single(simulator, name="tls", base_url=simulator.url.replace("http://", "https://"))
    nobody = single(simulator, name="nobody", base_url=f"http://127.0.0.1:{free_port()}", token="fake-other")
    config = write_config(tmp_path / "config.yaml", plain, nobody)
    with exporter("serve", tmp_path, f"--config.file={config}") as running:
        floor = Floor(running, simulator, {})
        floor.wait("both", lambda: floor.causes("tls") and floor.causes("nobody"))
        assert set(floor.causes("tls")) == {"tls"}
        assert set(floor.causes("nobody")) == {"connection"}


def test_a_restart_serves_at_once_and_calls_nobody(simulator: Simulator, tmp_path: Path) -> None:
    with serve(simulator, tmp_path, apis=apis("1h")) as running:
        floor = Floor(running, simulator, {})
        floor.wait("all", lambda: floor.campaigns("ventas") and floor.up("ventas", "campaign_settings"))
        before = floor.figures("wolkvox_last_success_timestamp_seconds")
        assert running.process.stop() == 0
    calls = len(simulator.requests)
    with serve(simulator, tmp_path, apis=apis("1h")) as running:
        floor = Floor(running, simulator, {})
        assert len(floor.campaigns("ventas")) == 4
        after = floor.figures("wolkvox_last_success_timestamp_seconds")
        assert after == pytest.approx(before, abs=0.01)
        assert running.get("/-/ready").status_code == 200
        assert floor.figures("wolkvox_quota_used_requests")["ventas",] == calls
        assert running.process.stop() == 0
    assert len(simulator.requests) == calls


def test_calls_stop_where_the_reserve_begins(simulator: Simulator, tmp_path: Path) -> None:
    # 1000 calls, of which 992 are others': campaigns may make 8, and `campaign_settings` none for its sake.
    with serve(simulator, tmp_path, licences=1, quota_reserve=0.992) as running:
        floor = Floor(running, simulator, {})
        skipped = ("campaigns", "ventas", "quota")
        floor.wait("skipped polls", lambda: sum(_skipped(floor, *skipped)) > 2)
        assert len(simulator.requests) == 8
        assert {record.api for record in simulator.requests} == {"campaigns"}
        assert _skipped(floor, "campaign_settings", "ventas", "quota")[0] >= 1
        assert floor.figures("wolkvox_quota_limit_requests")["ventas",] == 1000
        assert floor.figures("wolkvox_quota_used_requests")["ventas",] == 8
        assert floor.up("ventas") == 1


def _skipped(floor: Floor, *labels: str) -> list[float]:
    return [n for own, n in floor.figures("wolkvox_polls_skipped_total").items() if own == labels]


def test_scrapes_make_no_calls(simulator: Simulator, tmp_path: Path) -> None:
    with serve(simulator, tmp_path, apis=apis("1h")) as running:
        floor = Floor(running, simulator, {})
        floor.wait("all", lambda: floor.campaigns("ventas") and floor.up("ventas", "campaign_settings"))
        for path in ("/metrics", "/probe?target=ventas", "/sd", "/", "/-/healthy", "/-/ready") * 5:
            assert running.get(path).status_code == 200
        assert len(simulator.requests) == 2
