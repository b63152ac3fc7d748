"""One time limit for a whole exchange.

A socket's own time-out limits each read, so a server that sends one byte a second could hold a caller for
ever. Here a watchdog shuts the connection down when the time is over, whatever the caller waits for: the
handshake, the header or the body.
"""

import contextlib
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from exporter.wolkvox.errors import Cause, RequestFailed

NO_THREAD = "cannot start a thread for the call"


class Deadline:
    """A limit of `seconds` from the moment the context is entered; it ends the sockets it watches.

    `monotonic` gives seconds (as `time.monotonic`). Used once; the caller leaves the context to release
    the watchdog.
    """

    def __init__(self, seconds: float, monotonic: Callable[[], float]) -> None:
        self.seconds = seconds
        self._monotonic = monotonic
        self._end = monotonic() + seconds
        self._expired = False
        self._lock = threading.Lock()
        self._watched: list[socket.socket] = []
        self._watchdog = threading.Timer(seconds, self._expire)
        self._watchdog.daemon = True
        self._watchdog.name = "wolkvox-deadline"

    def __enter__(self) -> Self:
        """Start the time. Raises RequestFailed (connection) when no thread can be started."""
        try:
            self._watchdog.start()
        except RuntimeError:
            raise RequestFailed(Cause.CONNECTION, NO_THREAD) from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._watchdog.cancel()
        del self._watchdog  # which knows this object: neither would go before a search for cycles
        with self._lock:
            for sock in self._watched:
                sock.close()
            self._watched.clear()

    def remaining(self) -> float:
        """Return the seconds left, never below 0."""
        return max(0.0, self._end - self._monotonic())

    @property
    def expired(self) -> bool:
        """Whether the time is over."""
        return self._expired or self.remaining() <= 0

    def watch(self, sock: socket.socket) -> None:
        """End the connection of `sock` when the time is over.

        A duplicate of the descriptor is kept: it stays valid when TLS takes the socket over, and never
        means another file after the caller has closed its own.
        """
        with self._lock:
            self._watched.append(sock.dup())
        if self._expired:
            self._expire()

    def _expire(self) -> None:
        self._expired = True
        with self._lock:
            for sock in self._watched:
                with contextlib.suppress(OSError):  # the peer may have ended it already
                    sock.shutdown(socket.SHUT_RDWR)
