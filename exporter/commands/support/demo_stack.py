"""What `demo --stack` adds: Prometheus and Alertmanager with the bundled rules, and incidents in turn.

The programs are those of the machine; one that is not installed is left out. They listen on 127.0.0.1, keep
their data in a temporary folder, and notify nobody but this terminal.

The exporter lives by the simulated clock, as it does by the real one elsewhere. Prometheus has no other clock
than the machine's: in its rules every wait and range is as much shorter as the simulated clock is faster, and
`time()` is the simulated time, which it scrapes from here.
"""

import contextlib
import http.server
import json
import math
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from exporter.assets import bundled, rescaled, rules
from exporter.commands.support.demo_tour import MINUTE_SECONDS, Tour
from exporter.commands.support.simulated_clock import SimulatedClock
from exporter.settings.durations import format_duration
from exporter.simulator import Simulator
from exporter.simulator.drill import Staged

_INSTALL = "Debian: apt-get install prometheus"
_EXAMPLE = "alertmanager/alertmanager.example.yml"
_CLOCK = "wolkvox_demo_time_seconds"
_NOW = re.compile(r"\btime\(\)")
_A_SECOND = re.compile(r"\b(?:deriv|rate|irate)\([^()]*\)")
"""Functions whose result is by the real second."""
_TERMINATE_SECONDS = 10.0


def find(*names: str) -> str | None:
    """Return the path of the first program that is installed; Debian has some outside of PATH."""
    places = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])
    return next((path for name in names if (path := shutil.which(name, path=places))), None)


class Stack:
    """Prometheus and Alertmanager beside a running demo that lives by a simulated clock."""

    def __init__(self, simulator: Simulator, clock: SimulatedClock) -> None:
        self._simulator = simulator
        self._clock = clock
        self._tour = Tour(simulator, clock, self._tell)
        self._cleanup = contextlib.ExitStack()

    def start(self, metrics: str) -> list[str]:
        """Return lines for the user after starting what is installed, for the metrics at an address."""
        folder = Path(self._cleanup.enter_context(tempfile.TemporaryDirectory(prefix="wolkvox-demo-")))
        pages = self._cleanup.enter_context(pager(self._tell, lambda: self._clock.now().wall))
        self._simulator.drill.heard = self._staged
        lines, alertmanagers = [], []
        if binary := find("prometheus-alertmanager", "alertmanager"):
            address = self._alertmanager(binary, folder / "alertmanager", pages)
            alertmanagers.append(address)
            lines.append(f"  Alertmanager       http://{address}/")
        else:
            lines.append(f"  Alertmanager       not installed: no notifications ({_INSTALL}-alertmanager)")
        if binary := find("prometheus"):
            address = self._prometheus(binary, folder / "prometheus", metrics, pages, alertmanagers)
            lines.append(f"  Prometheus         http://{address}/alerts")
        else:
            lines.append(f"  Prometheus         not installed: no alerts ({_INSTALL})")
        self._tour.start()
        return [
            *lines,
            "",
            f"In this call centre it is {self._tour.local():%A %H:%M}.",
            f"Its clock runs {self._clock.pace:g} times as fast as yours, and is the one you see below.",
            "Something goes wrong every few minutes: you read of it here, and of what Alertmanager sends.",
            "To choose what goes wrong, see docs/rehearsal.md; for the list:",
            f"  curl {self._simulator.url}/_simulator/stage",
            "",
        ]

    def stop(self) -> None:
        """Stop the programs and remove their data."""
        self._tour.stop()
        self._cleanup.close()

    def _tell(self, kind: str, text: str) -> None:
        sys.stdout.write(f"  {self._tour.local():%a %H:%M}  {kind:<8}  {text}\n")
        sys.stdout.flush()

    def _staged(self, staged: Staged, begins: bool) -> None:
        self._tell("STAGE" if begins else "END", staged.text(begins=begins))

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

    def _prometheus(
        self, binary: str, folder: Path, metrics: str, clock: str, alertmanagers: Sequence[str]
    ) -> str:
        folder.mkdir()
        for asset in rules():
            (folder / asset.path.name).write_text(simulated(asset.content.decode(), self._clock.pace))
        where = urlsplit(metrics)
        minute = format_duration(MINUTE_SECONDS / self._clock.pace)
        config = {
            "global": {"scrape_interval": minute, "scrape_timeout": minute, "evaluation_interval": minute},
            "rule_files": ["wolkvox-*.yml"],
            "alerting": {"alertmanagers": [{"static_configs": [{"targets": list(alertmanagers)}]}]},
            "scrape_configs": [
                {
                    "job_name": "wolkvox",
                    "scheme": where.scheme,
                    "tls_config": {"insecure_skip_verify": True},  # this machine's own demo
                    "metrics_path": where.path,
                    "static_configs": [{"targets": [where.netloc]}],
                },
                {"job_name": "clock", "static_configs": [{"targets": [urlsplit(clock).netloc]}]},
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


def simulated(text: str, pace: float) -> str:
    """Return a rule file for a Prometheus that scrapes an exporter which lives by a clock of another pace."""
    text = _A_SECOND.sub(rf"({1 / pace:.9g} * \g<0>)", rescaled(text, 1 / pace, below=math.inf))
    return _NOW.sub(f"scalar({_CLOCK} + {pace:g} * (time() - timestamp({_CLOCK})))", text)


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


def _line(labels: Mapping[str, str], annotations: Mapping[str, str], status: str) -> str:
    """Return what a pager shows of an alert; of one that has resolved, which one it is."""
    name, campaign_id, since = (
        annotations.get("campaign"),
        labels.get("campaign_id"),
        annotations.get("since"),
    )
    campaign = f"campaign {name} ({campaign_id})" if name and campaign_id else name or campaign_id
    parts = [labels["alertname"], campaign, labels.get("operation"), since and f"since {since}"]
    line = ", ".join(part for part in [*parts, annotations.get("reason")] if part)
    if status != "firing":
        return line
    return " ".join(filter(None, [f"{line}:", annotations.get("description"), annotations.get("action")]))


class _PagerServer(http.server.ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Print what went wrong, unless it is that a scrape did not wait for the answer."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


Tell = Callable[[str, str], None]
"""Shows a line: its kind, and its text."""


@contextlib.contextmanager
def pager(tell: Tell, now: Callable[[], float]) -> Iterator[str]:
    """Yield the address of a receiver that tells of the pages it gets; to a scrape it says what time it is.

    Each change of an alert is told once, although Alertmanager repeats those that others join. now: returns
    Unix seconds.
    """
    last: dict[str, str] = {}

    class Pages(http.server.BaseHTTPRequestHandler):
        timeout = 10

        def do_POST(self) -> None:  # the library's name
            """Print each alert of one notification that has changed."""
            page = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            for alert in page["alerts"]:
                if last.get(alert["fingerprint"]) == alert["status"]:
                    continue
                last[alert["fingerprint"]] = alert["status"]
                tell(alert["status"].upper(), _line(alert["labels"], alert["annotations"], alert["status"]))
            self.send_response(http.HTTPStatus.NO_CONTENT)
            self.end_headers()

        def do_GET(self) -> None:  # the library's name
            """Answer a scrape."""
            body = f"# TYPE {_CLOCK} gauge\n{_CLOCK} {now():.3f}\n".encode()
            self.send_response(http.HTTPStatus.OK)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Log nothing: the terminal is for the pages."""

    with _PagerServer(("127.0.0.1", 0), Pages) as server:
        threading.Thread(target=server.serve_forever, name="demo-pages", daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
