"""The three protocols between systemd and a service: sd_notify(3), sd_watchdog_enabled(3), sd_listen_fds(3).

Own code, because each is a line of text on a socket or a number in the environment.
"""

import logging
import os
import socket
import time
from collections.abc import MutableMapping

_log = logging.getLogger(__name__)

_FIRST_DESCRIPTOR = 3
_ACCEPTCONN_OPTION = getattr(socket, "SO_ACCEPTCONN", None)


class ActivationError(Exception):
    """The sockets passed by the service manager cannot be used; the message is for people."""


class Notifier:
    """Notifies the service manager of the state of this process; does nothing without one."""

    def __init__(self, environment: MutableMapping[str, str]) -> None:
        """Remove the variables from the environment, so that no child process uses them.

        `watchdog_seconds` is the time between two calls of `alive` that the manager expects, None if none.
        """
        self._socket_name = environment.pop("NOTIFY_SOCKET", "")
        self.watchdog_seconds = _watchdog_seconds(environment)

    def ready(self, status: str) -> None:
        """Notify the service manager that the process serves; `status` is a line for `systemctl status`."""
        self._notify("READY=1", f"STATUS={status}")

    def reloading(self) -> None:
        """Notify the service manager that the process reloads its configuration, until `ready` is called."""
        self._notify("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self) -> None:
        """Notify the service manager that the process is about to end."""
        self._notify("STOPPING=1")

    def alive(self) -> None:
        """Notify the watchdog that the process is healthy."""
        self._notify("WATCHDOG=1")

    def _notify(self, *lines: str) -> None:
        name = self._socket_name
        if not name:
            return
        address = f"\0{name[1:]}" if name.startswith("@") else name
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
                sender.sendto("\n".join(lines).encode(), socket.MSG_DONTWAIT, address)
        except OSError as error:
            _log.warning("cannot notify the service manager", extra={"error": error.strerror})


def _watchdog_seconds(environment: MutableMapping[str, str]) -> float | None:
    """Return half the time after which the watchdog fires, as its manual advises; None without a watchdog."""
    allowed, process = environment.pop("WATCHDOG_USEC", ""), environment.pop("WATCHDOG_PID", "")
    if not allowed.isdecimal() or int(allowed) == 0 or process not in {"", str(os.getpid())}:
        return None
    return int(allowed) / 2e6


def inherited_sockets(environment: MutableMapping[str, str]) -> list[socket.socket]:
    """Return the sockets that the service manager has passed to this process, if any.

    Removes the variables from the environment. Raises ActivationError.
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
        raise ActivationError(f"file descriptor {descriptor} is not a socket: {error.strerror}") from None
    found.set_inheritable(False)
    listens = _ACCEPTCONN_OPTION is None or found.getsockopt(socket.SOL_SOCKET, _ACCEPTCONN_OPTION)
    if found.type != socket.SOCK_STREAM or not listens:
        raise ActivationError(
            f"file descriptor {descriptor} is not a listening stream socket: "
            "ListenStream= with Accept=no is expected"
        )
    return found
