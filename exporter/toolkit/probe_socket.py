"""A socket for health checks on the same machine, which have neither a certificate nor a password.

It is a Unix socket in Linux's abstract namespace (unix(7)): no file, nothing to clean up, and reachable only
from the same network namespace, that is the same container. It serves the two health probes, and pages that
are for this machine alone; every user of it may ask for them.
"""

import contextlib
import re
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path

from exporter.toolkit.message import Handler, Request, Response, plain

PROBE_PATHS = ("/-/healthy", "/-/ready")

LocalPage = Callable[[Request], Response]
"""Answers a request at the probe socket, at once."""

_SOCKETS = Path("/proc/net/unix")
"""The Unix sockets of this network namespace (proc(5)): flags in the fourth column, the name in the last."""
_LISTENING = "00010000"


def _name(program: str, port: int) -> str:
    return f"\0{program}/{port}"


def listen(program: str, port: int) -> socket.socket | None:
    """Return the listening probe socket of a program that serves a TCP port; None except on Linux.

    Raises OSError if another process listens there already.
    """
    if sys.platform != "linux":
        return None
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(_name(program, port))
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener


def ports(program: str) -> Sequence[int]:
    """Return the ports for which programs of that name have a probe socket here; none except on Linux."""
    ours = re.compile(rf"\S+ \S+ \S+ {_LISTENING} \S+ \S+ +\S+ @{re.escape(program)}/([0-9]{{1,9}})")
    found = set()
    with contextlib.suppress(OSError):
        # A name may have any bytes, so that not every line is one of a socket.
        for line in _SOCKETS.read_text(errors="replace").split("\n"):
            if name := ours.fullmatch(line):
                found.add(int(name[1]))
    return sorted(found)


def probes_only(handler: Handler, pages: Mapping[str, LocalPage] | None = None) -> Handler:
    """Return a handler that passes on the health probes, and has `pages` by path; to all else it says 404."""

    async def handle(request: Request) -> Response:
        if request.path in PROBE_PATHS:
            return await handler(request)
        page = (pages or {}).get(request.path)
        return page(request) if page else plain(HTTPStatus.NOT_FOUND, "only probes are served here")

    return handle


class ProbeConnection(HTTPConnection):
    """An HTTP client of the probe socket; `timeout` in seconds."""

    def __init__(self, program: str, port: int, timeout: float) -> None:
        super().__init__("localhost", port, timeout=timeout)
        self._program = program

    def connect(self) -> None:
        """Connect; raises OSError if nobody listens there."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self.sock.settimeout(self.timeout)
            self.sock.connect(_name(self._program, self.port))
        except OSError:
            with contextlib.suppress(OSError):
                self.close()
            raise
