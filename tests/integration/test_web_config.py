"""Certificates and passwords: the running exporter, its health check, and a real Prometheus."""

import json
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bcrypt
import pytest
import requests

from support.certificates import Authority, Issued
from support.exporter import Exporter, exporter, run
from support.ports import free_port
from support.prometheus import prometheus, scrape
from support.waiting import until

pytestmark = pytest.mark.integration

USER, PASSWORD = "prometheus", "an invented password"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def client(authority: Authority) -> Issued:
    return authority.issue("client")


@pytest.fixture
def web_config(tmp_path: Path, authority: Authority) -> Callable[..., Path]:
    server = authority.issue("server")
    hashed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(10)).decode()

    def write(*, users: bool = False, clients: bool = False) -> Path:
        tls = {"cert_file": str(server.cert), "key_file": str(server.key)}
        if clients:
            tls |= {"client_ca_file": str(authority.file), "client_auth_type": "RequireAndVerifyClientCert"}
        file = tmp_path / "web.yaml"
        passwords = {"basic_auth_users": {USER: hashed}} if users else {}
        file.write_text(json.dumps({"tls_server_config": tls, **passwords}))
        return file

    return write


def demo(folder: Path, file: Path) -> Any:
    flags = ("--operations=1", "--campaigns=4", f"--web.config.file={file}")
    return exporter("demo", folder, *flags, scheme="https")


def ask(running: Exporter, authority: Authority, path: str = "/metrics", **more: Any) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        return session.get(f"{running.url}{path}", verify=str(authority.file), timeout=30, **more)


def test_prometheus_scrapes_over_tls_with_a_password(
    web_config: Callable[..., Path], authority: Authority, tmp_path: Path
) -> None:
    with demo(tmp_path, web_config(users=True)) as running:
        assert ask(running, authority).status_code == requests.codes.unauthorized
        jobs = [
            scrape(
                job,
                f"{running.url}/metrics",
                tls_config={"ca_file": str(authority.file)},
                basic_auth={"username": USER, "password": password},
            )
            for job, password in (("good", PASSWORD), ("wrong", "a wrong password"))
        ]
        with prometheus(tmp_path / "prometheus", *jobs) as server:
            server.wait_for('up{job="good"} == 1 and on () count(wolkvox_up{job="good"}) > 0')
            server.wait_for('up{job="wrong"} == 0')
            errors = {target["labels"]["job"]: target["lastError"] for target in server.targets()}
            assert "401" in errors["wrong"]
            assert not server.query('{job="wrong",__name__=~"wolkvox.*"}')


def test_prometheus_scrapes_with_a_client_certificate(
    web_config: Callable[..., Path], authority: Authority, client: Issued, tmp_path: Path
) -> None:
    with demo(tmp_path, web_config(clients=True)) as running:
        mine = {"cert_file": str(client.cert), "key_file": str(client.key)}
        jobs = [
            scrape(job, f"{running.url}/metrics", tls_config={"ca_file": str(authority.file), **certificate})
            for job, certificate in (("good", mine), ("without", {}))
        ]
        with prometheus(tmp_path / "prometheus", *jobs) as server:
            server.wait_for('up{job="good"} == 1')
            server.wait_for('up{job="without"} == 0')


@pytest.mark.parametrize("protection", [{}, {"users": True}, {"users": True, "clients": True}], ids=str)
def test_health_needs_neither_certificate_nor_password(
    web_config: Callable[..., Path], tmp_path: Path, protection: dict[str, bool]
) -> None:
    with demo(tmp_path, web_config(**protection)) as running:
        port = running.url.rpartition(":")[2]
        result = run("health", f"--web.listen-address=:{port}")
        assert (result.returncode, result.stdout) == (0, "healthy\n"), result.stderr
        # A process that hangs does not look healthy.
        running.process.process.send_signal(signal.SIGSTOP)
        result = run("health", f"--web.listen-address=:{port}", "--timeout=1")
        assert (result.returncode, result.stdout) == (1, "")
        running.process.process.send_signal(signal.SIGCONT)
        assert running.process.stop() == 0
        assert run("health", f"--web.listen-address=:{port}").returncode == 1


def test_the_way_in_for_health_leads_nowhere_else(web_config: Callable[..., Path], tmp_path: Path) -> None:
    with demo(tmp_path, web_config(users=True)) as running:
        port = running.url.rpartition(":")[2]
        for path, status in (
            ("/-/healthy", b"200"),
            ("/metrics", b"404"),
            ("/", b"404"),
            ("/-/reload", b"404"),
        ):
            with socket.socket(socket.AF_UNIX) as local:
                local.settimeout(30)
                local.connect(f"\0wolkvox-exporter/{port}")
                local.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
                assert local.recv(1000).startswith(b"HTTP/1.1 " + status)


def test_health_asks_over_http_where_there_is_no_other_way(tmp_path: Path) -> None:
    nobody = f"--web.listen-address=127.0.0.1:{free_port()}"
    assert "does not answer" in run("health", nobody).stderr
    with demo_without_protection(tmp_path) as running:
        address = running.url.removeprefix("http://").replace("127.0.0.1", "127.0.0.2")
        assert "does not answer" in run("health", f"--web.listen-address={address}").stderr


def demo_without_protection(folder: Path) -> Any:
    return exporter("demo", folder, "--operations=1", "--campaigns=4")


def test_a_user_who_is_removed_stays_out_and_a_new_one_gets_in(
    web_config: Callable[..., Path], authority: Authority, tmp_path: Path
) -> None:
    file = web_config(users=True)
    with demo(tmp_path, file) as running:
        assert ask(running, authority, auth=(USER, PASSWORD)).status_code == requests.codes.ok
        file.write_text(file.read_text().replace(USER, "grafana"))
        until(
            lambda: ask(running, authority, auth=("grafana", PASSWORD)).status_code == requests.codes.ok,
            60,
            "the new user",
        )
        assert ask(running, authority, auth=(USER, PASSWORD)).status_code == requests.codes.unauthorized


def test_a_reload_takes_the_web_config_too_or_says_why_not(
    web_config: Callable[..., Path], authority: Authority, tmp_path: Path
) -> None:
    config = tmp_path / "config.yaml"
    config.write_text('operations: [{server: "0042", token: invented-token}]')
    file = web_config(users=True)
    flags = (f"--config.file={config}", f"--web.config.file={file}", "--web.enable-lifecycle")
    with exporter("serve", tmp_path, *flags, scheme="https") as running, requests.Session() as session:
        session.trust_env = False
        session.verify = str(authority.file)

        def post(**more: Any) -> requests.Response:
            return session.post(f"{running.url}/-/reload", timeout=60, **more)

        assert post().status_code == requests.codes.unauthorized
        assert post(auth=(USER, PASSWORD)).status_code == requests.codes.ok
        good = file.read_text()
        file.write_text(good.replace("cert_file", "certfile"))
        config.write_text("operations: []")
        answer = post(auth=(USER, PASSWORD))
        assert answer.status_code == requests.codes.internal_server_error
        assert f"{config}: operations" in answer.text
        assert f"{file}: tls_server_config.certfile: unknown key (did you mean cert_file?)" in answer.text


def test_a_bad_web_config_ends_the_start_with_all_problems(tmp_path: Path) -> None:
    config, web = tmp_path / "config.yaml", tmp_path / "web.yaml"
    config.write_text("operations: [{}]")
    web.write_text(
        "tls_server_config: {cert_file: none.crt, key_file: none.key}\nbasic_auth_users: {a: hunter2}\n"
    )
    for command in ("serve", "check-config"):
        result = run(command, f"--config.file={config}", f"--web.config.file={web}")
        assert result.returncode == 1
        lines = result.stderr.splitlines()
        assert any(line.startswith(f"{config}: operations[0]") for line in lines)
        assert (
            f"{web}: tls_server_config.cert_file: {tmp_path}/none.crt cannot be read: No such file"
            in result.stderr
        )
        assert f"{web}: basic_auth_users.a: a bcrypt hash is expected" in result.stderr
        assert "hunter2" not in result.stderr
    result = run("demo", f"--web.config.file={web}")
    assert result.returncode == 1
    assert "basic_auth_users.a" in result.stderr


def test_check_config_is_content_with_both(web_config: Callable[..., Path], tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text('operations: [{server: "0042", token: invented-token, licences: 5}]')
    file = web_config(users=True)
    result = run("check-config", f"--config.file={config}", f"--web.config.file={file}")
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[:2] == [f"{config}: valid", f"{file}: valid"]
