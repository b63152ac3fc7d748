"""The listening socket, and a thread for each connection."""

import selectors
import socket
from collections.abc import Callable
from contextlib import suppress
from threading import Event, Lock, Thread, current_thread

from exporter.simulator.wire import Connection, Hangup, Request, read_request

Handle = Callable[[Request, Connection], None]

_BACKLOG = 128
_JOIN_SECONDS = 5.0


class Server:
    """Listens from the moment it is made, so that its address is known; answers after `start`."""

    def __init__(self, listen: tuple[str, int], handle: Handle) -> None:
        family = socket.AF_INET6 if ":" in listen[0] else socket.AF_INET
        self._listening = socket.create_server(listen, family=family, backlog=_BACKLOG)
        self._listening.setblocking(False)
        self._wake, self._woken = socket.socketpair()
        self._handle = handle
        self._stopping = Event()
        self._lock = Lock()
        self._open: dict[Thread, socket.socket] = {}
        self._accepting = Thread(target=self._accept, name="simulator-accept", daemon=True)
        host, port = self._listening.getsockname()[:2]
        self.address: tuple[str, int] = (host, port)

    def start(self) -> None:
        """Start to accept connections, in a thread."""
        self._accepting.start()

    def stop(self) -> None:
        """Close all connections and end all threads. May be called again."""
        self._stopping.set()
        if self._listening.fileno() == -1:
            return
        self._wake.send(b"!")
        if self._accepting.ident is not None:
            self._accepting.join(_JOIN_SECONDS)
        for one in (self._listening, self._wake, self._woken):
            one.close()
        with self._lock:
            serving = dict(self._open)
        for sock in serving.values():
            _hang_up(sock)
        for thread in serving:
            thread.join(_JOIN_SECONDS)

    def _accept(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._listening, selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            while not self._stopping.is_set():
                selector.select()
                try:
                    sock, address = self._listening.accept()
                except OSError:
                    continue
                sock.setblocking(True)
                thread = Thread(
                    target=self._serve, args=(sock, address[0]), name="simulator-connection", daemon=True
                )
                with self._lock:
                    self._open[thread] = sock
                thread.start()

    def _serve(self, sock: socket.socket, peer: str) -> None:
        stream = sock.makefile("rb")
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection = Connection(sock, self._stopping, peer)
            while not self._stopping.is_set() and (request := read_request(stream)):
                self._handle(request, connection)
                if request.last:
                    break
        except (Hangup, OSError):
            pass
        finally:
            with self._lock:
                self._open.pop(current_thread(), None)
                # The stream keeps the socket open: the connection ends once both are closed.
                stream.close()
                sock.close()


def _hang_up(sock: socket.socket) -> None:
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
