"""A real Prometheus scrapes the running demo and answers queries."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from exporter.apis import BY_NAME
from exporter.simulator.api import APIS as SIMULATED_APIS
from support.exporter import Exporter, exporter
from support.programs import program
from support.prometheus import Prometheus, prometheus, scrape
from support.waiting import until

pytestmark = pytest.mark.integration

OPERATIONS = {"ventas-bogota", "cobranza-mexico"}
APIS = set(SIMULATED_APIS.values()) & set(BY_NAME)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exporter]:
    flags = (f"--operations={len(OPERATIONS)}", "--campaigns=8")
    with exporter("demo", tmp_path_factory.mktemp("demo"), *flags) as running:
        yield running


@pytest.fixture(scope="module")
def server(demo: Exporter, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    with prometheus(tmp_path_factory.mktemp("server"), scrape("wolkvox", f"{demo.url}/metrics")) as running:
        running.wait_for(f"count(wolkvox_up) == {len(OPERATIONS) * len(APIS)}")
        yield running


def test_every_api_of_every_operation_is_up(server: Prometheus) -> None:
    samples = server.query("wolkvox_up")
    assert {(s.labels["operation"], s.labels["api"]) for s in samples} == {
        (operation, api) for operation in OPERATIONS for api in APIS
    }
    assert {s.value for s in samples} == {1.0}


def test_the_target_is_healthy(server: Prometheus, demo: Exporter) -> None:
    (target,) = server.targets()
    assert (target["scrapeUrl"], target["health"], target["lastError"]) == (f"{demo.url}/metrics", "up", "")


def test_campaigns_can_be_queried(server: Prometheus) -> None:
    campaigns = server.value('count(wolkvox_campaign_running{operation="ventas-bogota"})')
    assert 6 <= campaigns <= 8  # one appears late, one is missing from an answer now and then
    (info,) = server.query('wolkvox_campaign_info{operation="ventas-bogota",campaign_id="4877"}')
    assert info.labels["campaign"] == 'ENCUESTA "Satisfacción" (piloto)'
    assert info.labels["type"] == "predictive"
    assert "description" not in info.labels or info.labels["description"].startswith("Campaña ficticia")


def test_families_join_on_the_campaign(server: Prometheus) -> None:
    # What dashboards and rules do: the labels of a campaign are the same in families of both apis.
    joined = server.query(
        "wolkvox_campaign_dialed_records * on (operation, campaign_id, campaign, skill_id)"
        " group_left (type) wolkvox_campaign_info"
    )
    assert len(joined) == server.value("count(wolkvox_campaign_dialed_records)")
    assert {sample.labels["type"] for sample in joined} == {"predictive", "preview"}


def test_the_age_of_the_figures_can_be_told(server: Prometheus) -> None:
    assert 0 <= server.value("max(time() - wolkvox_last_success_timestamp_seconds)") < 90


def test_the_counters_move_and_nothing_fails(server: Prometheus) -> None:
    server.wait_for('wolkvox_requests_total{operation="ventas-bogota",api="campaigns"} > 1')
    assert server.value("sum(wolkvox_request_failures_total)") == 0
    assert server.value("sum(wolkvox_field_errors_total or vector(0))") == 0


def test_openmetrics_is_what_prometheus_takes(server: Prometheus) -> None:
    # Prometheus asks for OpenMetrics first, in which a counter's metadata has no `_total`.
    metadata = server.metadata("wolkvox_requests")
    assert [entry["type"] for entry in metadata] == ["counter"]


@pytest.mark.usefixtures("server")
def test_promtool_has_nothing_to_say(demo: Exporter) -> None:
    result = subprocess.run(
        [program("promtool"), "check", "metrics"],
        input=demo.metrics(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_rules_fire_and_the_storage_outlives_the_server(demo: Exporter, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yml"
    rules.write_text('groups: [{name: g, rules: [{alert: Up, expr: "min(wolkvox_up) == 1"}]}]\n')
    target = scrape("wolkvox", f"{demo.url}/metrics")
    storage = tmp_path / "kept"
    with prometheus(tmp_path / "first", target, rule_files=[rules], storage=storage) as first:
        until(lambda: [a for a in first.alerts() if a["state"] == "firing"], 60, "the alert")
        assert [rule["health"] for rule in first.rules()] == ["ok"]
        (written,) = first.query("max(timestamp(wolkvox_up))")
        assert first.stop() == 0
    with prometheus(tmp_path / "second", storage=storage) as second:
        assert second.value("min(wolkvox_up)", at=written.value) == 1
