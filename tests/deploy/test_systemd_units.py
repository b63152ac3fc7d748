"""The units are good ones to systemd, and start what there is."""

import configparser
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from exporter.commands.support.command_line import DEFAULT_LISTEN_ADDRESS, parse
from exporter.config.state import SERVICE_FOLDER
from exporter.toolkit.address import parse_address
from exporter.toolkit.connection import ClientLimits
from exporter.toolkit.server import RESERVED_DESCRIPTORS
from support.programs import program

FOLDER = Path(__file__).resolve().parents[2] / "deploy" / "systemd"
PLACE = "/opt/wolkvox-exporter/bin/wolkvox-exporter"
MOST_EXPOSED = 15
"""Of 100, as `systemd-analyze security` reckons; a service without any protection has 96."""


class Unit(configparser.RawConfigParser):
    def optionxform(self, optionstr: str) -> str:
        return optionstr


def unit(name: str) -> Unit:
    # A key may stand several times; the last one is as good as any here.
    found = Unit(strict=False, delimiters=("=",))
    found.read(FOLDER / name)
    return found


def test_the_service_starts_what_the_program_understands() -> None:
    service = unit("wolkvox-exporter.service")["Service"]
    (files,) = re.findall(
        '^Environment="FILES=(.+)"$', (FOLDER / "wolkvox-exporter.service").read_text(), re.MULTILINE
    )
    place, *arguments = shlex.split(service["ExecStart"].replace("$FILES", files))
    assert place == PLACE
    assert parse(arguments).command == "serve"
    assert unit("wolkvox-exporter.service")["Service"]["Type"] == "notify"


def test_it_may_open_as_many_files_as_it_takes_connections() -> None:
    limit = int(unit("wolkvox-exporter.service")["Service"]["LimitNOFILE"])
    assert limit >= ClientLimits().connections + RESERVED_DESCRIPTORS


def test_the_socket_is_the_default_address() -> None:
    port = unit("wolkvox-exporter.socket")["Socket"]["ListenStream"]
    assert int(port) == parse_address(DEFAULT_LISTEN_ADDRESS).port


def test_the_state_is_where_the_service_may_write() -> None:
    service = unit("wolkvox-exporter.service")["Service"]
    assert Path("/var/lib", service["StateDirectory"]) == SERVICE_FOLDER


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The units, with a program that is there, and no user that is not."""
    for source in FOLDER.glob("wolkvox-exporter.*"):
        text = source.read_text().replace(PLACE, sys.executable)
        (tmp_path / source.name).write_text(text)
    return tmp_path


def analyze(*words: str | Path) -> str:
    result = subprocess.run(
        [program("systemd-analyze"), *words], capture_output=True, text=True, check=False, timeout=120
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout + result.stderr


@pytest.mark.integration
def test_systemd_finds_nothing_wrong(installed: Path) -> None:
    units = sorted(installed.iterdir())
    assert len(units) == 2
    assert analyze("verify", "--man=no", *units) == ""


@pytest.mark.integration
def test_little_is_left_that_the_service_may_do(installed: Path) -> None:
    service = installed / "wolkvox-exporter.service"
    analyze("security", "--offline=true", f"--threshold={MOST_EXPOSED}", "--no-pager", service)
