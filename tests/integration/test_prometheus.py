"""A real Prometheus scrapes the running demo and answers queries."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from exporter.apis import BY_NAME
from exporter.metrics.table import FAMILIES
from exporter.simulator.endpoints import ENDPOINTS
from support.exporter import Exporter, exporter
from support.programs import program
from support.prometheus import Prometheus, prometheus, scrape
from support.waiting import until

pytestmark = [pytest.mark.integration, pytest.mark.newer_servers]

ROOT = Path(__file__).resolve().parents[2]
OPERATIONS = {"ventas-bogota", "cobranza-mexico"}
APIS = {endpoint.name for endpoint in ENDPOINTS} & set(BY_NAME)


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


def test_every_family_that_an_api_feeds_has_samples_of_every_operation(server: Prometheus) -> None:
    fed = [family.name for api in BY_NAME.values() for family in api.families]
    for family in (*fed, "wolkvox_operation_finding", "wolkvox_abandonment_limit_ratio"):
        server.wait_for(f"count(count by (operation) ({family})) == {len(OPERATIONS)}")
    by_status = "sum by (operation) (wolkvox_agents)"
    assert {sample.value for sample in server.query(f"{by_status} > 0")} != set()


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


def renamed_labels_alert() -> str:
    rules = yaml.safe_load((ROOT / "prometheus" / "rules" / "wolkvox-exporter-alerts.yml").read_text())
    (found,) = [r["expr"] for r in rules["groups"][0]["rules"] if r.get("alert") == "WolkvoxLabelsRenamed"]
    return str(found)


def test_labels_of_a_target_that_push_ours_aside_are_told(demo: Exporter, tmp_path: Path) -> None:
    ours = {label for family in FAMILIES for label in family.label_names}
    address = demo.url.removeprefix("http://")
    target = [{"targets": [address], "labels": dict.fromkeys([*ours, "endpoint", "pod"], "of-the-target")}]
    monitor = yaml.safe_load((ROOT / "deploy/kubernetes/base/servicemonitor.yaml").read_text())
    (dropped,) = monitor["spec"]["endpoints"][0]["relabelings"]
    jobs = [
        scrape("collides", f"{demo.url}/metrics", static_configs=target),
        scrape("honoured", f"{demo.url}/metrics", static_configs=target, honor_labels=True),
        scrape("dropped", f"{demo.url}/metrics", static_configs=target, relabel_configs=[dropped]),
    ]
    with prometheus(tmp_path, *jobs) as server:
        up = len(OPERATIONS) * len(APIS)
        for job in ("honoured", "dropped"):
            server.wait_for(f'count(wolkvox_up{{job="{job}",api="campaigns"}} == 1) == {len(OPERATIONS)}')
        server.wait_for(f'count(wolkvox_up{{job="collides",exported_api!=""}}) == {up}')
        told = {(s.labels["job"], s.labels["label"]) for s in server.query(renamed_labels_alert())}
        # Those that have a value in what the demo publishes.
        present = set(re.findall(r'[{,](\w+)="[^"]', demo.metrics())) & ours
        assert {"operation", "api", "campaign_id", "campaign", "skill_id"} <= present
        assert told == {("collides", label) for label in present}
        (target_labels,) = {
            tuple(sorted(t["labels"])) for t in server.targets() if t["labels"]["job"] == "dropped"
        }
        assert target_labels == ("instance", "job", "pod")
