"""Real programs that some tests run, which a machine may not have."""

import os
import shutil
import subprocess

import pytest


def program(name: str) -> str:
    """Return the path of an installed program, or leave the test out.

    With REQUIRE_SERVERS=1 in the environment a missing program fails the test: where nothing may be left
    out, a forgotten package must not look like success.
    """
    # Debian puts some servers into sbin, which an ordinary user's PATH leaves out.
    places = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])
    path = shutil.which(name, path=places)
    if path is not None:
        return path
    if os.environ.get("REQUIRE_SERVERS") == "1":
        pytest.fail(f"{name} is not installed, and REQUIRE_SERVERS=1 allows no test to be left out")
    pytest.skip(f"{name} is not installed: test left out")


def apart(*namespaces: str) -> list[str]:
    """Return what runs a command in namespaces of its own (`--net`, `--pid`), or leave the test out.

    Whether a user may make them is a matter of the kernel and of the container, not of a missing package.
    """
    command = [program("unshare"), "--map-root-user", "--fork", *namespaces]
    tried = subprocess.run([*command, "true"], capture_output=True, check=False, timeout=60)
    if tried.returncode:
        pytest.skip(f"no namespaces may be made here ({' '.join(namespaces)}): test left out")
    return command
