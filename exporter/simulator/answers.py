"""The vendor's envelope around rows and refusals, and its bytes, made piece by piece."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from exporter.simulator.settings import OperationStyle

_PIECE = 32 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What the API says: rows, or a refusal when `rows` is None.

    found: the number of rows that `msg` tells. bare: a list without the envelope. done: no rows, and yet a
    success: something was changed.
    """

    status: int
    msg: str = ""
    rows: Iterable[object] | None = None
    found: int = 0
    bare: bool = False
    done: bool = False
    style: OperationStyle = field(default_factory=OperationStyle)

    def pieces(self) -> Iterator[bytes]:
        """Yield the JSON text in pieces of about 32 KiB; rows are asked for one by one."""
        if self.rows is None:
            text = json.dumps(self._head(), ensure_ascii=self.style.ascii_only)
            yield text.encode()
            return
        opening = "[" if self.bare else json.dumps(self._head())[:-1] + ', "data": ['
        closing = "]" if self.bare else "]}"
        yield from gathered(self._texts(opening, closing))

    def _texts(self, opening: str, closing: str) -> Iterator[bytes]:
        encode = json.JSONEncoder(ensure_ascii=self.style.ascii_only).encode
        yield opening.encode()
        comma = ""
        for row in self.rows or ():
            yield (comma + encode(row)).encode("utf-8", "surrogatepass")
            comma = ","
        yield closing.encode()

    def _head(self) -> Mapping[str, object]:
        succeeded = self.rows is not None or self.done
        code: object = str(self.status)
        if self.style.code == "int":
            code = self.status
        elif self.style.code == "empty" and succeeded:
            code = ""
        return {
            "code": code,
            "error": None if succeeded else HTTPStatus(self.status).phrase,
            "msg": self.msg if self.rows is None else f"{self.found} records were found",
        }


def gathered(texts: Iterable[bytes]) -> Iterator[bytes]:
    """Join small pieces to pieces of about 32 KiB."""
    waiting: list[bytes] = []
    size = 0
    for text in texts:
        waiting.append(text)
        size += len(text)
        if size >= _PIECE:
            yield b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)


def found(rows: list[dict[str, str | None]], style: OperationStyle, *, bare: bool = False) -> Answer:
    """Answer with rows; without any it is the vendor's 404."""
    if not rows:
        return nothing(style)
    return Answer(HTTPStatus.OK, rows=rows, found=len(rows), bare=bare, style=style)


def nothing(style: OperationStyle) -> Answer:
    """Answer "no data": HTTP 404 in the JSON envelope (seen by four independent clients)."""
    return Answer(HTTPStatus.NOT_FOUND, "No records were found", style=style)


_DEFAULT = OperationStyle()


def no_token() -> Answer:
    """Refuse a request without the header wolkvox-token."""
    return Answer(HTTPStatus.UNAUTHORIZED, "PLEASE ENTER THE WOLKVOX-TOKEN")


def bad_token(style: OperationStyle = _DEFAULT) -> Answer:
    """Refuse a token that opens nothing."""
    return Answer(HTTPStatus.FORBIDDEN, "PLEASE VALIDATE TOKEN", style=style)


def too_many_at_once(style: OperationStyle = _DEFAULT) -> Answer:
    """Refuse the third request of a token in flight."""
    return Answer(
        HTTPStatus.FORBIDDEN, "EXCEEDS THE LIMIT OF SIMULTANEOUS REQUESTS PER TOKEN (2)", style=style
    )


def quota_used_up(style: OperationStyle = _DEFAULT) -> Answer:
    """Refuse a call over licences x 1000 of the day."""
    return Answer(HTTPStatus.FORBIDDEN, "TOKEN LIMIT EXCEEDED", style=style)


def unknown_api(style: OperationStyle) -> Answer:
    """Refuse an api that does not exist."""
    return Answer(HTTPStatus.BAD_REQUEST, "THE API YOU WANT TO CONSULT DOES NOT EXIST", style=style)


def parameters_missing(style: OperationStyle) -> Answer:
    """Refuse a call without its parameters."""
    return Answer(HTTPStatus.BAD_REQUEST, "SOME PARAMETERS ARE REQUIRED", style=style)


def coded(customer_id: str, style: OperationStyle) -> Answer:
    """Tell that a customer was coded (page "Codificar registro desde aplicación externa")."""
    said = f"customer_id {customer_id} has been coded"
    return Answer(HTTPStatus.ACCEPTED, said, done=True, style=style)


def no_such_customer(customer_id: str, style: OperationStyle) -> Answer:
    """Refuse to code a customer that the campaign has not (the vendor's wording is not known)."""
    return Answer(HTTPStatus.NOT_FOUND, f"customer_id {customer_id} was not found", style=style)


def bad_range(style: OperationStyle) -> Answer:
    """Refuse a date range over 31 days, backwards or unreadable (the vendor's wording is not known)."""
    return Answer(HTTPStatus.BAD_REQUEST, "THE DATE RANGE CANNOT EXCEED 31 DAYS", style=style)
