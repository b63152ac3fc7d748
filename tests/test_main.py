"""The process' standard streams, as callers leave them."""

import os
import subprocess
import sys

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
