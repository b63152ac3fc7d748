import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from exporter.toolkit.systemd import Notifier, inherited_sockets

HERE = str(os.getpid())


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(30)
        yield listening


def test_the_manager_is_told(manager: socket.socket) -> None:
    environment = {"NOTIFY_SOCKET": manager.getsockname(), "OTHER": "x"}
    notifier = Notifier(environment)
    assert environment == {"OTHER": "x"}  # no child takes it for its own
    notifier.ready("serving")
    notifier.reloading()
    notifier.alive()
    notifier.stopping()
    assert manager.recv(1000) == b"READY=1\nSTATUS=serving"
    reloading, _, since = manager.recv(1000).decode().partition("\nMONOTONIC_USEC=")
    assert (reloading, since.isdecimal()) == ("RELOADING=1", True)
    assert manager.recv(1000) == b"WATCHDOG=1"
    assert manager.recv(1000) == b"STOPPING=1"


def test_a_place_in_the_abstract_namespace() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(f"\0exporter-test-{HERE}")
        listening.settimeout(30)
        Notifier({"NOTIFY_SOCKET": f"@exporter-test-{HERE}"}).alive()
        assert listening.recv(1000) == b"WATCHDOG=1"


@pytest.mark.parametrize("place", ["", "/no/such/socket"])
def test_where_nobody_listens_nobody_is_told(place: str) -> None:
    Notifier({"NOTIFY_SOCKET": place} if place else {}).ready("serving")


def test_a_manager_that_does_not_read_holds_nothing_up(manager: socket.socket) -> None:
    notifier = Notifier({"NOTIFY_SOCKET": manager.getsockname()})
    for _ in range(5000):
        notifier.alive()


@pytest.mark.parametrize(
    ("environment", "seconds"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "30000000"}, 15.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": HERE}, 15.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),  # meant for another process
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
    ],
)
def test_signs_of_life_are_wanted_at_half_the_time(
    environment: dict[str, str], seconds: float | None
) -> None:
    assert Notifier(environment).watchdog_seconds == seconds
    assert not environment


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"LISTEN_FDS": "1"},
        {"LISTEN_FDS": "1", "LISTEN_PID": "1"},
        {"LISTEN_FDS": "x", "LISTEN_PID": HERE},
    ],
)
def test_sockets_for_another_process_are_left_alone(environment: dict[str, str]) -> None:
    environment = {**environment, "LISTEN_FDNAMES": "web"}
    assert inherited_sockets(environment) == []
    assert not environment


# A program whose descriptor 3 is what the test made: there the sockets begin.
_PROGRAM = """
import os, socket, sys
from exporter.toolkit.systemd import ActivationError, inherited_sockets
kind = sys.argv[1]
if kind == "file":
    made = open("/dev/null")
elif kind == "nothing":
    made = None
else:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM if kind == "datagrams" else socket.SOCK_STREAM)
    made.bind(("127.0.0.1", 0))
    if kind == "listens":
        made.listen()
if made:
    os.dup2(made.fileno(), 3, inheritable=True)
else:
    os.closerange(3, 10)
try:
    (found,) = inherited_sockets({"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1"})
except ActivationError as error:
    sys.exit(str(error))
print(found.fileno(), found.getsockname()[0], found.get_inheritable())
"""


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("listens", "3 127.0.0.1 False"),
        ("silent", "file descriptor 3 is not a listening stream socket"),
        ("datagrams", "file descriptor 3 is not a listening stream socket"),
        ("file", "file descriptor 3 is not a socket"),
        ("nothing", "file descriptor 3 is not a socket"),
    ],
)
def test_what_is_handed_over_must_listen(kind: str, told: str) -> None:
    result = subprocess.run(
        [sys.executable, "-c", _PROGRAM, kind], capture_output=True, text=True, check=False, timeout=60
    )
    assert (result.stdout + result.stderr).startswith(told)
    assert (result.returncode == 0) is (kind == "listens")
