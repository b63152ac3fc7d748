"""A socket for health checks on the same machine, which have neither a certificate nor a password.

It is a Unix socket in Linux's abstract namespace (unix(7)): no file, nothing to clean up, and reachable only
from the same network namespace, that is the same container. It serves the two health probes and nothing else.
"""

import contextlib
import socket
import sys
from http import HTTPStatus
from http.client import HTTPConnection

from exporter.toolkit.message import Handler, Request, Response, plain

PROBE_PATHS = ("/-/healthy", "/-/ready")


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


def probes_only(handler: Handler) -> Handler:
    """Return a handler that passes on the health probes and answers everything else with 404."""

    async def handle(request: Request) -> Response:
        if request.path in PROBE_PATHS:
            return await handler(request)
        return plain(HTTPStatus.NOT_FOUND, "only the health probes are served here")

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
