"""Child processes that never outlive their test."""

import contextlib
import os
import re
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Running:
    """A child process, the leader of its own process group."""

    process: subprocess.Popen[bytes]
    stdout: Path
    stderr: Path

    @property
    def pid(self) -> int:
        """Return the process id, which is also the id of the group."""
        return self.process.pid

    @property
    def alive(self) -> bool:
        """Tell whether the process still runs."""
        return self.process.poll() is None

    def resident_bytes(self) -> int:
        """Return the memory that the process occupies."""
        (line,) = re.findall(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{self.pid}/status").read_text())
        return int(line) * 1024

    def output(self) -> str:
        """Return what the process has written so far and how it stands, for the message of a failed test."""
        status = self.process.poll()
        state = "still running" if status is None else f"ended with status {status}"
        return "\n".join(
            [
                f"{self.process.args!r} ({state})",
                "--- stdout",
                self.stdout.read_text(errors="replace"),
                "--- stderr",
                self.stderr.read_text(errors="replace"),
            ]
        )

    def wait(self, timeout: float = 30) -> int:
        """Wait for the end of the process and return its status (negative: the signal that ended it)."""
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            pytest.fail(f"did not end within {timeout:g} s: {self.output()}")

    def stop(self, with_signal: signal.Signals = signal.SIGTERM, timeout: float = 30) -> int:
        """Send a signal to the process alone, not to its group, and return its exit status."""
        self.process.send_signal(with_signal)
        return self.wait(timeout)


@contextlib.contextmanager
def running(
    command: Sequence[str | Path],
    folder: Path,
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Iterator[Running]:
    """Run a command while the block runs, then kill it and all that it started.

    Its output goes to files in `folder` rather than to pipes, which would block a child once they are full.
    `env` is added to the environment of the tests.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # Two commands of one test may share a folder.
    number = len(list(folder.glob("*.stderr")))
    stem = f"{Path(command[0]).name}-{number}"
    stdout, stderr = folder / f"{stem}.stdout", folder / f"{stem}.stderr"
    with stdout.open("wb") as out, stderr.open("wb") as err:
        process = subprocess.Popen(
            [os.fspath(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            env={**os.environ, **(env or {})},
            cwd=cwd,
            start_new_session=True,
        )
    try:
        yield Running(process, stdout, stderr)
    finally:
        # The group outlives its leader while children of it run; when none do, it is gone.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
