"""What systemd and the exporter tell each other: sd_notify(3), sd_watchdog_enabled(3), sd_listen_fds(3).

Own code, because each of these is a line of text on a socket or a number in the environment.
"""

import logging
import os
import socket
import time
from collections.abc import MutableMapping

_log = logging.getLogger(__name__)

_FIRST_DESCRIPTOR = 3
_SO_ACCEPTCONN = getattr(socket, "SO_ACCEPTCONN", None)


class ActivationError(Exception):
    """The sockets that were handed over cannot be used; the message is for people."""


class Notifier:
    """Tells the service manager how it stands; without one, it tells nobody."""

    def __init__(self, environment: MutableMapping[str, str]) -> None:
        """Take the variables out of the environment, so that no child takes them for its own."""
        self._place = environment.pop("NOTIFY_SOCKET", "")
        self.watchdog = _watchdog(environment)

    def ready(self, status: str) -> None:
        """Tell that it serves, and how: one line for `systemctl status`."""
        self._tell("READY=1", f"STATUS={status}")

    def reloading(self) -> None:
        """Tell that it reads its configuration again; `ready` ends it."""
        self._tell("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self) -> None:
        """Tell that it ends."""
        self._tell("STOPPING=1")

    def alive(self) -> None:
        """Tell the watchdog that all is well."""
        self._tell("WATCHDOG=1")

    def _tell(self, *lines: str) -> None:
        if not self._place:
            return
        address = f"\0{self._place[1:]}" if self._place.startswith("@") else self._place
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
                sender.sendto("\n".join(lines).encode(), socket.MSG_DONTWAIT, address)
        except OSError as error:
            _log.warning("the service manager cannot be told", extra={"error": error.strerror})


def _watchdog(environment: MutableMapping[str, str]) -> float | None:
    """Return the seconds between two signs of life that are wanted: half of what is allowed; None: none."""
    allowed, process = environment.pop("WATCHDOG_USEC", ""), environment.pop("WATCHDOG_PID", "")
    if not allowed.isdecimal() or int(allowed) == 0 or process not in {"", str(os.getpid())}:
        return None
    return int(allowed) / 2e6


def inherited_sockets(environment: MutableMapping[str, str]) -> list[socket.socket]:
    """Return the sockets that were handed over to this process, none where there are none.

    The variables are taken out of the environment. Raises ActivationError.
    """
    process, count = environment.pop("LISTEN_PID", ""), environment.pop("LISTEN_FDS", "")
    environment.pop("LISTEN_FDNAMES", None)
    if process != str(os.getpid()) or not count.isdecimal():
        return []
    return [_inherited(_FIRST_DESCRIPTOR + place) for place in range(int(count))]


def _inherited(descriptor: int) -> socket.socket:
    try:
        found = socket.socket(fileno=descriptor)
    except OSError as error:
        raise ActivationError(f"descriptor {descriptor} is no socket: {error.strerror}") from None
    found.set_inheritable(False)
    listens = _SO_ACCEPTCONN is None or found.getsockopt(socket.SOL_SOCKET, _SO_ACCEPTCONN)
    if found.type != socket.SOCK_STREAM or not listens:
        raise ActivationError(
            f"descriptor {descriptor} does not listen: ListenStream= with Accept=no is expected"
        )
    return found
