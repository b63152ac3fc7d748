"""The edge of the network: connections without sockets; what goes over them are the bytes of HTTP.

`Wire` stands where `exporter.wolkvox.transport` has a connected socket. The answer is made when it is first
read, by which time the request has been sent.
"""

import gzip
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from exporter.apis import APIS
from model.calls import NOT_JSON, Reply

APIS_BY_CALL = {(f"/api/v2/{api.path}", api.vendor_name): api.name for api in APIS}


@dataclass(frozen=True)
class Request:
    """What was sent: to which port, and what the vendor makes of it."""

    port: int
    api: str
    campaign: str
    token: str


@dataclass(frozen=True)
class Delivery:
    """An answer on the wire, or what a socket raises in its place, and what it means."""

    reply: Reply
    pieces: tuple[bytes, ...] = ()
    error: Exception | None = None


def delivery(  # noqa: PLR0913 - all that may differ between two answers of one meaning
    document: object,
    status: int = 200,
    *,
    text: bytes | None = None,
    ascii_only: bool = True,
    indent: int | None = None,
    packed: bool = False,
    chunked: bool = False,
    headers: Mapping[str, str] | None = None,
    cut: bool = False,
) -> Delivery:
    """Return the bytes of an answer; `text` stands for a body that is no JSON, `cut` ends it half-way."""
    content = json.dumps(document, ensure_ascii=ascii_only, indent=indent).encode() if text is None else text
    body = gzip.compress(content, 1) if packed else content
    fields = {"Content-Type": "application/json; charset=utf-8", **(headers or {})}
    if packed:
        fields["Content-Encoding"] = "gzip"
    if chunked:
        fields["Transfer-Encoding"] = "chunked"
        body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body) if body else b"0\r\n\r\n"
    else:
        fields["Content-Length"] = str(len(body))
    lines = [f"HTTP/1.1 {status} Whatever", *(f"{name}: {value}" for name, value in fields.items()), "", ""]
    head, half = "\r\n".join(lines).encode(), len(body) // 2
    if cut:
        return Delivery(Reply("connection"), (head, body[:half]))
    reply = Reply("", status, NOT_JSON if text is not None else document, len(content))
    if status != 200:  # its body may be read by nobody
        return Delivery(reply, (head + body,))
    return Delivery(reply, (head + body[:half], body[half:]) if half else (head + body,))


class Wire:
    """One connection; `answer` takes the request and yields the bytes of the answer, in pieces."""

    def __init__(self, port: int, answer: Callable[[Request], Iterator[bytes]]) -> None:
        self._port = port
        self._answer = answer
        self._sent = b""

    def sendall(self, data: bytes) -> None:
        """Take what is sent."""
        self._sent += data

    def settimeout(self, seconds: float) -> None:
        """Set no time-out: time is virtual here."""

    def close(self) -> None:
        """Close nothing."""

    def makefile(self, *_: object, **__: object) -> io.BufferedReader:
        """Return where the answer is read from."""
        return io.BufferedReader(_Pieces(self._answer(self._request())))

    def _request(self) -> Request:
        first, *lines = self._sent.partition(b"\r\n\r\n")[0].decode().split("\r\n")
        fields = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        target = urlsplit(first.split(" ")[1])
        query = dict(parse_qsl(target.query))
        api = APIS_BY_CALL[target.path, query["api"]]
        return Request(self._port, api, query.get("campaign_id", ""), fields["wolkvox-token"])


class _Pieces(io.RawIOBase):
    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._left:
            following = next(self._pieces, None)
            if following is None:
                return 0
            self._left = following
        size = min(len(buffer), len(self._left))
        buffer[:size], self._left = self._left[:size], self._left[size:]
        return size
