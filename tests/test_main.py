"""The process' standard streams, as callers leave them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

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


def test_a_reader_that_has_seen_enough_is_told_from_a_failure() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "exporter", "metrics"],
            stdout=writing,
            stderr=subprocess.PIPE,
            check=False,
            timeout=60,
        )
    finally:
        os.close(writing)
    assert (ended.returncode, ended.stderr) == (141, b"")


@pytest.mark.parametrize("command", [["metrics"], ["check-config", "--config.file"]])
def test_a_full_disk_is_told_in_one_line(command: list[str], tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text('operations: [{server: "0042", token: invented-token}]')
    arguments = [*command, config] if command[-1] == "--config.file" else command
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "exporter", *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            timeout=60,
        )
    told = ended.stderr.decode().splitlines()
    assert (ended.returncode, len(told)) == (1, 1)
    assert "No space left on device" in told[0]
