"""A client that notes how long each answer takes; it reads and throws away."""

import socket
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.processes import Program

OPENMETRICS = "application/openmetrics-text;version=1.0.0"
_BUFFER = 2**20


@dataclass(frozen=True)
class Load:
    """What a series of requests has cost: CPU seconds of the server, and the times of answers, each."""

    cpu: float
    times: Sequence[float]
    bytes: int

    @property
    def median(self) -> float:
        """The median time of an answer in seconds."""
        return statistics.median(self.times)


class Client:
    """A connection that is kept, as that of Prometheus."""

    def __init__(self, port: int, path: str, *, gzip: bool = False) -> None:
        self._where = port
        encoding = "Accept-Encoding: gzip\r\n" if gzip else ""
        self._asked = (
            f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: {OPENMETRICS}\r\n{encoding}\r\n".encode()
        )
        self._buffer = bytearray(_BUFFER)
        self._socket: socket.socket | None = None

    def _connected(self) -> socket.socket:
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._where), 120)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._socket

    def ask(self) -> tuple[float, int]:
        """Return the seconds of one answer, and the bytes of its body."""
        started = time.perf_counter()
        connection = self._connected()
        connection.sendall(self._asked)
        head = b""
        while b"\r\n\r\n" not in head:
            part = connection.recv(2**16)
            if not part:
                raise OSError("the connection was closed")
            head += part
        lines, _, rest = head.partition(b"\r\n\r\n")
        if b" 200 " not in lines.split(b"\r\n")[0]:
            raise SystemExit(f"no answer but {lines!r}")
        fields = dict(line.lower().split(b": ", 1) for line in lines.split(b"\r\n")[1:])
        length = fields.get(b"content-length")
        taken = len(rest)
        while length is None or taken < int(length):
            count = connection.recv_into(self._buffer)
            if not count:
                break
            taken += count
        if length is None or fields.get(b"connection") == b"close" or lines.startswith(b"HTTP/1.0"):
            self.close()
        return time.perf_counter() - started, taken

    def close(self) -> None:
        """End the connection."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def load(  # noqa: PLR0913 - what a series is made of
    server: Program,
    port: int,
    path: str,
    *,
    seconds: float,
    least: int = 5,
    gzip: bool = False,
) -> Load:
    """Ask for `seconds`, at least `least` times after a first time that counts not."""
    client = Client(port, path, gzip=gzip)
    size = client.ask()[1]
    times: list[float] = []
    before = server.cpu()
    end = time.monotonic() + seconds
    while len(times) < least or time.monotonic() < end:
        times.append(client.ask()[0])
    cpu = server.cpu() - before
    client.close()
    return Load(cpu / len(times), times, size)
