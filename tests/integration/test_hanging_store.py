"""A state store that neither answers nor refuses, whatever hangs: nobody waits for more than seconds."""

import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.exporter import COMMAND
from support.processes import running
from support.sharing import SharedFloor, value
from support.waiting import until

pytestmark = pytest.mark.integration

UP = "wolkvox_exporter_state_up"
LIMIT, SLACK = 5.0, 15.0
"""Seconds that a call into the store may take, and what a busy machine adds to a start or an end."""

HANGING_RESOLVER = """
import socket, sys, time
real = socket.getaddrinfo
def getaddrinfo(host, *arguments, **more):
    if host == "hangs.invalid":
        print("resolving", file=sys.stderr, flush=True)
        time.sleep(600)
    return real(host, *arguments, **more)
socket.getaddrinfo = getaddrinfo
"""


@pytest.fixture
def resolver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the resolver of the processes that are started hang for one name."""
    folder = tmp_path / "python"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(HANGING_RESOLVER)
    path = os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH")]))
    monkeypatch.setenv("PYTHONPATH", path)


@pytest.fixture
def silent() -> Iterator[int]:
    """Yield the port of a server that accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as server:
        yield server.getsockname()[1]


def urls(silent: int) -> list[str]:
    return [
        "redis://hangs.invalid:6379/0",
        f"redis://127.0.0.1:{silent}/0",
        f"rediss://127.0.0.1:{silent}/0",
    ]


def configured(folder: Path) -> Path:
    file = folder / "config.yaml"
    operation = {"name": "ventas", "base_url": "http://127.0.0.1:9", "token": "fake-token"}
    file.write_text(json.dumps({"state": {"url": "redis://hangs.invalid:6379/0"}, "operations": [operation]}))
    return file


def checked(begun: float, what: str) -> None:
    assert time.monotonic() - begun < LIMIT + SLACK, what


@pytest.mark.usefixtures("resolver")
@pytest.mark.parametrize("number", range(3), ids=["resolver", "silent", "handshake"])
def test_it_listens_polls_and_ends(tmp_path: Path, silent: int, number: int) -> None:
    begun = time.monotonic()
    with (
        SharedFloor(tmp_path, urls(silent)[number], campaigns="1h", campaign_settings="1s") as floor,
        floor.exporter() as exporter,
    ):
        checked(begun, "the start")
        assert value(exporter, UP) == 0
        until(lambda: value(exporter, "wolkvox_up", 'api="campaigns"'), 60, "a poll")
        before = floor.calls("campaign_settings")
        until(lambda: floor.calls("campaign_settings") > before + 3, 60, "more polls")
        assert exporter.process.stderr.read_text().count("state store unavailable") == 1
        begun = time.monotonic()
        assert exporter.process.stop() == 0
        checked(begun, "the end")


@pytest.mark.usefixtures("resolver")
@pytest.mark.parametrize("with_signal", [signal.SIGTERM, signal.SIGINT])
def test_it_may_be_ended_while_it_starts(tmp_path: Path, with_signal: signal.Signals) -> None:
    file = configured(tmp_path)
    with running(
        [*COMMAND, "serve", "--web.listen-address=127.0.0.1:0", f"--config.file={file}"], tmp_path
    ) as it:
        until(lambda: "resolving" in it.stderr.read_text(), 60, "the wait for the store")
        begun = time.monotonic()
        it.process.send_signal(with_signal)
        it.wait(LIMIT + SLACK)
        checked(begun, "the end")


@pytest.mark.usefixtures("resolver")
def test_a_command_says_so_and_ends(tmp_path: Path) -> None:
    command = [*COMMAND, "machine-codes", f"--config.file={configured(tmp_path)}", "--campaign=all"]
    begun = time.monotonic()
    with running(command, tmp_path) as it:
        assert it.wait(LIMIT + SLACK) == 1
        checked(begun, "the end")
        assert "the state store is unavailable" in it.stderr.read_text()
