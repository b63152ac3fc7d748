"""VictoriaMetrics (Debian's package `victoria-metrics`): vmagent scrapes the demo, vmalert runs the rules."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from rules.floor import RULES
from support.exporter import Exporter, exporter
from support.ports import free_port
from support.processes import running
from support.programs import program
from support.prometheus import scrape
from support.waiting import until

pytestmark = [pytest.mark.integration, pytest.mark.newer_servers]

# The rules are read from a folder, and vmalert takes a pattern.
PATTERN = str(RULES[0].parent / "*.yml")


def get(url: str, **parameters: str) -> Any:
    with requests.Session() as session:
        session.trust_env = False
        return session.get(url, params=parameters, timeout=30).json()["data"]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exporter]:
    with exporter("demo", tmp_path_factory.mktemp("demo"), "--operations=1", "--campaigns=4") as started:
        until(lambda: len(families(started)) > 40, 60, "the first polls")
        yield started


def families(demo: Exporter) -> set[str]:
    """Return the names of all series of the exposition."""
    return set(re.findall(r"^(\w+)(?:\{| )", demo.metrics(), re.MULTILINE))


@pytest.fixture(scope="module")
def storage(demo: Exporter, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base address of a VictoriaMetrics that vmagent writes to what it scrapes from the demo."""
    folder = tmp_path_factory.mktemp("victoriametrics")
    address, agent = (f"127.0.0.1:{free_port()}" for _ in range(2))
    config = folder / "scrape.yml"
    job = scrape("wolkvox", f"{demo.url}/metrics", scrape_interval="1s")
    config.write_text(json.dumps({"scrape_configs": [job]}))
    server = [
        program("victoria-metrics"),
        f"-storageDataPath={folder / 'data'}",
        f"-httpListenAddr={address}",
        "-search.latencyOffset=0s",
        "-retentionPeriod=1",
    ]
    scraper = [
        program("vmagent"),
        f"-promscrape.config={config}",
        f"-remoteWrite.url=http://{address}/api/v1/write",
        f"-remoteWrite.tmpDataPath={folder / 'queue'}",
        f"-httpListenAddr={agent}",
    ]
    with running(server, folder) as one, running(scraper, folder) as other:

        def target() -> dict[str, Any]:
            targets = get(f"http://{agent}/api/v1/targets")["activeTargets"]
            return targets[0] if targets and targets[0]["health"] == "up" else {}

        until(target, 60, "a scrape", report=lambda: one.output() + other.output())
        yield f"http://{address}"


def test_every_family_of_the_exposition_arrives(demo: Exporter, storage: str) -> None:
    exposed = families(demo)
    until(
        lambda: exposed <= set(get(f"{storage}/api/v1/label/__name__/values")),
        60,
        "all of the families",
        report=lambda: str(exposed - set(get(f"{storage}/api/v1/label/__name__/values"))),
    )


def test_labels_arrive_as_they_are(demo: Exporter, storage: str) -> None:
    def exposed() -> set[str]:
        found = re.findall(r'^wolkvox_campaign_info\{.*campaign_id="(\w+)"', demo.metrics(), re.MULTILINE)
        return set(found)

    def stored() -> dict[str, dict[str, str]]:
        result = get(f"{storage}/api/v1/query", query="wolkvox_campaign_info")["result"]
        return {series["metric"]["campaign_id"]: series["metric"] for series in result}

    until(lambda: set(stored()) == exposed(), 60, "the campaigns")
    assert stored()["4877"]["campaign"] == 'ENCUESTA "Satisfacción" (piloto)'


def knows_keep_firing_for() -> bool:
    """Return whether vmalert does, which is since 1.92 (VictoriaMetrics issue 4529)."""
    options = subprocess.run([program("vmalert"), "--help"], capture_output=True, text=True, check=False)
    # The flag came with the same release; Debian's builds do not tell their version.
    return "-notifier.blackhole" in options.stdout + options.stderr


def test_vmalert_runs_the_rules_or_names_what_it_does_not_know(storage: str, tmp_path: Path) -> None:
    result = subprocess.run(
        [program("vmalert"), "-dryRun", f"-rule={PATTERN}", f"-datasource.url={storage}"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    if not knows_keep_firing_for():
        assert result.returncode != 0
        assert "keep_firing_for" in result.stderr
        return
    assert result.returncode == 0, result.stderr
    address = f"127.0.0.1:{free_port()}"
    command = [
        program("vmalert"),
        f"-rule={PATTERN}",
        f"-datasource.url={storage}",
        f"-remoteWrite.url={storage}",
        "-notifier.blackhole",
        "-evaluationInterval=1s",
        f"-httpListenAddr={address}",
    ]
    with running(command, tmp_path) as process:

        def rules() -> list[dict[str, Any]]:
            groups = get(f"http://{address}/api/v1/rules")["groups"]
            # Groups with a longer interval wait for their turn.
            found = [rule for group in groups if group["interval"] <= 60 for rule in group["rules"]]
            return found if all(rule["lastEvaluation"] > "2000" for rule in found) else []

        evaluated = until(rules, 60, "an evaluation of each rule", report=process.output)
        assert len(evaluated) > 60
        assert [(rule["name"], rule["lastError"]) for rule in evaluated if rule["health"] != "ok"] == []
