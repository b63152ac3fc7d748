"""Reading an answer row by row while it arrives, without ever holding all of it.

An answer is a bare array of rows or an object with the rows under "data" (vendor's pages). An object there
instead of an array is one row, or several where all of its values are objects. The document is cut in three:
the text before the rows, the rows, the text after them::

    {"code": "200", "msg": "...", "data": [   {..},{..},{..}, ...   ], "error": null}
    '------------- prologue -------------'   '------ rows ------'  '--- epilogue ---'

Rows are decoded in batches and handed on. Prologue and epilogue put together, with an empty array where
the rows were, are the envelope.
"""

import json
import re
from collections.abc import Callable
from typing import Final

import msgspec

from exporter.evidence import CLIENTS, COLLECTION, PAGE, Evidence, Statement
from exporter.wolkvox.errors import Cause, RequestFailed

MAX_ENVELOPE_BYTES: Final = 2**20
"""Bytes before the rows, and after them; of a document without rows likewise."""
MAX_ROW_BYTES: Final = 2**20
"""Bytes of a single row (give or take a block)."""
BLOCK_BYTES: Final = 2**16
"""Bytes gathered before rows are looked for again."""

STATEMENTS: Final = (
    Statement(
        "Rows come under data or as a bare list, whatever the page of an API shows.",
        Evidence.SEEN,
        f"{CLIENTS} read both; {PAGE} of real_time campaigns shows a bare list",
    ),
    Statement(
        "Instead of a list there may be one object, which is one row.", Evidence.DOCUMENTED, COLLECTION
    ),
    Statement(
        "An object all of whose values are objects is several rows.",
        Evidence.ASSUMED,
        "what PHP makes of a list whose numbers have a gap",
    ),
)

_BOM = b"\xef\xbb\xbf"
_BLANKS = b" \t\n\r"
_QUOTE_BYTE, _COMMA_BYTE, _BRACKET_BYTE = b'",]'
_OPENING, _CLOSING = b"[{", b"]}"
# Braces tried from the end of a batch before the brackets are counted.
_MAX_TRIED_BRACES = 4

# A string at the end of the buffer may lack its closing quote: the group is empty then. The possessive
# quantifiers keep both patterns linear on hostile input.
_STRING = rb'"(?:[^"\\]++|\\.)*+("?)'
_KEY_OR_BRACKET = re.compile(_STRING + rb"|[\[\]{}]", re.DOTALL)
# A flat object is taken in one step: it is what nearly every row is.
_PIECE = re.compile(rb'\{(?:[^"{}\[\]]++|"(?:[^"\\]++|\\.)*+")*+\}|' + _STRING + rb"|[\[\]{},]", re.DOTALL)
_OPENS_ROWS = re.compile(rb"[ \t\n\r]*+:[ \t\n\r]*+\[")
_CUT_SHORT = re.compile(rb"[ \t\n\r]*+(?::[ \t\n\r]*+)?+\Z")
_AFTER_BRACE = re.compile(rb"[ \t\n\r]*+([,\]]?)")

Decode = Callable[[bytes], object]
"""Reads a JSON text; raises msgspec.DecodeError or UnicodeDecodeError."""

decode_rows: Decode = msgspec.json.Decoder().decode
"""Reads rows as JSON gives them."""


def decode_document(text: bytes) -> object:
    """Return one JSON document (RFC 8259) decoded, tolerantly.

    What a strict reader refuses though its meaning is plain is accepted: numbers out of range (as
    infinity), lone surrogates, bytes that are not UTF-8 (as U+FFFD), control characters in strings,
    NaN and Infinity. Raises ValueError when it is not JSON even so.
    """
    try:
        return decode_rows(text)
    except (msgspec.DecodeError, UnicodeDecodeError):
        pass
    except RecursionError:
        raise ValueError("nested too deeply") from None
    try:
        return json.loads(text.decode("utf-8", "replace"), strict=False, parse_int=_integer)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _integer(digits: str) -> int | float:
    try:
        return int(digits)
    except ValueError:  # more digits than Python converts: no count of anything
        return float("-inf" if digits.startswith("-") else "inf")


class RowSplitter:
    """Takes an answer in chunks of bytes and hands its rows to `sink` in lists, in order.

    Rows are JSON values of any kind: whether each is an object is for the reader to judge. `sink` is
    called while the chunks are fed and its exceptions pass through. `decode` reads an array of rows, and
    may make of them what the sink knows; it raises msgspec.DecodeError or UnicodeDecodeError when the text
    is no array. `block` is the number of bytes gathered before rows are looked for; it bounds the work per
    byte whatever the size of the chunks.

    After `finish`, `envelope` is the document with an empty array in place of the rows, and `rows` the
    number of rows handed on, None when the document has no list where rows belong.
    """

    def __init__(
        self, sink: Callable[[list[object]], None], *, decode: Decode = decode_rows, block: int = BLOCK_BYTES
    ) -> None:
        self.envelope: object = None
        self.rows: int | None = None
        self._sink = sink
        self._decode = decode
        self._block = block
        self._chunks: list[bytes] = []
        self._waiting = 0
        self._buffer = b""
        # Where counting brackets goes on, and how many are open there.
        self._at = 0
        self._depth = 0
        # Whether a row is larger than what has arrived, so that counting goes on instead of anew.
        self._scanning = False
        self._after_comma = False
        self._prologue = b""
        # No bound method, which would be a cycle: the rows would stay until Python searches for those.
        self._step: Callable[[RowSplitter], None] = RowSplitter._read_start

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes. Raises RequestFailed (decode, shape, too_large)."""
        self._chunks.append(chunk)
        self._waiting += len(chunk)
        if self._waiting >= self._block:
            self._advance()

    def finish(self) -> None:
        """Take the end of the answer. Raises RequestFailed (decode, shape, too_large)."""
        self._advance()
        if self._step is RowSplitter._read_rows:
            # The quick way may have stopped at the last object before values of another kind.
            self._cut_exactly()
            if self._step is RowSplitter._read_rows:
                raise RequestFailed(Cause.DECODE, "the answer ends in the middle of its rows")
        text = self._buffer if self.rows is None else self._prologue + b"[]" + self._buffer
        self._buffer = b""
        if not text.strip(_BLANKS):
            raise RequestFailed(Cause.DECODE, "the answer is empty")
        try:
            self.envelope = decode_document(text)
        except ValueError:
            raise RequestFailed(Cause.DECODE, "the answer is not JSON") from None
        if self.rows and isinstance(self.envelope, dict) and self.envelope.get("data") != []:
            raise RequestFailed(Cause.SHAPE, 'the answer has "data" twice')
        if self.rows is None and (rows := _rows_of(self.envelope)):
            self.rows = len(rows)
            self._sink(rows)

    def _advance(self) -> None:
        self._buffer += b"".join(self._chunks)
        self._chunks.clear()
        self._waiting = 0
        # A step that changes the state leaves the rest of the buffer to the next one.
        step = None
        while step is not self._step:
            step = self._step
            step(self)

    def _read_start(self) -> None:
        text = self._buffer
        if _BOM.startswith(text[: len(_BOM)]) and len(text) < len(_BOM):
            return
        start = text.removeprefix(_BOM).lstrip(_BLANKS)
        if not start:
            if len(text) > MAX_ENVELOPE_BYTES:
                raise RequestFailed(Cause.DECODE, "the answer is blank")
            return
        self._buffer = start
        if start.startswith(b"["):
            self._open_rows(0)
        elif start.startswith(b"{"):
            self._step = RowSplitter._read_prologue
        elif start.startswith(b"<"):
            raise RequestFailed(Cause.DECODE, "the answer is HTML or XML, not JSON")
        else:
            self._step = RowSplitter._read_rest

    def _read_prologue(self) -> None:
        text = self._buffer
        for match in _KEY_OR_BRACKET.finditer(text, self._at):
            first = text[match.start()]
            self._at = match.end()
            if first in _OPENING:
                self._depth += 1
            elif first in _CLOSING:
                self._depth -= 1
                if self._depth <= 0:  # the document is over and had no rows
                    self._step = RowSplitter._read_rest
                    return
            elif match[1] and not (self._depth == 1 and _is_data(match[0])):
                continue
            elif rows := _OPENS_ROWS.match(text, match.end()):
                self._open_rows(rows.end() - 1)
                return
            elif not match[1] or _CUT_SHORT.match(text, match.end()):
                self._at = match.start()  # what follows the string, or its rest, has not come yet
                break
        self._check_envelope()

    def _open_rows(self, bracket: int) -> None:
        self._prologue, self._buffer = self._buffer[:bracket], self._buffer[bracket + 1 :]
        self._at = self._depth = 0
        self.rows = 0
        self._step = RowSplitter._read_rows

    def _read_rows(self) -> None:
        if self._scanning or not self._cut_quickly():
            self._cut_exactly()
        if self._step is RowSplitter._read_rows and len(self._buffer) > MAX_ROW_BYTES + self._block:
            raise RequestFailed(Cause.TOO_LARGE, "a single row is larger than 1 MiB")

    def _read_rest(self) -> None:
        self._check_envelope()

    def _check_envelope(self) -> None:
        if len(self._buffer) > MAX_ENVELOPE_BYTES:
            raise RequestFailed(Cause.SHAPE, "the answer has more than 1 MiB besides its rows")

    def _cut_quickly(self) -> bool:
        """Return whether rows were handed on: those up to the last brace that seems to end one.

        Text that decodes as an array when put in brackets is a sequence of whole rows: the brace was
        neither in a string nor inside a row.
        """
        text = self._buffer
        end = len(text)
        for _ in range(_MAX_TRIED_BRACES):
            end = text.rfind(b"}", 0, end)
            if end < 0:
                return False
            after = _AFTER_BRACE.match(text, end + 1)
            if after and after[1]:
                try:
                    batch = self._decode(b"[" + text[: end + 1] + b"]")
                except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                    return False
                self._hand_on(batch, after.end() - 1)
                return True
        return False

    def _cut_exactly(self) -> bool:
        """Return whether rows were handed on: the whole ones in the buffer, found by counting brackets."""
        cut = self._scan()
        self._scanning = cut < 0
        if cut < 0:
            return False
        piece = self._buffer[:cut]
        batch: object = []
        if piece.strip(_BLANKS):
            try:
                batch = decode_document(b"[" + piece + b"]")
            except ValueError:
                raise RequestFailed(Cause.DECODE, "the rows are not JSON") from None
        elif self._after_comma or self._buffer[cut] == _COMMA_BYTE:
            raise RequestFailed(Cause.DECODE, "the rows are not JSON: one is missing")
        self._hand_on(batch, cut)
        return True

    def _scan(self) -> int:
        """Return where the rows end, else where the last comma between two of them is, else -1."""
        cut = -1
        for match in _PIECE.finditer(self._buffer, self._at):
            first = self._buffer[match.start()]
            if first == _QUOTE_BYTE and not match[1]:  # the rest of the string has not come yet
                self._at = match.start()
                break
            self._at = match.end()
            if first == _COMMA_BYTE and not self._depth:
                cut = match.start()
            elif first in _OPENING:
                self._depth += match.end() - match.start() == 1  # else it is a flat object, closed already
            elif first in _CLOSING:
                self._depth -= 1
                if self._depth < 0 and first == _BRACKET_BYTE:
                    return match.start()
                if self._depth < 0:
                    raise RequestFailed(Cause.DECODE, "the rows are not JSON: a bracket is closed twice")
        return cut

    def _hand_on(self, batch: object, cut: int) -> None:
        """Pass `batch` to the sink and drop the text up to the comma or bracket at `cut`."""
        mark = self._buffer[cut]
        self._buffer = self._buffer[cut + 1 :]
        self._at = self._depth = 0
        self._after_comma = mark == _COMMA_BYTE
        if mark == _BRACKET_BYTE:
            self._step = RowSplitter._read_rest
        if isinstance(batch, list) and batch:
            self.rows = (self.rows or 0) + len(batch)
            self._sink(batch)


def _rows_of(envelope: object) -> list[object]:
    """Return the rows of an envelope whose "data" is an object."""
    data = envelope.get("data") if isinstance(envelope, dict) else None
    if not isinstance(data, dict) or not data:
        return []
    return list(data.values()) if all(isinstance(value, dict) for value in data.values()) else [data]


def _is_data(token: bytes) -> bool:
    if b"\\" not in token:
        return token == b'"data"'
    try:
        return bool(decode_rows(token) == "data")
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
