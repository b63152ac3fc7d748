"""HTTP/1.1 on a bare socket: requests are read, and chunked answers are written."""

import socket
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPException, parse_headers
from threading import Event
from typing import BinaryIO
from urllib.parse import parse_qsl, urlsplit

JSON = "application/json; charset=utf-8"
_MAX_LINE_BYTES = 65_536
_MAX_BODY_BYTES = 1_000_000
_GZIP_WINDOW = 16 + zlib.MAX_WBITS
_LOOK_EVERY_SECONDS = 0.02


class Hangup(Exception):  # noqa: N818  the end of a connection is not an error here
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
    """One HTTP answer. gzip: level of compression, 1 to 9, 0 for none."""

    status: int
    pieces: Iterable[bytes]
    content_type: str = JSON
    gzip: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)

    def head(self) -> bytes:
        """Return the status line and the header, down to the blank line that ends it."""
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
        """Yield the body chunk by chunk; the last chunk is the empty one that ends it."""
        for piece in _compressed(self.pieces, self.gzip) if self.gzip else self.pieces:
            if piece:
                yield b"%x\r\n%b\r\n" % (len(piece), piece)
        yield b"0\r\n\r\n"


def read_request(stream: BinaryIO) -> Request | None:
    """Return the next request, None when the client sends no more. Raises Hangup for what is not HTTP."""
    line = stream.readline(_MAX_LINE_BYTES)
    if not line:
        return None
    words = line.decode("latin-1").split()
    # The greeting of a TLS client may consist of three words too, and that client would wait for ever.
    if len(words) != len(("method", "target", "version")) or not words[2].startswith("HTTP/1."):
        raise Hangup
    try:
        headers = {name.lower(): value for name, value in parse_headers(stream).items()}
        length = int(headers.get("content-length", "0"))
        target = urlsplit(words[1])
    except (HTTPException, ValueError) as error:
        raise Hangup from error
    if not 0 <= length <= _MAX_BODY_BYTES:
        raise Hangup
    query = dict(parse_qsl(target.query, keep_blank_values=True))
    return Request(words[0], target.path, query, headers, stream.read(length) if length else b"")


class Connection:
    """The server's side of a connection. Sending raises Hangup once the client or the simulator is gone."""

    def __init__(self, sock: socket.socket, stopping: Event, peer: str) -> None:
        self._sock = sock
        self._stopping = stopping
        self.peer = peer

    def gone(self) -> bool:
        """Return whether the client has hung up. Never waits."""
        try:
            return self._sock.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True

    def send(self, data: bytes) -> None:
        """Send all of the data."""
        try:
            self._sock.sendall(data)
        except OSError as error:
            raise Hangup from error

    def sleep(self, seconds: float) -> None:
        """Wait; a stop of the simulator ends the wait."""
        if seconds > 0 and self._stopping.wait(seconds):
            raise Hangup

    def wait_for(self, released: Event) -> None:
        """Wait for the event. Raises Hangup when the client hangs up or the simulator stops."""
        while not released.wait(_LOOK_EVERY_SECONDS):
            if self._stopping.is_set() or self.gone():
                raise Hangup

    def write(self, message: Message, over: Callable[[], None]) -> None:
        """Send an answer. `over` is called before its last bytes, after which the client may ask again."""
        waiting = message.head()
        for chunk in message.chunks():
            self.send(waiting)
            waiting = chunk
        over()
        self.send(waiting)


def _compressed(pieces: Iterable[bytes], level: int) -> Iterator[bytes]:
    packer = zlib.compressobj(level, zlib.DEFLATED, _GZIP_WINDOW)
    for piece in pieces:
        yield packer.compress(piece)
    yield packer.flush()
