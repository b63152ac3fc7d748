"""Programs under measurement: started on ports of their own, their CPU and memory read from proc(5)."""

import contextlib
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

WITHIN = 300.0
"""Seconds for a start: 500 operations with schedules take half a minute of CPU."""

_TICKS = os.sysconf("SC_CLK_TCK")
_STAT = re.compile(r"\) (.*)")


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def program(name: str) -> str | None:
    """Return the path of an installed program, None without it."""
    return shutil.which(
        name, path=os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])
    )


class Program:
    """A running process with its children."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self._process = process
        self._log = log

    def _pids(self) -> list[int]:
        own = self._process.pid
        found = [own]
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError):
                    if int(_STAT.search((entry / "stat").read_text())[1].split()[1]) == own:  # type: ignore[index]
                        found.append(int(entry.name))
        return found

    def cpu(self) -> float:
        """Return the CPU seconds of all its threads so far, ended ones too."""
        ticks = 0
        for pid in self._pids():
            fields = _STAT.search(Path(f"/proc/{pid}/stat").read_text())[1].split()  # type: ignore[index]
            ticks += int(fields[11]) + int(fields[12])
        return ticks / _TICKS

    def megabytes(self, key: str = "VmRSS") -> float:
        """Return its resident memory in MB of 10^6 bytes, or with VmHWM the most it ever was."""
        sizes = [
            re.search(rf"{key}:\s+(\d+)", Path(f"/proc/{pid}/status").read_text()) for pid in self._pids()
        ]
        return sum(int(size[1]) * 1024 / 1e6 for size in sizes if size)

    def threads(self) -> int:
        """Return how many threads there are."""
        return len(list(Path(f"/proc/{self._process.pid}/task").iterdir()))

    def descriptors(self) -> int:
        """Return how many files and sockets are open."""
        return len(list(Path(f"/proc/{self._process.pid}/fd").iterdir()))

    def log(self) -> str:
        """Return what it has written."""
        return self._log.read_text(errors="replace")

    def wait_for(self, found: Callable[[], object], what: str) -> None:
        """Wait until something is so."""
        end = time.monotonic() + WITHIN
        while True:
            with contextlib.suppress(OSError):
                if found():
                    return
            if self._process.poll() is not None or time.monotonic() > end:
                raise SystemExit(f"{self._process.args!r}: waited in vain for {what}\n{self.log()[-3000:]}")
            time.sleep(0.2)


@contextlib.contextmanager
def running(
    command: Sequence[str | Path], folder: Path, port: int | None = None, **env: str
) -> Iterator[Program]:
    """Run a program while the block runs, from when it listens on its port."""
    log = folder / f"{Path(command[0]).name}-{time.monotonic_ns()}.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [os.fspath(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            env={**os.environ, **env},
            start_new_session=True,
        )
    one = Program(process, log)
    try:
        if port is not None:
            one.wait_for(lambda: socket.create_connection(("127.0.0.1", port), 1).close() is None, "its port")
        yield one
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def child(
    arguments: Sequence[str | Path], python: str = sys.executable, env: Mapping[str, str] | None = None
) -> str:
    """Run a Python child to its end and return what it has printed."""
    done = subprocess.run(
        [python, *map(os.fspath, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **(env or {})},
    )
    if done.returncode:
        raise SystemExit(f"{arguments}: {done.stderr[-3000:]}")
    return done.stdout


def peak_megabytes() -> float:
    """Return the most memory that this process was ever resident with, in MB of 10^6 bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
