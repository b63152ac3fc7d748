"""systemd runs the service and its socket, installed as docs/serving.md says, in a machine of its own."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.machine import CHECKOUT, Machine, machine
from support.processes import running
from support.waiting import until

pytestmark = pytest.mark.deployment

SERVICE = "wolkvox-exporter.service"
PYTHON = "/opt/wolkvox-exporter/bin/python"
PROGRAM = "/opt/wolkvox-exporter/bin/wolkvox-exporter"
CONFIG = "/etc/wolkvox-exporter/config.yaml"
RELOADED = "wolkvox_exporter_config_last_reload_successful"
# `simulate` prints the same operation and token each time.
GOOD = """
operations:
  - {name: ventas-bogota, base_url: http://127.0.0.1:10043, token_file: bogota.token, licences: 25}
"""
TOKEN = "sim-token-bogota\n"

SECTION = (CHECKOUT / "docs" / "serving.md").read_text().partition("\n## As a systemd service\n")[2]
INSTALL, COMMANDS, SOCKET = (
    re.findall(r"^\$ (.+)$", block, re.MULTILINE)
    for block in re.findall(r"```console\n(.*?)```", SECTION, re.DOTALL)
)
(DROP_IN,) = re.findall(r"```ini\n(.*?)```", SECTION, re.DOTALL)

GET = "import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1]).read().decode())"
SCRAPE = """
import pathlib, urllib.request
while not pathlib.Path("enough").exists():
    with urllib.request.urlopen("http://127.0.0.1:10042/metrics", timeout=60) as answer:
        answer.read()
        print(answer.status, flush=True)
"""


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A machine with the service, which has polled a simulated wolkvox."""
    with machine(tmp_path_factory.mktemp("machine")) as booted:
        booted.write("config.yaml", GOOD)
        booted.write("bogota.token", TOKEN)
        for command in INSTALL:
            if "systemctl" in command:
                booted.run("systemd-run", "--unit=vendor", PROGRAM, "simulate", "--operations=1")
            booted.run("sh", "-c", command, internet="pip" in command)
        yield booted


def get(host: Machine, path: str) -> str:
    return host.run(PYTHON, "-c", GET, f"http://127.0.0.1:10042{path}")


def restart(host: Machine) -> None:
    """Restart the service, however often that has been done lately."""
    host.run("systemctl", "reset-failed", SERVICE)
    host.run("systemctl", "restart", SERVICE)


def show(host: Machine, *properties: str) -> list[str]:
    """Return properties of the service."""
    return [
        host.run("systemctl", "show", "--value", f"--property={name}", SERVICE).strip() for name in properties
    ]


def polled(host: Machine) -> set[str]:
    """Return when each API was last answered, as the metrics say it."""
    return set(
        re.findall(r"^wolkvox_last_success_timestamp_seconds\{.+$", get(host, "/metrics"), re.MULTILINE)
    )


def value(host: Machine, family: str) -> float:
    """Return the value of a family of one series."""
    (found,) = re.findall(rf"^{family} (\S+)$", get(host, "/metrics"), re.MULTILINE)
    return float(found)


def journal(host: Machine, *options: str) -> str:
    return host.run("journalctl", "--no-pager", "--output=cat", f"--unit={SERVICE}", *options)


def test_it_is_active_once_it_answers(host: Machine) -> None:
    # Nothing has waited since `systemctl enable --now` came back.
    assert "wolkvox_exporter_build_info" in get(host, "/metrics")
    assert show(host, "ActiveState", "SubState", "StatusText") == ["active", "running", "serving"]
    assert "level=info msg=listening" in journal(host)
    assert host.run("sudo", "-u", "wolkvox-exporter", PROGRAM, "health") == "healthy\n"


def test_its_state_is_its_own(host: Machine) -> None:
    until(lambda: polled(host), 60, "an answer of the vendor", report=lambda: journal(host))
    folder = host.run("stat", "--format=%U %G %a", "/var/lib/wolkvox-exporter")
    assert folder == "wolkvox-exporter wolkvox-exporter 700\n"
    state = host.run("stat", "--format=%U %a", "/var/lib/wolkvox-exporter/state.db")
    assert state == "wolkvox-exporter 600\n"
    assert value(host, "wolkvox_exporter_state_up") == 1


def test_commands_use_its_state(host: Machine) -> None:
    (command,) = COMMANDS
    until(lambda: polled(host), 60, "an answer of the vendor", report=lambda: journal(host))
    assert "total_machine_recognitions" in host.run("sh", "-c", command)
    # root uses the same state, and leaves it to the service.
    as_service = "sudo -u wolkvox-exporter "
    host.run("sh", "-c", command.removeprefix(as_service))
    assert host.run("find", "/var/lib/wolkvox-exporter", "!", "-user", "wolkvox-exporter") == ""
    refused = host.try_to(
        "sh", "-c", command.replace(as_service, f"{as_service}env XDG_STATE_HOME=/tmp/another ")
    )
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "/var/lib/wolkvox-exporter/state.db instead of /tmp/another/" in refused.stderr
    assert f"as user wolkvox-exporter with --config.file={CONFIG}" in refused.stderr


@pytest.fixture
def web_config(host: Machine) -> Iterator[str]:
    """The service with a web config, as the documentation gives it one; its path."""
    folder = f"/etc/systemd/system/{SERVICE}.d"
    path = "/etc/wolkvox-exporter/web.yaml"
    host.run("mkdir", folder)
    host.write(f"{folder}/override.conf", DROP_IN)
    host.write(path, "{}")
    host.run("systemctl", "daemon-reload")
    restart(host)
    yield path
    host.run("rm", "--recursive", folder)
    host.run("systemctl", "daemon-reload")
    restart(host)


@pytest.mark.parametrize("kind", ["config", "web config"])
def test_a_reload_fails_where_a_file_is_wrong(host: Machine, web_config: str, kind: str) -> None:
    file, good, bad = (CONFIG, GOOD, "operations: []") if kind == "config" else (web_config, "{}", "{a: b}")
    (process,) = show(host, "MainPID")
    host.write(file, bad)
    assert host.try_to("systemctl", "reload", SERVICE).returncode != 0
    assert f"{file}: " in journal(host)
    assert f"{file}: " in journal(host, "--priority=err")
    until(lambda: value(host, RELOADED) == 0, 60, "the refusal")
    assert show(host, "ActiveState", "MainPID") == ["active", process]

    host.write(file, good)
    assert host.try_to("systemctl", "reload", SERVICE).returncode == 0
    until(lambda: value(host, RELOADED) == 1, 60, "the reload")
    assert show(host, "ActiveState", "MainPID", "StatusText") == ["active", process, "serving"]


def test_after_a_crash_the_figures_have_their_age(host: Machine) -> None:
    before = until(lambda: polled(host), 60, "an answer of the vendor", report=lambda: journal(host))
    host.run("systemctl", "kill", "--signal=KILL", SERVICE)

    def restarted() -> bool:
        restarts, state = show(host, "NRestarts", "ActiveState")
        return int(restarts) > 0 and state == "active"

    until(restarted, 60, "a restart", report=lambda: journal(host))
    assert polled(host) == before


def test_no_scrape_is_lost_while_the_socket_is_systemds(host: Machine, tmp_path: Path) -> None:
    for command in SOCKET:
        host.run("sh", "-c", command)
    with running(host.command(PYTHON, "-c", SCRAPE), tmp_path) as scraper:

        def scrapes() -> int:
            assert scraper.alive, scraper.output()  # one that fails ends it
            return scraper.stdout.read_text().count("200")

        for _ in range(2):
            before = scrapes()
            until(lambda before=before: scrapes() > before, 60, "a scrape")  # type: ignore[misc]
            restart(host)
        before = scrapes()
        until(lambda: scrapes() > before, 60, "a scrape after the last restart")
        host.write("enough", "")
        assert scraper.wait() == 0


def test_it_ends_in_good_order(host: Machine) -> None:
    host.run("systemctl", "stop", "wolkvox-exporter.socket", SERVICE)
    assert show(host, "ActiveState", "Result", "ExecMainStatus") == ["inactive", "success", "0"]
