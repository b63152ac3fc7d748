"""The program itself, started as a user starts it."""

import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from support.processes import Running, running
from support.waiting import until

COMMAND = (sys.executable, "-m", "exporter")
LOGGING_SIMULATOR = (sys.executable, "-m", "support.simulator")
"""Runs `simulate` with more faults and a log of requests."""
STARTS_WITHIN = 60.0

_ANYWHERE = "--web.listen-address=127.0.0.1:0"
_LISTENING = re.compile(r"(?:listening address=|metrics +https?://)(127\.0\.0\.1:[0-9]+)")
_SIMULATOR = re.compile(r"simulated wolkvox(?: at|) +(http://\S+)")


@dataclass(frozen=True)
class Exporter:
    """A running exporter or simulator and its base address, such as http://127.0.0.1:40123."""

    url: str
    process: Running

    def get(self, path: str = "/metrics", headers: Mapping[str, str] | None = None) -> requests.Response:
        """Ask for a page, past any proxy of the environment."""
        with requests.Session() as session:
            session.trust_env = False
            return session.get(f"{self.url}{path}", headers=headers, timeout=30, allow_redirects=False)

    def metrics(self, family: str = "") -> str:
        """Return the exposition, or that of one family; the test fails unless the answer is a 200."""
        answer = self.get(f"/metrics?name[]={family}" if family else "/metrics")
        assert answer.status_code == requests.codes.ok, f"{answer.status_code}\n{self.process.output()}"
        return answer.text

    @property
    def simulator(self) -> str:
        """The base address of the simulator that `demo` and `simulate` print."""
        return _found(_SIMULATOR, self.process.stdout.read_text())


@contextlib.contextmanager
def exporter(
    command: str,
    folder: Path,
    *flags: str,
    env: Mapping[str, str] | None = None,
    scheme: str = "http",
    program: Sequence[str] = COMMAND,
) -> Iterator[Exporter]:
    """Run `serve`, `demo` or `simulate` on a free port while the block runs; yields once it listens.

    The flags must not name an address; the log level must be info for `serve`, which then tells its port. The
    state is kept in the folder unless the configuration names another place.
    """
    own = {"XDG_STATE_HOME": os.fspath(folder.resolve() / "state")}
    if program is LOGGING_SIMULATOR:
        own["PYTHONPATH"] = os.fspath(Path(__file__).resolve().parents[1])
    env = {**own, **(env or {})}
    where = "--listen-address=127.0.0.1:0" if command == "simulate" else _ANYWHERE
    with running([*program, command, where, *flags], folder, env=env) as process:

        def address() -> str:
            text = process.stdout.read_text() + process.stderr.read_text()
            found = (_SIMULATOR if command == "simulate" else _LISTENING).search(text)
            if found is None and not process.alive:
                pytest.fail(f"it ended: {process.output()}")
            return found[1] if found else ""

        listening = until(address, STARTS_WITHIN, f"the start of {command}", report=process.output)
        yield Exporter(listening if "//" in listening else f"{scheme}://{listening}", process)


def run(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command of the exporter to its end."""
    return subprocess.run(
        [*COMMAND, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=cwd,
    )


def _found(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    assert match, f"nothing like {pattern.pattern} in\n{text}"
    return match[1]
