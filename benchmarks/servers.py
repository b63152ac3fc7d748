"""The exporter, and what people would use instead, each serving the same metrics."""

import contextlib
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.load import Client
from benchmarks.processes import Program, free_port, program, running

HERE = Path(__file__).parent
TOKEN = "sim-token-bogota"  # noqa: S105 - that of the simulator's first operation
CONTENT_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"


@dataclass(frozen=True)
class Served:
    """A running server of metrics."""

    program: Program
    port: int


@contextlib.contextmanager
def simulator(folder: Path, campaigns: int, operations: int = 1) -> Iterator[str]:
    """Run a simulator of wolkvox, and give its address."""
    command = [sys.executable, "-m", "exporter", "simulate", "--listen-address=127.0.0.1:0"]
    command += [f"--campaigns={campaigns}", f"--operations={operations}"]
    with running(command, folder) as one:
        address = re.compile(r"simulated wolkvox at (http://\S+)|(http://127\.0\.0\.1:\d+)")
        one.wait_for(lambda: address.search(one.log()), "the simulator")
        found = address.search(one.log())
        assert found is not None  # noqa: S101 - it was waited for
        yield found[1] or found[2]


@contextlib.contextmanager
def exporter(
    folder: Path,
    vendor: str,
    campaigns: int,
    *,
    interval: str = "1h",
) -> Iterator[Served]:
    """Run the exporter against a simulator, from when it has the figures of all campaigns."""
    api = {"interval": interval}
    config = folder / f"config-{free_port()}.yaml"
    operation = {
        "name": "ventas-bogota",
        "base_url": vendor,
        "token": TOKEN,
        "quota_reserve": 0,
        "campaigns": {"limit": campaigns},
        "apis": {"campaigns": api, "campaign_settings": api},
    }
    state = folder / f"state-{config.stem}.db"
    config.write_text(json.dumps({"operations": [operation], "state": {"url": f"sqlite://{state}"}}))
    port = free_port()
    command = [sys.executable, "-m", "exporter", "serve", f"--config.file={config}"]
    command += [f"--web.listen-address=127.0.0.1:{port}"]
    with running(command, folder, port) as one:
        least = campaigns * 15 * 100  # bytes that the lines of so many campaigns take at the least
        one.wait_for(lambda: Client(port, "/metrics").ask()[1] > least, "the figures of all campaigns")
        yield Served(one, port)


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
{"user root;" if Path("/root").exists() and _is_root() else ""}
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


def _is_root() -> bool:
    return Path("/proc/self/status").read_text().split("Uid:")[1].split()[0] == "0"


@contextlib.contextmanager
def library(file: Path, folder: Path) -> Iterator[Served]:
    """Run prometheus_client with the exposition in a file."""
    port = free_port()
    with running([sys.executable, HERE / "rival.py", str(port), file], folder, port) as one:
        yield Served(one, port)
