"""Faults that serve tests only: broken HTTP, broken JSON and odd rows, added to those of the simulator."""

import socket
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from itertools import chain
from threading import Event
from typing import ClassVar

from exporter import simulator
from exporter.simulator.answers import Answer
from exporter.simulator.wire import Connection, Hangup, Message

_MB = 1_000_000
_BLANKS = b" " * 65_536
_HTML = "text/html; charset=utf-8"
_LOGIN = "<!DOCTYPE html><html><head><title>Login</title></head><body><h1>Login</h1></body></html>"
_NAMES = {"campaign", "campaign_id", "campaign_name", "telephone", "description"}
_GARBAGE = ("12..5", "n/d", "NaN", "1,23,4", "∞", ["1"], {"a": "1"}, True, "<b>7</b>", "-0x1F")
_REDIRECTS = range(301, 309)
_TEXTS = {
    "not_json": "<br />\n<b>Warning</b>: Undefined variable in report on line 7<br />\n[{]",
    "wrong_shape": '{"data": {"a": 1}}',
}


@dataclass(frozen=True)
class Fault(simulator.Fault):
    """A fault of the simulator, or one that serves tests only.

    seconds: also the period of a drip. megabytes: size of the decoded answer, in 1,000,000 bytes. rows: what
    stands for the rows, any JSON values.
    """

    kinds: ClassVar[Mapping[str, str]] = {
        **simulator.Fault.kinds,
        "html_200": "HTTP 200 with a page of HTML, as a proxy or a login page gives",
        "not_json": "HTTP 200, JSON content type, text that is no JSON (body)",
        "truncated_json": "a good answer cut in the middle of its JSON, the HTTP message whole",
        "wrong_shape": 'HTTP 200 and JSON of another shape (body: JSON text; default {"data": {"a": 1}})',
        "redirect": "status (302 unless 301..308) with Location: location",
        "drip_header": "the good answer, one byte of its header each `seconds`",
        "drip_body": "the good answer, one byte of its body each `seconds`",
        "reset": "TCP RST instead of an answer",
        "close_early": "the good answer's head and half of its body, then the connection ends",
        "gzip_bomb": "`megabytes` of blanks around an empty list, gzip, about a thousandth on the wire",
        "huge": "a good answer with its rows repeated until it has `megabytes`",
        "garbage_values": "a good answer in which every second row has unreadable values",
        "rows": "a good answer with `rows` in place of its own",
        "invalid_utf8": "a good answer with bytes that are not UTF-8 in its last string",
        "bom": "a good answer after a byte order mark",
    }
    refusals: ClassVar[set[str]] = {*simulator.Fault.refusals, "redirect"}

    location: str = "http://127.0.0.1:9/elsewhere"
    megabytes: float = 10.0
    rows: tuple[object, ...] = ()

    def __post_init__(self) -> None:
        """Take any sequence as rows."""
        super().__post_init__()
        object.__setattr__(self, "rows", tuple(self.rows))

    def answer(self, answer: Answer) -> Answer:
        """Return the answer with other rows."""
        if self.kind == "rows":
            return replace(answer, status=HTTPStatus.OK, rows=self.rows, found=len(self.rows))
        if self.kind == "garbage_values" and answer.rows is not None:
            return replace(answer, rows=_garbage(answer.rows))
        if self.kind == "huge" and answer.rows is not None:
            return replace(answer, rows=_repeated(answer.rows, self.megabytes * _MB))
        return super().answer(answer)

    def message(self, message: Message) -> Message:
        """Return the message with another status or broken bytes."""
        match self.kind:
            case "html_200":
                changed = Message(HTTPStatus.OK, ((self.body or _LOGIN).encode(),), _HTML)
            case "redirect":
                status = self.status if self.status in _REDIRECTS else HTTPStatus.FOUND
                changed = Message(status, (), _HTML, headers={"Location": self.location})
            case "not_json" | "wrong_shape":
                text = self.body or _TEXTS[self.kind]
                changed = replace(message, status=HTTPStatus.OK, pieces=(text.encode(),))
            case "truncated_json":
                whole = b"".join(message.pieces)
                changed = replace(message, pieces=(whole[: len(whole) // 2],))
            case "invalid_utf8":
                changed = replace(message, pieces=(_broken_utf8(b"".join(message.pieces)),))
            case "bom":
                changed = replace(message, pieces=chain((b"\xef\xbb\xbf",), message.pieces))
            case "gzip_bomb":
                pieces = _blanks(self.megabytes * _MB)
                changed = replace(message, status=HTTPStatus.OK, pieces=pieces, gzip=9)
            case _:
                changed = super().message(message)
        return changed

    def deliver(
        self, message: Message, connection: Connection, over: Callable[[], None], cleared: Event
    ) -> None:
        """Send the message byte by byte, a part of it, or a reset."""
        match self.kind:
            case "reset":
                over()
                # The coming close is an abort: the client gets a TCP reset.
                connection._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                raise Hangup
            case "close_early":
                body = b"".join(message.chunks())
                connection.send(message.head())
                over()
                connection.send(body[: len(body) // 2])
                raise Hangup
            case "drip_header":
                _drip(connection, message.head(), self.seconds)
                body = b"".join(message.chunks())
                over()
                connection.send(body)
            case "drip_body":
                connection.send(message.head())
                body = b"".join(message.chunks())
                _drip(connection, body[:-1], self.seconds)
                over()
                connection.send(body[-1:])
            case _:
                super().deliver(message, connection, over, cleared)


def _drip(connection: Connection, data: bytes, period: float) -> None:
    for number in range(len(data)):
        connection.send(data[number : number + 1])
        connection.sleep(period)


def _garbage(rows: Iterable[object]) -> Iterator[object]:
    for number, row in enumerate(rows):
        if number % 2 == 0 and isinstance(row, dict):
            yield {
                name: value if name in _NAMES else _GARBAGE[place % len(_GARBAGE)]
                for place, (name, value) in enumerate(row.items())
            }
        else:
            yield row


def _repeated(rows: Iterable[object], size: float) -> Iterator[object]:
    """Yield the rows again and again, each with its own id, until they make about `size` bytes."""
    kept = list(rows)
    sent, number = 0.0, 0
    while kept and sent < size:
        row = kept[number % len(kept)]
        if isinstance(row, dict):
            row = {
                name: _renumbered(value, number // len(kept))
                if name in {"campaign", "campaign_id", "telephone"}
                else value
                for name, value in row.items()
            }
        yield row
        number += 1
        # Names, quotes, colons and commas: what the encoder will make of it, near enough.
        sent += (
            sum(len(name) + len(str(value)) + 8 for name, value in row.items())
            if isinstance(row, dict)
            else 8
        )


def _renumbered(value: object, lap: int) -> str:
    leading, dash, rest = str(value).partition(" - ")
    step = 10 ** max(len(leading), len("12345"))
    return f"{int(leading) + lap * step}{dash}{rest}" if leading.isdecimal() else str(value)


def _blanks(size: float) -> Iterator[bytes]:
    yield b"["
    left = int(size) - 2
    while left > 0:
        yield _BLANKS[:left]
        left -= len(_BLANKS)
    yield b"]"


def _broken_utf8(text: bytes) -> bytes:
    at = text.rfind(b'"')
    return text[:at] + b"\xc3\x28\xff" + text[at:]
