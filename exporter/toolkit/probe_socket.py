"""A way in for `wolkvox-exporter health`, which has neither certificate nor password.

It is a Unix socket in Linux's abstract namespace (unix(7)): no file, nothing to clean up, reachable from the
same network namespace only, which is the same container. It answers for the two probes and nothing else.
"""

import contextlib
import socket
import sys
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from http.client import HTTPConnection

from exporter.toolkit.message import Request, Response, plain

PATHS = ("/-/healthy", "/-/ready")

App = Callable[[Request], Awaitable[Response]]


def _name(port: int) -> str:
    return f"\0wolkvox-exporter/{port}"


def listen(port: int) -> socket.socket | None:
    """Return a socket that listens for the exporter at a TCP port; None where there is no such thing.

    Raises OSError when somebody listens there already.
    """
    if sys.platform != "linux":
        return None
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(_name(port))
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener


def probes(app: Callable[[Request], Awaitable[Response]]) -> App:
    """Return an app that has the probes of `app` alone."""

    async def answer(request: Request) -> Response:
        if request.path in PATHS:
            return await app(request)
        return plain(HTTPStatus.NOT_FOUND, "only the probes are here")

    return answer


class LocalConnection(HTTPConnection):
    """A client's connection to the exporter at a TCP port of this machine."""

    def __init__(self, port: int, timeout: float) -> None:
        super().__init__("localhost", port, timeout=timeout)

    def connect(self) -> None:
        """Connect; raises OSError when nobody is there."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self.sock.settimeout(self.timeout)
            self.sock.connect(_name(self.port))
        except OSError:
            with contextlib.suppress(OSError):
                self.close()
            raise
