"""Reads what wolkvox answers, and what else happens, from a file of JSON lines: the input of `replay.py`."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from exporter.apis import BY_NAME
from exporter.capture import Capture, CaptureError, Exchange, read_capture
from exporter.config import Operation
from exporter.snapshot.memories import MAX_TIME_SECONDS
from exporter.wolkvox import Cause

_STATUSES = range(200, 600)
_FAULTS: Mapping[Cause, Literal["timeout", "connection", "tls"]] = {
    Cause.TIMEOUT: "timeout",
    Cause.CONNECTION: "connection",
    Cause.TLS: "tls",
}
_CAPTURE_MARK = b'{"wolkvox_capture"'


class AnswersError(Exception):
    """The file of answers cannot be used; the message names the file and the line."""


class Line(msgspec.Struct, forbid_unknown_fields=True):
    """One line, `at` in Unix seconds: an answer or a fault of an API, or a word about process or scrapes."""

    at: float
    operation: str | None = None
    api: str | None = None
    campaign: str | int | None = None
    status: int | None = None
    seconds: float | None = None
    body: msgspec.Raw = msgspec.Raw()
    fault: Literal["timeout", "connection", "tls"] | None = None
    process: Literal["stop", "kill", "start"] | None = None
    scrape: Literal["fails", "works"] | None = None

    @property
    def has_body(self) -> bool:
        """Whether there is a body, be it null."""
        return bool(bytes(self.body))

    @property
    def campaign_id(self) -> str:
        """The id of the campaign, "" for all."""
        return "" if self.campaign is None else str(self.campaign)

    @property
    def body_bytes(self) -> bytes:
        """The body as wolkvox sends it: JSON as it stands in the line, or the text of a JSON string."""
        raw = bytes(self.body)
        return msgspec.json.decode(raw, type=str).encode() if raw.startswith(b'"') else raw


_decoder = msgspec.json.Decoder(Line)


def lines_of(capture: Capture) -> list[Line]:
    """Return the answers of a capture as lines, in the order of their times."""
    return [_line_of(one) for one in sorted(capture.exchanges, key=lambda one: one.at)]


def _line_of(exchange: Exchange) -> Line:
    failure = exchange.failure
    fault = None if failure is None else _FAULTS.get(failure.cause)
    line = Line(
        at=exchange.at,
        operation=exchange.operation,
        api=exchange.api,
        campaign=exchange.campaign_id or ("all" if BY_NAME[exchange.api].by_campaign else None),
        seconds=exchange.seconds,
    )
    if fault is not None:
        line.fault = fault
        return line
    line.status = exchange.status
    # A body that is a string is the text itself.
    line.body = msgspec.Raw(msgspec.json.encode(exchange.body.decode("utf-8", "replace")))
    return line


class RecordedAnswers:
    """The lines of a file, checked as a whole before the first is used; `lines` reads them anew.

    The file may be a capture: its answers are the lines then.

    `first` and `last` are the times of the first and the last line in Unix seconds, `answered` the operations
    with the APIs that any line answers, `begins` what the first word about the process is, "" without one.
    Raises AnswersError.
    """

    def __init__(self, file: Path, operations: Sequence[Operation]) -> None:
        self._file = file
        self._names = frozenset(operation.name for operation in operations)
        self.first = self.last = math.nan
        self.begins = ""
        self.answered: set[tuple[str, str]] = set()
        for number, line in self._numbered():
            if problem := self._problem(line):
                raise AnswersError(f"{file}:{number}: {problem}")
            if math.isnan(self.first):
                self.first = line.at
            self.last = line.at
            self.begins = self.begins or line.process or ""
            if line.operation is not None and line.api is not None:
                self.answered.add((line.operation, line.api))
        if math.isnan(self.first):
            raise AnswersError(f"{file}: has no line")

    def lines(self) -> Iterator[Line]:
        """Yield the lines, in the order of their times."""
        return (line for _, line in self._numbered())

    def _numbered(self) -> Iterator[tuple[int, Line]]:
        try:
            with self._file.open("rb") as opened:
                if opened.read(len(_CAPTURE_MARK)) == _CAPTURE_MARK:
                    yield from enumerate(lines_of(read_capture(self._file)), 2)
                    return
                opened.seek(0)
                for number, text in enumerate(opened, 1):
                    if text.strip():
                        yield number, self._decoded(number, text)
        except OSError as error:
            raise AnswersError(f"{self._file}: cannot be read: {error.strerror}") from None
        except CaptureError as error:
            raise AnswersError(str(error)) from None

    def _decoded(self, number: int, text: bytes) -> Line:
        try:
            return _decoder.decode(text)
        except ValueError as error:
            raise AnswersError(f"{self._file}:{number}: {error}") from None

    def _problem(self, line: Line) -> str:
        """Return what is wrong with a line that follows those before, "" if nothing is."""
        if not 0 <= line.at < MAX_TIME_SECONDS:
            return "at is not Unix time in seconds"
        if line.at < self.last:
            return f"at is before that of the line before, {self.last:.15g}: lines stand in the order of time"
        kinds = {"api": line.api, "process": line.process, "scrape": line.scrape}
        given = [name for name, value in kinds.items() if value is not None]
        if len(given) != 1:
            return "exactly one of api, process and scrape is expected"
        if line.api is not None:
            return _problem_of_answer(line, self._names)
        words = ("operation", "campaign", "status", "seconds", "fault")
        beside = [name for name in words if getattr(line, name) is not None]
        beside += ["body"] if line.has_body else []
        return f"{given[0]} does not go with {beside[0]}" if beside else ""


def _problem_of_answer(line: Line, operations: frozenset[str]) -> str:
    """Return what is wrong with a line that names an API, "" if nothing is."""
    api = BY_NAME.get(line.api or "")
    problems = {
        f"operation is missing: {_listed(operations)} is configured": line.operation is None,
        f"unknown operation {line.operation!r}: {_listed(operations)} is configured": (
            line.operation not in operations
        ),
        f"unknown API {line.api!r}: {_listed(BY_NAME)} are known": api is None,
        f"{line.api} is not asked by campaign: campaign must be null": (
            line.campaign is not None and api is not None and not api.by_campaign
        ),
        "seconds must be 0 or more": line.seconds is not None and line.seconds < 0,
        "fault does not go with status and body": (
            line.fault is not None and (line.has_body or line.status is not None)
        ),
        "a body, a status or a fault is expected": (
            line.fault is None and line.status is None and not line.has_body
        ),
        f"status must be from {_STATUSES.start} to {_STATUSES.stop - 1}": (
            line.status is not None and line.status not in _STATUSES
        ),
    }
    return next((problem for problem, found in problems.items() if found), "")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
