"""The vendor's envelope around rows and refusals, and its bytes, made piece by piece."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

from exporter.simulator.settings import OperationStyle

# The vendor's own words, from its pages.
NO_TOKEN = "PLEASE ENTER THE WOLKVOX-TOKEN"  # noqa: S105 - what is said without one
BAD_TOKEN = "PLEASE VALIDATE TOKEN"  # noqa: S105 - what is said of one
TOO_MANY_AT_ONCE = "EXCEEDS THE LIMIT OF SIMULTANEOUS REQUESTS PER TOKEN (2)"
QUOTA_USED_UP = "TOKEN LIMIT EXCEEDED"
UNKNOWN_API = "THE API YOU WANT TO CONSULT DOES NOT EXIST"
PARAMETERS_MISSING = "SOME PARAMETERS ARE REQUIRED"
NO_DATA = "Validate dates entered"
"""Seen in real answers, also where the dates are right: for a Sunday, or before anybody has worked."""

# Not the vendor's words, which are not known.
BAD_RANGE = "THE DATE RANGE CANNOT EXCEED 31 DAYS"

_PIECE_BYTES = 32 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What the API says: rows, or a refusal when `rows` is None.

    found: the number of rows that `msg` tells. bare: a list without the envelope. lone: `data`
    is the one row itself. done: a success without
    rows, because something was changed. indent: blanks before the lines of an envelope without rows, None for
    a single line.
    """

    status: int
    msg: str = ""
    rows: Iterable[object] | None = None
    found: int = 0
    bare: bool = False
    lone: bool = False
    done: bool = False
    indent: int | None = None
    style: OperationStyle = field(default_factory=OperationStyle)

    def pieces(self) -> Iterator[bytes]:
        """Yield the JSON text in pieces of about 32 KiB; rows are asked for one by one."""
        if self.rows is None:
            yield json.dumps(self._head(), ensure_ascii=self.style.ascii_only, indent=self.indent).encode()
            return
        opening, closing = ("", "") if self.lone else ("[", "]")
        if not self.bare:
            opening, closing = json.dumps(self._head())[:-1] + f', "data": {opening}', closing + "}"
        yield from _gathered(self._texts(self.rows, opening, closing))

    def _texts(self, rows: Iterable[object], opening: str, closing: str) -> Iterator[bytes]:
        encode = json.JSONEncoder(ensure_ascii=self.style.ascii_only).encode
        yield opening.encode()
        comma = ""
        for row in rows:
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


def found(rows: Sequence[object], style: OperationStyle, *, bare: bool = False, lone: bool = False) -> Answer:
    """Return an answer with rows; without any it is the vendor's 404."""
    if not rows:
        return nothing()
    return Answer(HTTPStatus.OK, rows=rows, found=len(rows), bare=bare, lone=lone, style=style)


def nothing() -> Answer:
    """Return "no data", byte for byte as it was seen: HTTP 404 in the JSON envelope."""
    return Answer(HTTPStatus.NOT_FOUND, NO_DATA, indent=4)


def _gathered(texts: Iterable[bytes]) -> Iterator[bytes]:
    waiting: list[bytes] = []
    size = 0
    for text in texts:
        waiting.append(text)
        size += len(text)
        if size >= _PIECE_BYTES:
            yield b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)
