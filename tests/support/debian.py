"""Roots of other Debian releases than this machine's, to run the program where its users run it."""

import hashlib
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from support.programs import program

_SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "make-debian-root"
_SUITE = "trixie"
# What the tests of all kinds need, so that they share one root.
_PACKAGES = ("ca-certificates", "dbus", "python3", "python3-venv", "sudo", "systemd", "systemd-sysv")
_MADE_WITHIN = 600.0


def needs_root() -> None:
    """Leave the test out unless it runs as root, or with REQUIRE_SERVERS=1 in the environment fail it."""
    if os.geteuid() == 0:
        return
    if os.environ.get("REQUIRE_SERVERS") == "1":
        pytest.fail("this is not root, and REQUIRE_SERVERS=1 allows no test to be left out")
    pytest.skip("needs root: test left out")


def debian_root() -> Path:
    """Return the root folder of a Debian 13 that all tests share: for reading, `copy` is for the rest.

    It is made once, and kept in the folder that DEBIAN_ROOTS names, by default one of /var/cache. The test
    is left out, or fails, where this is not root or debootstrap is not installed.
    """
    needs_root()
    program("debootstrap")
    return _made(_SUITE, _SUITE, _PACKAGES)


def debian_root_with(purpose: str, *packages: str) -> Path:
    """Return the root folder of the same Debian with more packages, kept as that one is by its purpose."""
    return _made(os.fspath(debian_root()), f"{_SUITE}-{purpose}", packages)


def copy(root: Path, to: Path) -> Path:
    """Copy a root to a folder that does not exist yet, with owners and modes, and return that folder."""
    subprocess.run(["cp", "--archive", "--reflink=auto", root, to], check=True)
    return to


def _made(origin: str, name: str, packages: Sequence[str]) -> Path:
    # A checkout that needs other packages makes another root, and leaves this one to those who use it.
    key = hashlib.sha256(" ".join([origin, *packages]).encode()).hexdigest()[:8]
    roots = Path(os.environ.get("DEBIAN_ROOTS") or "/var/cache/wolkvox-exporter/debian-roots")
    folder = roots / f"{name}-{key}"
    result = subprocess.run(
        [_SCRIPT, origin, folder, *packages],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=_MADE_WITHIN,
    )
    assert result.returncode == 0, result.stderr
    return folder
