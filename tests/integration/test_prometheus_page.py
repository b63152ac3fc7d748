"""The scrape configurations of docs/prometheus.md, as they stand there, in a real Prometheus."""

import contextlib
import json
import re
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bcrypt
import pytest
import yaml

from exporter.toolkit.security import load_web_config
from support.certificates import Authority
from support.exporter import Exporter, exporter
from support.ports import free_port
from support.processes import running as running_program
from support.programs import program
from support.prometheus import Prometheus, prometheus
from support.waiting import until

pytestmark = pytest.mark.integration

DOCS = Path(__file__).resolve().parents[2] / "docs"
OPERATIONS = {"ventas-bogota", "cobranza-mexico"}
PASSWORD = "an invented password"
PROTECTION = {"client_auth_type": "RequireAndVerifyClientCert"}


def pieces(page: str, heading: str, language: str = "yaml") -> list[str]:
    """Return the YAML, or what is in another language, under a heading of a page."""
    section = (DOCS / page).read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return re.findall(rf"^```{language}\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)


HEADINGS = [
    "One target for everything",
    "One target for each operation",
    "Over TLS, with a password",
    "Over TLS, with a client certificate",
    "Service discovery over TLS",
    "Behind a proxy with TLS",
]


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The files that the page names."""
    folder = tmp_path_factory.mktemp("secrets")
    authority = Authority(folder)
    mine = authority.issue("prometheus")
    password = folder / "password"
    password.write_text(PASSWORD)
    return {
        "/etc/prometheus/wolkvox-ca.crt": authority.file,
        "/etc/prometheus/wolkvox-password": password,
        "/etc/prometheus/prometheus.crt": mine.cert,
        "/etc/prometheus/prometheus.key": mine.key,
    }


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, secrets: dict[str, Path]) -> Any:
    """Return how to run the demo, with as much protection as wanted."""
    folder = tmp_path_factory.mktemp("served")
    authority = Authority(folder, "of-the-server")
    secrets["/etc/prometheus/wolkvox-ca.crt"].write_bytes(
        authority.file.read_bytes() + secrets["/etc/prometheus/wolkvox-ca.crt"].read_bytes()
    )
    issued = authority.issue("server")

    @contextlib.contextmanager
    def run(*, tls: bool, users: bool, clients: bool) -> Iterator[Exporter]:
        section = {"cert_file": str(issued.cert), "key_file": str(issued.key)}
        if clients:
            section |= PROTECTION | {"client_ca_file": str(secrets["/etc/prometheus/wolkvox-ca.crt"])}
        hashed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(8)).decode()
        web = {
            "tls_server_config": section,
            **({"basic_auth_users": {"prometheus": hashed}} if users else {}),
        }
        file = folder / "web.yaml"
        file.write_text(json.dumps(web))
        flags = [f"--operations={len(OPERATIONS)}", *([f"--web.config.file={file}"] if tls else [])]
        with exporter("demo", folder, *flags, scheme="https" if tls else "http") as running:
            yield running

    return run


@contextlib.contextmanager
def scraping(heading: str, running: Exporter, secrets: dict[str, Path], folder: Path) -> Iterator[Prometheus]:
    (text,) = pieces("prometheus.md", heading)
    text = text.replace("exporter.example:10042", running.url.partition("://")[2])
    for named, file in secrets.items():
        text = text.replace(named, str(file))
    with prometheus(folder, *yaml.safe_load(text)["scrape_configs"]) as server:
        yield server


@pytest.mark.parametrize("heading", HEADINGS)
def test_promtool_reads_each_as_it_stands(heading: str, tmp_path: Path) -> None:
    (text,) = pieces("prometheus.md", heading)
    file = tmp_path / "prometheus.yml"
    file.write_text(text)
    command = [program("promtool"), "check", "config", "--syntax-only", str(file)]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert result.returncode == 0, result.stdout + result.stderr


def test_one_target_for_everything(served: Any, secrets: dict[str, Path], tmp_path: Path) -> None:
    with (
        served(tls=False, users=False, clients=False) as running,
        scraping(HEADINGS[0], running, secrets, tmp_path) as server,
    ):
        server.wait_for(f"count(count by (operation) (wolkvox_up)) == {len(OPERATIONS)}")
        assert server.value("count(wolkvox_exporter_build_info)") == 1


def test_one_target_for_each_operation(served: Any, secrets: dict[str, Path], tmp_path: Path) -> None:
    with (
        served(tls=False, users=False, clients=False) as running,
        scraping(HEADINGS[1], running, secrets, tmp_path) as server,
    ):
        server.wait_for(f'count(up{{job="wolkvox"}} == 1) == {len(OPERATIONS)}')
        # Each target has its own operation and no other, and nothing of the process.
        server.wait_for(f"count(count by (instance, operation) (wolkvox_up)) == {len(OPERATIONS)}")
        assert {(s.labels["instance"], s.labels["operation"]) for s in server.query("wolkvox_up")} == {
            (f"{running.url.removeprefix('http://')}/{name}", name) for name in OPERATIONS
        }
        server.wait_for('up{job="wolkvox-exporter"} == 1')
        server.wait_for("wolkvox_exporter_build_info")
        assert {s.labels["job"] for s in server.query("wolkvox_exporter_build_info")} == {"wolkvox-exporter"}
        assert {s.labels["job"] for s in server.query("process_open_fds")} == {"wolkvox-exporter"}
        assert not server.query('{job="wolkvox-exporter",__name__="wolkvox_up"}')
        assert {
            target["scrapeUrl"] for target in server.targets() if target["labels"]["job"] == "wolkvox"
        } == {f"{running.url}/probe?target={name}" for name in OPERATIONS}


@pytest.mark.parametrize(
    ("heading", "users", "clients", "targets"),
    [(HEADINGS[2], True, False, 1), (HEADINGS[3], False, True, 1), (HEADINGS[4], True, False, 2)],
)
def test_over_tls(  # noqa: PLR0913, PLR0917 - a row of a table and three fixtures
    served: Any,
    secrets: dict[str, Path],
    tmp_path: Path,
    heading: str,
    users: bool,
    clients: bool,
    targets: int,
) -> None:
    with (
        served(tls=True, users=users, clients=clients) as running,
        scraping(heading, running, secrets, tmp_path) as server,
    ):
        server.wait_for(f'count(up{{job="wolkvox"}} == 1) == {targets}')
        server.wait_for(f"count(count by (operation) (wolkvox_up)) == {len(OPERATIONS)}")
        assert {target["labels"]["job"] for target in server.targets()} == {"wolkvox"}
        assert all(target["scrapeUrl"].startswith("https://") for target in server.targets())


@contextlib.contextmanager
def proxied(running: Exporter, authority: Authority, folder: Path) -> Iterator[str]:
    """Run nginx with TLS and the location of the page; yields its address."""
    (location,) = pieces("prometheus.md", HEADINGS[5], "nginx")
    issued, port = authority.issue("proxy"), free_port()
    file = folder / "nginx.conf"
    file.write_text(
        f"""
daemon off;
pid {folder}/nginx.pid;
error_log stderr;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  scgi_temp_path {folder}/scgi;
  uwsgi_temp_path {folder}/uwsgi;
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {issued.cert};
    ssl_certificate_key {issued.key};
    {location.replace("http://127.0.0.1:10042", running.url)}
  }}
}}
"""
    )
    address = f"127.0.0.1:{port}"
    with running_program([program("nginx"), "-p", folder, "-c", file], folder) as nginx:

        def up() -> bool:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=10):
                return True
            return False

        until(up, 60, "the proxy", report=nginx.output)
        yield address


def test_behind_a_proxy_with_tls(served: Any, secrets: dict[str, Path], tmp_path: Path) -> None:
    authority = Authority(tmp_path, "of-the-proxy")
    named = {**secrets, "/etc/prometheus/wolkvox-ca.crt": authority.file}
    with (
        served(tls=False, users=False, clients=False) as running,
        proxied(running, authority, tmp_path) as address,
        scraping(HEADINGS[5], running, {**named, "proxy.example": Path(address)}, tmp_path) as server,
    ):
        server.wait_for(f'count(up{{job="wolkvox"}} == 1) == {len(OPERATIONS)}')
        server.wait_for(f"count(count by (operation) (wolkvox_up)) == {len(OPERATIONS)}")
        assert {target["scrapeUrl"] for target in server.targets()} == {
            f"https://{address}/wolkvox/probe?target={name}" for name in OPERATIONS
        }


def test_the_web_config_of_the_other_page_is_one(tmp_path: Path) -> None:
    (text,) = pieces("serving.md", "Certificates and passwords")
    authority = Authority(tmp_path, "clients")
    authority.issue("server")
    file = tmp_path / "web.yaml"
    file.write_text(text)
    # Prometheus' own reader of the format has the same opinion.
    command = [program("promtool"), "check", "web-config", str(file)]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert result.returncode == 0, result.stdout + result.stderr
    config = load_web_config(file)
    assert bcrypt.checkpw(PASSWORD.encode(), config.users["prometheus"])
    assert config.tls is not None
    assert config.headers
