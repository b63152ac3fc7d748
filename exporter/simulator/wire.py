"""HTTP/1.1 on a bare socket: reading requests, writing chunked answers, and what else clients suffer."""

import socket
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPException, parse_headers
from threading import Event
from typing import BinaryIO
from urllib.parse import parse_qsl, urlsplit

JSON = "application/json; charset=utf-8"
_MAX_LINE = 65_536
_MAX_BODY = 1_000_000
_GZIP = 16 + zlib.MAX_WBITS
_PATIENCE = 0.02


class Hangup(Exception):  # noqa: N818  the end of a connection, wanted or not, is no error here
    """The connection is over."""


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request. query: the last value of each parameter. headers: names in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def takes_gzip(self) -> bool:
        """Whether the client accepts gzip."""
        offers = (offer.split(";") for offer in self.headers.get("accept-encoding", "").lower().split(","))
        return any(
            offer[0].strip() in {"gzip", "*"} and "q=0" not in [more.strip() for more in offer[1:]]
            for offer in offers
        )

    @property
    def last(self) -> bool:
        """Whether the client closes the connection after this."""
        return self.headers.get("connection", "").lower() == "close"


@dataclass(frozen=True, slots=True)
class Message:
    """One HTTP answer. gzip: level of compression 1..9, 0 for none."""

    status: int
    pieces: Iterable[bytes]
    content_type: str = JSON
    gzip: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)

    def head(self) -> bytes:
        """Return the status line and the header, with the blank line that ends it."""
        known = self.status in HTTPStatus.__members__.values()
        phrase = HTTPStatus(self.status).phrase if known else "Whatever"
        lines = {
            "Server": "wolkvox-simulator",
            "Content-Type": self.content_type,
            "Transfer-Encoding": "chunked",
            **({"Content-Encoding": "gzip"} if self.gzip else {}),
            **self.headers,
        }
        text = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        return f"HTTP/1.1 {self.status} {phrase}\r\n{text}\r\n".encode()

    def chunks(self) -> Iterator[bytes]:
        """Yield the body, chunk by chunk; the last one is the chunk that ends it."""
        for piece in _compressed(self.pieces, self.gzip) if self.gzip else self.pieces:
            if piece:
                yield b"%x\r\n%b\r\n" % (len(piece), piece)
        yield b"0\r\n\r\n"


def read_request(stream: BinaryIO) -> Request | None:
    """Read the next request; None when the client has no more. Raises Hangup for what is no HTTP."""
    line = stream.readline(_MAX_LINE)
    if not line:
        return None
    words = line.decode("latin-1").split()
    # A TLS greeting may fall into three words too, and its sender then waits for an answer for ever.
    if len(words) != len(("method", "target", "version")) or not words[2].startswith("HTTP/1."):
        raise Hangup
    try:
        headers = {name.lower(): value for name, value in parse_headers(stream).items()}
        length = int(headers.get("content-length", "0"))
        target = urlsplit(words[1])
    except (HTTPException, ValueError) as error:
        raise Hangup from error
    if not 0 <= length <= _MAX_BODY:
        raise Hangup
    query = dict(parse_qsl(target.query, keep_blank_values=True))
    return Request(words[0], target.path, query, headers, stream.read(length) if length else b"")


class Connection:
    """The server's side of one connection. Sending raises Hangup once the client or the simulator is gone."""

    def __init__(self, sock: socket.socket, stopping: Event, peer: str) -> None:
        self._sock = sock
        self._stopping = stopping
        self.peer = peer

    def gone(self) -> bool:
        """Whether the client has hung up. Never waits."""
        try:
            return self._sock.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True

    def send(self, data: bytes) -> None:
        """Send all of it."""
        try:
            self._sock.sendall(data)
        except OSError as error:
            raise Hangup from error

    def sleep(self, seconds: float) -> None:
        """Let time pass; a stop ends it."""
        if seconds > 0 and self._stopping.wait(seconds):
            raise Hangup

    def wait_for(self, released: Event) -> None:
        """Wait for the event, or for the client to hang up."""
        while not released.wait(_PATIENCE):
            if self._stopping.is_set() or self.gone():
                raise Hangup

    def write(self, message: Message, over: Callable[[], None]) -> None:
        """Send an answer; `over` is called before its last bytes: the client's next request comes after."""
        waiting = message.head()
        for chunk in message.chunks():
            self.send(waiting)
            waiting = chunk
        over()
        self.send(waiting)

    def drip(self, data: bytes, period: float) -> None:
        """Send one byte in each `period` of seconds."""
        for number in range(len(data)):
            self.send(data[number : number + 1])
            self.sleep(period)

    def reset(self) -> None:
        """Make the coming close an abort: the client gets a TCP reset."""
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _compressed(pieces: Iterable[bytes], level: int) -> Iterator[bytes]:
    packer = zlib.compressobj(level, zlib.DEFLATED, _GZIP)
    for piece in pieces:
        yield packer.compress(piece)
    yield packer.flush()
