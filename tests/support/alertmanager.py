"""A real Alertmanager (Debian's package `prometheus-alertmanager`), on the bundled example."""

import contextlib
import json
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from support.ports import free_port
from support.processes import Running, running
from support.programs import program
from support.waiting import until

EXAMPLE = Path(__file__).resolve().parents[2] / "alertmanager" / "alertmanager.example.yml"
READY_WITHIN = 60.0


class Alertmanager:
    """A server that is ready."""

    def __init__(self, url: str, process: Running) -> None:
        self.url = url
        self.process = process
        self._session = requests.Session()
        self._session.trust_env = False

    def alerts(self) -> list[dict[str, Any]]:
        """Return the alerts it knows: labels, annotations, status with inhibitedBy, ..."""
        return list(self._session.get(f"{self.url}/api/v2/alerts", timeout=30).json())

    def post(self, alerts: Sequence[Mapping[str, Any]]) -> None:
        """Send alerts as Prometheus does."""
        answer = self._session.post(f"{self.url}/api/v2/alerts", json=list(alerts), timeout=30)
        assert answer.status_code == HTTPStatus.OK, answer.text

    def ready(self) -> bool:
        """Tell whether it answers; an OSError says not yet."""
        if not self.process.alive:
            pytest.fail(f"Alertmanager ended: {self.process.output()}")
        return self._session.get(f"{self.url}/-/ready", timeout=30).status_code == HTTPStatus.OK

    def close(self) -> None:
        """Drop the connections to it."""
        self._session.close()


def example_for_tests(folder: Path, receiver: str, smarthost: str = "") -> dict[str, Any]:
    """Return the example with everything sent to `receiver`, at once; routes and inhibition as they are.

    A pager's events come to /pager, every other message to /NAME of its receiver; mails too, as webhooks,
    unless there is a `smarthost` for them. Teams is left out where this Alertmanager does not know it.
    """
    text = EXAMPLE.read_text()
    teams = re.sub("^  # ?(?=- |  )", "  ", text, flags=re.MULTILINE)
    config: dict[str, Any] = yaml.safe_load(teams if knows_teams(folder) else text)
    folder.mkdir(parents=True, exist_ok=True)
    secret = folder / "secret"
    secret.write_text("0123456789abcdef0123456789abcdef")
    config["global"] = {
        "pagerduty_url": f"{receiver}/pager",
        "smtp_smarthost": smarthost or "127.0.0.1:9",
        "smtp_from": "alertmanager@example.com",
        "smtp_require_tls": False,
    }
    config["templates"] = [str(EXAMPLE.parent / "templates" / "*.tmpl")]
    for route in _routes(config["route"]):
        route.update({"group_wait": "1s", "group_interval": "1s"})
        route.pop("active_time_intervals", None)
    for one in config["receivers"]:
        url = f"{receiver}/{one['name']}"
        if not smarthost and one.pop("email_configs", None):
            one["webhook_configs"] = [{}]
        for webhook in one.get("webhook_configs", []):
            webhook["url"] = url
        for pager in one.get("pagerduty_configs", []):
            pager["routing_key_file"] = str(secret)
        for chat in one.get("slack_configs", []):
            chat.pop("api_url_file")
            chat["api_url"] = url
        for chat in one.get("telegram_configs", []):
            chat["api_url"] = url
        for chat in one.get("msteamsv2_configs", []):
            chat.pop("webhook_url_file")
            chat["webhook_url"] = url
    return config


def knows_teams(folder: Path) -> bool:
    """Return whether the installed Alertmanager has msteamsv2, which is new in 0.28."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "teams.yml"
    teams = {"webhook_url": "http://127.0.0.1:9"}
    file.write_text(
        json.dumps({"route": {"receiver": "a"}, "receivers": [{"name": "a", "msteamsv2_configs": [teams]}]})
    )
    command = [program("amtool"), "check-config", str(file)]
    return not subprocess.run(command, capture_output=True, check=False, timeout=60).returncode


def _routes(route: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield route
    for child in route.get("routes", []):
        yield from _routes(child)


@contextlib.contextmanager
def alertmanager(folder: Path, config: Mapping[str, Any]) -> Iterator[Alertmanager]:
    """Run an Alertmanager while the block runs, and yield it once it is ready."""
    binary = program("prometheus-alertmanager")
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "alertmanager.yml"
    file.write_text(json.dumps(config, indent=1))  # JSON is YAML
    address = f"127.0.0.1:{free_port()}"
    command = [
        binary,
        f"--config.file={file}",
        f"--storage.path={folder / 'storage'}",
        f"--web.listen-address={address}",
        "--cluster.listen-address=",
    ]
    with running(command, folder) as process:
        server = Alertmanager(f"http://{address}", process)
        try:
            until(server.ready, READY_WITHIN, "Alertmanager", report=process.output)
            yield server
        finally:
            server.close()
