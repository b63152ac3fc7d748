"""The exporter, and what people would use instead, each serving the same metrics."""

import contextlib
import json
import os
import re
import sys
import time
import urllib.request
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.load import OPENMETRICS
from benchmarks.processes import Program, free_port, program, running
from exporter.apis import APIS
from exporter.simulator import SimulatorSettings

HERE = Path(__file__).parent
CONTENT_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"
DEFAULT = tuple(api.name for api in APIS if api.enabled)
"""The APIs that are on by default."""

ALL = tuple(api.name for api in APIS)
_open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open  # past any proxy


@dataclass(frozen=True)
class Served:
    """A running server of metrics."""

    program: Program
    port: int

    def get(self, path: str = "/metrics", encoding: str = "identity") -> bytes:
        """Return the body of an answer."""
        asked = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            headers={"Accept": OPENMETRICS, "Accept-Encoding": encoding},
        )
        with _open(asked, timeout=120) as answer:
            return bytes(answer.read())

    def figures(self, family: str) -> dict[str, float]:
        """Return the figures of one family, by API."""
        found: dict[str, float] = {}
        for line in self.get(f"/metrics?name[]={family}").decode().splitlines():
            if api := re.match(rf'{family}(?:_total)?{{.*api="(\w+)".*}} (\S+)$', line):
                found[api[1]] = found.get(api[1], 0.0) + float(api[2])
        return found


@dataclass(frozen=True)
class Vendor:
    """A running simulator of wolkvox, and the clock that it shares with the exporter."""

    url: str
    pace: float
    origin: float
    settings: SimulatorSettings


@contextlib.contextmanager
def simulator(folder: Path, campaigns: int, operations: int = 1, pace: float = 1.0) -> Iterator[Vendor]:
    """Run a simulator of wolkvox, by a clock of so many seconds in a real one."""
    port, origin = free_port(), time.monotonic()
    command = [sys.executable, HERE / "paced.py", "simulate", port, pace, origin, operations, campaigns]
    with running(list(map(str, command)), folder, port, PYTHONPATH=os.fspath(HERE.parent)):
        settings = SimulatorSettings(operations=operations, campaigns=campaigns)
        yield Vendor(f"http://127.0.0.1:{port}", pace, origin, settings)


@contextlib.contextmanager
def exporter(
    folder: Path,
    vendor: Vendor,
    apis: Collection[str] = DEFAULT,
    *,
    interval: str | None = None,
) -> Iterator[Served]:
    """Run the exporter against a simulator, from when each API of each operation was polled.

    `interval` is that of all APIs, where it is not the default of each. The folder then has state.db, and at
    the end costs.json.
    """
    settings: Mapping[str, Any] = {"interval": interval} if interval else {}
    operations = [
        {
            "name": one.name,
            "base_url": vendor.url,
            "token": one.token,
            "timezone": one.timezone,
            "licences": 100_000,
            "campaigns": {"limit": vendor.settings.campaigns},
            "schedules": [
                {"campaigns": [".*"], "expected": ["Mon-Fri 08:00-18:00"], "permitted": "ley-2300"}
            ],
            "apis": {name: {"enabled": name in apis, **settings} for name in ALL},
        }
        for one in vendor.settings.make_operations()
    ]
    folder.mkdir(exist_ok=True)
    (folder / "state.db").unlink(missing_ok=True)
    config = folder / "config.yaml"
    state = {"url": f"sqlite://{folder}/state.db"}
    config.write_text(json.dumps({"operations": operations, "state": state}))
    port = free_port()
    command = [sys.executable, HERE / "paced.py", "serve", port, vendor.pace, vendor.origin, config]
    command += [folder / "costs.json"]
    with running(list(map(str, command)), folder, port, PYTHONPATH=os.fspath(HERE.parent)) as one:
        served = Served(one, port)
        wanted = len(apis) * len(operations)
        one.wait_for(lambda: sum(served.figures("wolkvox_up").values()) >= wanted, "the first polls")
        yield served


@contextlib.contextmanager
def nginx(folder: Path) -> Iterator[Served]:
    """Run nginx with the files of `folder`/www; a name that ends in .gz is sent as gzip of metrics."""
    binary = program("nginx")
    if binary is None:
        raise SystemExit("nginx is not installed: apt-get install nginx-light")
    port = free_port()
    temporary = " ".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    config = folder / f"nginx-{port}.conf"
    config.write_text(f"""
worker_processes 1; daemon off; pid {folder}/nginx-{port}.pid; error_log {folder}/nginx-error.log;
{"user root;" if os.geteuid() == 0 else ""}
events {{ worker_connections 1024; }}
http {{
  {temporary}
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000; types {{ }}
  default_type "{CONTENT_TYPE}";
  server {{
    listen 127.0.0.1:{port}; root {folder}/www;
    location ~ \\.gz$ {{ add_header Content-Encoding gzip; }}
  }}
}}
""")
    with running([binary, "-e", folder / "nginx-error.log", "-c", config], folder, port) as one:
        yield Served(one, port)


@contextlib.contextmanager
def library(file: Path, folder: Path) -> Iterator[Served]:
    """Run prometheus_client with the exposition in a file."""
    port = free_port()
    with running([sys.executable, HERE / "rival.py", str(port), file], folder, port) as one:
        yield Served(one, port)
