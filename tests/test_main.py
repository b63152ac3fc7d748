"""The process' standard streams, as callers leave them, and signals before a command handles them."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from support.programs import apart

RUN = """
import os, sys
from exporter.__main__ import main
code = main(["metrics"])
sys.exit(code or os.open(os.devnull, os.O_RDONLY))
"""


def test_closed_streams_are_nowhere_and_no_file_gets_their_numbers() -> None:
    closed = subprocess.run(
        ["/bin/sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", sys.executable, "-c", RUN], check=False, timeout=60
    )
    assert closed.returncode > 2


GOOD = 'operations: [{server: "0042", token: invented-token}]'
BUFFERED = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
"""What is printed waits in memory, as on a user's machine, until there is much of it or the process ends."""


@pytest.fixture
def command(request: pytest.FixtureRequest, tmp_path: Path) -> list[str]:
    """Return a command; a config file for it holds the text after the equals sign."""
    *words, config = request.param.split(" ")
    if not config.startswith("--config.file="):
        return [*words, config]
    file = tmp_path / "config.yaml"
    file.write_text(GOOD if config.endswith("=good") else "operations: []")
    return [*words, f"--config.file={file}"]


def ended(command: list[str], **streams: Any) -> "subprocess.CompletedProcess[bytes]":
    """Return how the program ended; the streams that are not given are kept."""
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
    command = [sys.executable, "-m", "exporter", *command]
    return subprocess.run(command, env=BUFFERED, check=False, timeout=60, **streams)


@pytest.fixture
def deserted() -> Iterator[int]:
    """Return the end of a pipe that nobody reads."""
    reading, writing = os.pipe()
    os.close(reading)
    yield writing
    os.close(writing)


PRINTING = ["metrics", "check-config --config.file=good", "--version", "serve --help"]


@pytest.mark.parametrize("command", PRINTING, indirect=True)
def test_a_reader_that_has_seen_enough_is_told_from_a_failure(command: list[str], deserted: int) -> None:
    result = ended(command, stdout=deserted)
    assert (result.returncode, result.stderr) == (141, b"")


@pytest.mark.parametrize("command", PRINTING, indirect=True)
def test_a_full_disk_is_told_in_one_line(command: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        result = ended(command, stdout=full)
    told = result.stderr.decode().splitlines()
    assert (result.returncode, len(told)) == (1, 1)
    assert "No space left on device" in told[0]


@pytest.mark.parametrize(
    "command", ["metrics", "check-config --config.file=bad", "serve --unknown"], indirect=True
)
def test_where_errors_cannot_be_written_either_the_status_tells(command: list[str], deserted: int) -> None:
    assert ended(command, stdout=deserted, stderr=deserted).returncode == 141
    with Path("/dev/full").open("wb") as full:
        assert ended(command, stdout=full, stderr=full).returncode == 1


@pytest.mark.parametrize(
    ("command", "code"),
    [("check-config --config.file=bad", 1), ("serve --unknown", 2)],
    indirect=["command"],
)
def test_what_has_nothing_to_print_needs_no_reader(command: list[str], code: int, deserted: int) -> None:
    result = ended(command, stdout=deserted)
    assert result.returncode == code
    assert result.stderr


SIGNALLED = """
import os, sys
module, number = sys.argv.pop(1), int(sys.argv.pop(1))
def import_begins(event, about):
    if event == "import" and about[0] == module:
        os.kill(os.getpid(), number)
sys.addaudithook(import_begins)
from exporter.__main__ import main
sys.exit(main())
"""
NO_FILE = "--config.file=/nonexistent/config.yaml"
"""What `serve` would go on to, and end with 1."""

IMPORTS = (
    "argparse",
    "exporter.commands.support.command_line",
    "requests",
    "asyncio",
    "exporter.service",
    "exporter.toolkit.daemon",
)


def signalled(
    module: str, number: signal.Signals, *arguments: str, around: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    """Run the program, which gets a signal when it begins to import a module."""
    return subprocess.run(
        [*around, sys.executable, "-c", SIGNALLED, module, str(int(number)), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("module", IMPORTS)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_ends_in_good_order_while_it_still_starts(module: str, number: signal.Signals) -> None:
    ended = signalled(module, number, NO_FILE)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("command", [["serve", NO_FILE], ["demo"], ["simulate"]])
def test_as_process_1_servers_end_while_they_still_start(number: signal.Signals, command: list[str]) -> None:
    # To which a signal without a handler is nothing.
    ended = signalled("requests", number, *command, around=apart("--pid"))
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


@pytest.mark.parametrize("module", IMPORTS)
def test_a_reload_that_is_asked_for_too_early_ends_nothing(module: str) -> None:
    ended = signalled(module, signal.SIGHUP, "serve", NO_FILE)
    assert ended.returncode == 1
    assert "/nonexistent/config.yaml: cannot be read" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_command_that_is_ended_early_has_not_done_its_work() -> None:
    ended = signalled("requests", signal.SIGTERM, "metrics")
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
@pytest.mark.parametrize("module", ["argparse", "msgspec", "requests"])
def test_as_process_1_commands_end_as_by_ctrl_c(number: signal.Signals, module: str) -> None:
    ended = signalled(module, number, "once", NO_FILE, around=apart("--pid"))
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "")
