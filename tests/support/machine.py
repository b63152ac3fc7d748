"""A Debian that systemd has booted beside this system, with a network of its own."""

import contextlib
import fcntl
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.debian import debian_root
from support.processes import Running, running
from support.programs import program
from support.waiting import until

CHECKOUT = Path(__file__).resolve().parents[2]
SOURCE = "/usr/src/wolkvox-exporter"
"""Where the checkout is in the machine. What is written there is gone with the machine."""

_BOOTS_WITHIN = 120.0
_RUNS_WITHIN = 240.0
# pip of the machine reaches packages as pip does here.
_CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
_REACHES_PACKAGES = re.compile(r"PIP_\w+|\w+_proxy|SSL_CERT_FILE|REQUESTS_CA_BUNDLE", re.IGNORECASE)


class Machine:
    """A system that is up. `leader` is its first process, as this system counts."""

    def __init__(self, leader: int, process: Running) -> None:
        self._leader = leader
        self._process = process

    def command(self, *words: str, internet: bool = False) -> list[str]:
        """Return what runs a command as root in the machine, in SOURCE.

        With `internet` it has this system's network instead of the machine's.
        """
        namespaces = ["--mount", "--uts", "--ipc", "--pid", *([] if internet else ["--net"])]
        enter = [program("nsenter"), f"--target={self._leader}", *namespaces]
        return [*enter, "sh", "-c", f'cd {SOURCE} && exec "$@"', "sh", *words]

    def try_to(
        self, *words: str, text: str | None = None, internet: bool = False
    ) -> subprocess.CompletedProcess[str]:
        """Run a command as root in the machine to its end, with `text` on its standard input."""
        return subprocess.run(
            self.command(*words, internet=internet),
            input=text or "",
            capture_output=True,
            text=True,
            check=False,
            timeout=_RUNS_WITHIN,
            env=_environment(),
        )

    def run(self, *words: str, text: str | None = None, internet: bool = False) -> str:
        """Do the same and return its output; the test fails unless the command succeeds."""
        result = self.try_to(*words, text=text, internet=internet)
        if result.returncode != 0:
            journal = self.try_to("journalctl", "--no-pager", "--output=cat", "--lines=50").stdout
            pytest.fail(f"{words}: {result.stdout}{result.stderr}--- journal\n{journal}")
        return result.stdout

    def write(self, file: str, text: str) -> None:
        """Write a file, which keeps its owner and mode if it is there."""
        self.run("tee", file, text=text)

    def running(self) -> bool:
        """Tell whether it has booted."""
        if not self._process.alive:
            pytest.fail(f"the machine ended: {self._process.output()}")
        return self.try_to("systemctl", "is-system-running").stdout.strip() == "running"


def _environment() -> dict[str, str]:
    """Return the environment of commands: none of this system's, but for the way to packages."""
    own = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root"}
    return own | {name: value for name, value in os.environ.items() if _REACHES_PACKAGES.fullmatch(name)}


@contextlib.contextmanager
def machine(folder: Path) -> Iterator[Machine]:
    """Boot a machine from the shared Debian root, yield it once it is up, and end it.

    Its network is a loopback device. What it writes is kept in memory and lost.
    """
    root = debian_root()
    command = [
        program("systemd-nspawn"),
        "--boot",
        "--quiet",
        f"--directory={root}",
        "--volatile=overlay",
        f"--overlay={CHECKOUT}::{SOURCE}",
        *([f"--bind-ro={_CERTIFICATES}"] if Path(_CERTIFICATES).exists() else []),
        "--resolv-conf=copy-host",
        "--private-network",
        f"--machine=wolkvox-{os.getpid()}",
        # Where no systemd runs, nobody could be told of it.
        "--register=no",
        "--keep-unit",
    ]
    with _alone(), running(command, folder) as process:
        leader = until(lambda: _leader(process.pid), _BOOTS_WITHIN, "its systemd", report=process.output)
        found = Machine(leader, process)
        until(found.running, _BOOTS_WITHIN, "the end of the boot", report=process.output)
        keep = 'Defaults env_keep += "PIP_* *_proxy *_PROXY SSL_CERT_FILE REQUESTS_CA_BUNDLE"\n'
        found.write("/etc/sudoers.d/packages", keep)
        found.run("sh", "-c", 'echo "127.0.0.1 localhost $(hostname)" >/etc/hosts')  # sudo asks for it
        try:
            yield found
        finally:
            process.stop(
                timeout=_BOOTS_WITHIN
            )  # shuts it down; a nspawn that is killed leaves folders behind


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Wait until no other machine runs: where no systemd does, two would be in one control group."""
    with (Path(tempfile.gettempdir()) / "wolkvox-exporter-machine.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _leader(nspawn: int) -> int:
    """Return the process that is the first one of the machine, or 0 as long as there is none."""
    for child in Path(f"/proc/{nspawn}/task/{nspawn}/children").read_text().split():
        status = Path(f"/proc/{child}/status").read_text()
        if re.search(r"^Name:\tsystemd$", status, re.MULTILINE) and re.search(
            r"^NSpid:.*\t1$", status, re.MULTILINE
        ):
            return int(child)
    return 0
