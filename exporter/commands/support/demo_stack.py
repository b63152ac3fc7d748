"""What `demo --stack` adds: Prometheus and Alertmanager with the bundled rules, and a campaign that stops.

The programs are those of the machine; one that is not installed is left out. They listen on 127.0.0.1, keep
their data in a temporary folder, and notify nobody but this terminal.
"""

import contextlib
import http.server
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from exporter.assets import bundled, rescaled, rules
from exporter.assets.rescaling import RULES_POLL_SECONDS
from exporter.simulator import Simulator

_INSTALL = "Debian: apt-get install prometheus"
_EXAMPLE = "alertmanager/alertmanager.example.yml"
_SCRAPE_INTERVAL = "2s"
_STOP_AFTER_SECONDS, _START_AFTER_SECONDS, _REST_SECONDS = 15.0, 45.0, 120.0
_TERMINATE_SECONDS = 10.0


def find(*names: str) -> str | None:
    """Return the path of the first program that is installed; Debian has some outside of PATH."""
    places = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])
    return next((path for name in names if (path := shutil.which(name, path=places))), None)


class Stack:
    """Prometheus and Alertmanager beside a running demo; `polls` is the seconds between its polls."""

    def __init__(self, simulator: Simulator, polls: float) -> None:
        self._simulator = simulator
        self._factor = polls / RULES_POLL_SECONDS
        self._cleanup = contextlib.ExitStack()
        self._over = threading.Event()

    def start(self, metrics: str) -> list[str]:
        """Return lines for the user after starting what is installed, for the metrics at an address."""
        folder = Path(self._cleanup.enter_context(tempfile.TemporaryDirectory(prefix="wolkvox-demo-")))
        lines, alertmanagers = [], []
        if binary := find("prometheus-alertmanager", "alertmanager"):
            pages = self._cleanup.enter_context(pager())
            address = self._alertmanager(binary, folder / "alertmanager", pages)
            alertmanagers.append(address)
            lines.append(f"  Alertmanager       http://{address}/")
        else:
            lines.append(f"  Alertmanager       not installed: no notifications ({_INSTALL}-alertmanager)")
        if binary := find("prometheus"):
            address = self._prometheus(binary, folder / "prometheus", metrics, alertmanagers)
            lines.append(f"  Prometheus         http://{address}/alerts")
            thread = threading.Thread(target=self._play, name="demo-stage", daemon=True)
            thread.start()
            lines += [
                "",
                "A campaign will be stopped during its hours: an alert fires and resolves in two minutes.",
                "The notifications are printed below. This repeats every three minutes.",
                "To make other things go wrong, see docs/rehearsal.md.",
            ]
        else:
            lines.append(f"  Prometheus         not installed: no alerts ({_INSTALL})")
        return lines

    def stop(self) -> None:
        """Stop the programs and remove their data."""
        self._over.set()
        self._cleanup.close()

    def _alertmanager(self, binary: str, folder: Path, pages: str) -> str:
        folder.mkdir()
        (example,) = (asset.content for asset in bundled() if str(asset.path) == _EXAMPLE)
        route = {"group_by": ["alertname", "operation"], "group_wait": "1s", "group_interval": "5s"}
        config = {
            "route": {
                **route,
                "receiver": "terminal",
                "routes": [{"matchers": ['severity=~"none|info"'], "receiver": "nobody"}],
            },
            "inhibit_rules": yaml.safe_load(example)["inhibit_rules"],
            "receivers": [{"name": "nobody"}, {"name": "terminal", "webhook_configs": [{"url": pages}]}],
        }
        return self._run(
            [binary, f"--storage.path={folder / 'data'}", "--cluster.listen-address="], folder, config
        )

    def _prometheus(self, binary: str, folder: Path, metrics: str, alertmanagers: Sequence[str]) -> str:
        folder.mkdir()
        for asset in rules():
            text = rescaled(asset.content.decode(), self._factor)
            (folder / asset.path.name).write_text(text)
        where = urlsplit(metrics)
        config = {
            "global": {
                "scrape_interval": _SCRAPE_INTERVAL,
                "scrape_timeout": _SCRAPE_INTERVAL,
                "evaluation_interval": _SCRAPE_INTERVAL,
            },
            "rule_files": ["wolkvox-*.yml"],
            "alerting": {"alertmanagers": [{"static_configs": [{"targets": list(alertmanagers)}]}]},
            "scrape_configs": [
                {
                    "job_name": "wolkvox",
                    "scheme": where.scheme,
                    "tls_config": {"insecure_skip_verify": True},  # this machine's own demo
                    "metrics_path": where.path,
                    "static_configs": [{"targets": [where.netloc]}],
                }
            ],
        }
        return self._run([binary, f"--storage.tsdb.path={folder / 'data'}"], folder, config)

    def _run(self, command: Sequence[str], folder: Path, config: Mapping[str, Any]) -> str:
        """Return the address of a server that is started with a configuration."""
        file = folder / "config.yml"
        file.write_text(json.dumps(config, indent=1))  # JSON is YAML
        address = f"127.0.0.1:{_free_port()}"
        log = self._cleanup.enter_context((folder / "log").open("wb"))
        # In a session of its own it does not get the terminal's Ctrl-C, and stops when the demo stops it;
        # setpriv (util-linux) stops it too when the demo is killed.
        on_death = [setpriv, "--pdeathsig", "TERM"] if (setpriv := find("setpriv")) else []
        process = subprocess.Popen(  # noqa: S603 - a program that was found by its name
            [*on_death, *command, f"--config.file={file}", f"--web.listen-address={address}"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        self._cleanup.callback(_end, process)
        return address

    def _play(self) -> None:
        """Stop a campaign, start it again, and rest, until the demo stops."""
        operation = self._simulator.operations[0].name
        campaign = self._simulator.campaigns(operation)[0]
        while not self._over.wait(_STOP_AFTER_SECONDS):
            campaign.act("stop")
            _tell("STAGE", f"somebody stops campaign {campaign.campaign_id} of {operation}")
            self._over.wait(_START_AFTER_SECONDS)
            campaign.act("auto")
            _tell("STAGE", f"somebody starts campaign {campaign.campaign_id} again")
            self._over.wait(_REST_SECONDS)


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(_TERMINATE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


class _Pages(http.server.BaseHTTPRequestHandler):
    """Prints what Alertmanager sends to a pager."""

    timeout = 10

    def do_POST(self) -> None:  # the library's name
        """Print each alert of one notification."""
        page = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        for alert in page["alerts"]:
            name, said = alert["labels"]["alertname"], alert["annotations"]["description"]
            firing = alert["status"] == "firing"
            # A resolved alert still has the description that it fired with, which is not true any more.
            _tell(alert["status"].upper(), f"{name}: {said}" if firing else f"{name}, which said: {said}")
        self.send_response(http.HTTPStatus.NO_CONTENT)
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Log nothing: the terminal is for the pages."""


def _tell(kind: str, text: str) -> None:
    sys.stdout.write(f"  {time.strftime('%H:%M:%S')}  {kind:<8}  {text}\n")
    sys.stdout.flush()


@contextlib.contextmanager
def pager() -> Iterator[str]:
    """Yield the address of a receiver that prints the pages it gets."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Pages) as server:
        threading.Thread(target=server.serve_forever, name="demo-pages", daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
