"""A real Prometheus (Debian's package `prometheus`) that scrapes what a test runs and answers its queries."""

import contextlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from support.ports import free_port
from support.processes import Running, running
from support.programs import program
from support.waiting import until

READY_WITHIN = 60.0
_ANSWER_WITHIN = 30.0


@dataclass(frozen=True)
class Sample:
    """One sample of an instant vector."""

    labels: Mapping[str, str]
    value: float


class Prometheus:
    """A server that is ready. Its methods fail the test, with Prometheus' own words, when it refuses."""

    def __init__(self, url: str, process: Running) -> None:
        self.url = url
        self.process = process
        self._session = requests.Session()
        self._session.trust_env = False  # a proxy of the environment has no business with 127.0.0.1

    def query(self, expression: str, at: float | None = None) -> list[Sample]:
        """Return the instant vector of an expression, now or at a Unix time; a scalar is one sample."""
        data = self._get("query", query=expression, **({} if at is None else {"time": repr(at)}))
        if data["resultType"] == "scalar":
            return [Sample({}, float(data["result"][1]))]
        assert data["resultType"] == "vector", f"{expression} is a {data['resultType']}"
        return [Sample(row["metric"], float(row["value"][1])) for row in data["result"]]

    def value(self, expression: str, at: float | None = None) -> float:
        """Return the value of an expression that gives exactly one sample."""
        samples = self.query(expression, at)
        assert len(samples) == 1, f"{expression} gives {len(samples)} samples: {samples[:5]}"
        return samples[0].value

    def wait_for(self, expression: str, timeout: float = 60) -> list[Sample]:
        """Return the samples of an expression as soon as there are any."""
        return until(
            lambda: self.query(expression),
            timeout,
            f"a sample of {expression}",
            report=lambda: json.dumps(self.targets(), indent=1),
        )

    def targets(self) -> list[dict[str, Any]]:
        """Return the active targets: labels, scrapeUrl, health ("up", "down", "unknown"), lastError, ..."""
        return list(self._get("targets", state="active")["activeTargets"])

    def alerts(self) -> list[dict[str, Any]]:
        """Return the alerts that are pending or firing: labels, annotations, state, activeAt, value."""
        return list(self._get("alerts")["alerts"])

    def rules(self) -> list[dict[str, Any]]:
        """Return the rules of all groups: name, query, type, health, lastError, ..."""
        return [rule for group in self._get("rules")["groups"] for rule in group["rules"]]

    def metadata(self, family: str) -> list[dict[str, Any]]:
        """Return what targets say about a metric family: type, help, unit."""
        return list(self._get("metadata", metric=family).get(family, []))

    def stop(self) -> int:
        """End it in good order, its storage written; the end of the block that started it would kill it."""
        return self.process.stop()

    def close(self) -> None:
        """Drop the connections to it."""
        self._session.close()

    def ready(self) -> bool:
        """Tell whether it answers queries; an OSError says not yet."""
        if not self.process.alive:
            pytest.fail(f"Prometheus ended: {self.process.output()}")
        return self._ask("/-/ready").status_code == HTTPStatus.OK

    def _get(self, name: str, **parameters: str) -> Any:
        answer = self._ask(f"/api/v1/{name}", parameters).json()
        assert answer["status"] == "success", f"{name} {parameters}: {answer.get('error')}"
        return answer["data"]

    def _ask(self, path: str, parameters: Mapping[str, str] | None = None) -> requests.Response:
        return self._session.get(f"{self.url}{path}", params=parameters, timeout=_ANSWER_WITHIN)


@contextlib.contextmanager
def prometheus(  # noqa: PLR0913  all but the folder have defaults
    folder: Path,
    *scrape_configs: Mapping[str, Any],
    rule_files: Sequence[Path] = (),
    storage: Path | None = None,
    interval: str = "1s",
    flags: Sequence[str] = (),
    alertmanagers: Sequence[str] = (),
) -> Iterator[Prometheus]:
    """Run a Prometheus while the block runs, and yield it once it is ready.

    scrape_configs: entries of `scrape_configs` as its documentation has them, see `scrape` for the usual one.
    storage: an existing or a new folder of its database; by default one in `folder`. interval: of scrapes and
    of the evaluation of rules. alertmanagers: base addresses that alerts are sent to. The test is left out,
    or fails, where Prometheus is not installed.
    """
    binary = program("prometheus")
    folder.mkdir(parents=True, exist_ok=True)
    config = {
        "global": {"scrape_interval": interval, "scrape_timeout": interval, "evaluation_interval": interval},
        "rule_files": [os.fspath(file.resolve()) for file in rule_files],
        "scrape_configs": list(scrape_configs),
        "alerting": {
            "alertmanagers": [
                {"static_configs": [{"targets": [urlsplit(url).netloc for url in alertmanagers]}]}
            ]
        },
    }
    file = folder / "prometheus.yml"
    file.write_text(json.dumps(config, indent=1))  # JSON is YAML
    address = f"127.0.0.1:{free_port()}"
    command = [
        binary,
        f"--config.file={file}",
        f"--storage.tsdb.path={storage or folder / 'storage'}",
        f"--web.listen-address={address}",
        *flags,
    ]
    with running(command, folder) as process:
        server = Prometheus(f"http://{address}", process)
        try:
            until(server.ready, READY_WITHIN, "Prometheus", report=process.output)
            yield server
        finally:
            server.close()


def scrape(job: str, *urls: str, **more: Any) -> dict[str, Any]:
    """Return the scrape config for metrics at `urls` of one scheme and path, such as http://127.0.0.1:1/metrics.

    `more` is added as it is: tls_config, basic_auth, relabel_configs, ...
    """
    parts = [urlsplit(url) for url in urls]
    (scheme,) = {part.scheme for part in parts}
    (path,) = {part.path for part in parts}
    return {
        "job_name": job,
        "scheme": scheme,
        "metrics_path": path or "/metrics",
        "static_configs": [{"targets": [part.netloc for part in parts]}],
        **more,
    }
