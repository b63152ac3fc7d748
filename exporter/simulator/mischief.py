"""How each kind of fault is acted out: first on the rows, then on the message, then on the wire."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from http import HTTPStatus
from itertools import chain

from exporter.simulator import answers
from exporter.simulator.answers import Answer
from exporter.simulator.faults import ActiveFault, Fault
from exporter.simulator.settings import OperationStyle
from exporter.simulator.wire import JSON, Connection, Hangup, Message

_MB = 1_000_000
_BLANKS = b" " * 65_536
_PAGE = "<!DOCTYPE html><html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"
_HTML = "text/html; charset=utf-8"
_NAMES = {"campaign", "campaign_id", "campaign_name", "telephone", "description"}
_GARBAGE = ("12..5", "n/d", "NaN", "1,23,4", "∞", ["1"], {"a": "1"}, True, "<b>7</b>", "-0x1F")
_REDIRECTS = range(301, 309)

_Change = Callable[[Message, Fault], Message]


def distort(answer: Answer, fault: Fault, style: OperationStyle) -> Answer:
    """Return the answer with the fault's rows or refusal in place of its own."""
    if fault.kind == "maintenance":
        return Answer(HTTPStatus.FORBIDDEN, fault.msg, style=style)
    if refuse := _REFUSALS.get(fault.kind):
        return refuse(style)
    if fault.kind == "rows":
        return replace(answer, status=HTTPStatus.OK, rows=fault.rows, found=len(fault.rows))
    if fault.kind == "garbage_values" and answer.rows is not None:
        return replace(answer, rows=_garbage(answer.rows))
    if fault.kind == "huge" and answer.rows is not None:
        return replace(answer, rows=_repeated(answer.rows, fault.megabytes * _MB))
    return answer


def message(answer: Answer, fault: Fault, *, gzip: int) -> Message:
    """Return the HTTP message of the answer with what the fault does to it."""
    plain = Message(answer.status, answer.pieces(), gzip=gzip)
    change = _CHANGES.get(fault.kind)
    return change(plain, fault) if change else plain


def deliver(
    connection: Connection, message: Message, active: ActiveFault | None, over: Callable[[], None]
) -> None:
    """Send the message as the fault has it. Raises Hangup when the connection ends by it."""
    seconds = active.fault.seconds if active else 0.0
    match active.fault.kind if active else None:
        case "hang" if active:
            connection.wait_for(active.released)
            over()
            raise Hangup
        case "reset":
            over()
            connection.reset()
            raise Hangup
        case "close_early":
            body = b"".join(message.chunks())
            connection.send(message.head())
            over()
            connection.send(body[: len(body) // 2])
            raise Hangup
        case "drip_header":
            connection.drip(message.head(), seconds)
            body = b"".join(message.chunks())
            over()
            connection.send(body)
        case "drip_body":
            connection.send(message.head())
            body = b"".join(message.chunks())
            connection.drip(body[:-1], seconds)
            over()
            connection.send(body[-1:])
        case "slow":
            connection.sleep(seconds)
            connection.write(message, over)
        case _:
            connection.write(message, over)


def json_message(status: int, pieces: Iterable[bytes]) -> Message:
    """Return an uncompressed JSON message, for the admin interface."""
    return Message(status, pieces, JSON)


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


def _http_status(_: Message, fault: Fault) -> Message:
    body = _PAGE.format(fault.status) if fault.body is None else fault.body
    return Message(fault.status, (body.encode(),), fault.content_type)


def _html(_: Message, fault: Fault) -> Message:
    return Message(HTTPStatus.OK, ((fault.body or _PAGE.format("Login")).encode(),), _HTML)


def _redirect(_: Message, fault: Fault) -> Message:
    status = fault.status if fault.status in _REDIRECTS else HTTPStatus.FOUND
    return Message(status, (), _HTML, headers={"Location": fault.location})


def _with_text(default: str) -> _Change:
    def change(plain: Message, fault: Fault) -> Message:
        return replace(plain, status=HTTPStatus.OK, pieces=((fault.body or default).encode(),))

    return change


def _truncated(plain: Message, _: Fault) -> Message:
    whole = b"".join(plain.pieces)
    return replace(plain, pieces=(whole[: len(whole) // 2],))


def _invalid_utf8(plain: Message, _: Fault) -> Message:
    return replace(plain, pieces=(_broken_utf8(b"".join(plain.pieces)),))


def _bom(plain: Message, _: Fault) -> Message:
    return replace(plain, pieces=chain((b"\xef\xbb\xbf",), plain.pieces))


def _gzip_bomb(plain: Message, fault: Fault) -> Message:
    return replace(plain, status=HTTPStatus.OK, pieces=_blanks(fault.megabytes * _MB), gzip=9)


_REFUSALS: dict[str, Callable[[OperationStyle], Answer]] = {
    "bad_token": answers.bad_token,
    "quota": answers.quota_used_up,
    "concurrency": answers.too_many_at_once,
    "empty": answers.nothing,
}

_CHANGES: dict[str, _Change] = {
    "http_status": _http_status,
    "html_200": _html,
    "not_json": _with_text("<br />\n<b>Warning</b>: Undefined variable in report on line 7<br />\n[{]"),
    "wrong_shape": _with_text('{"data": {"a": 1}}'),
    "redirect": _redirect,
    "truncated_json": _truncated,
    "invalid_utf8": _invalid_utf8,
    "bom": _bom,
    "gzip_bomb": _gzip_bomb,
}
