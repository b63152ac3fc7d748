"""A capture as a file: a line of JSON about the whole, one for each exchange, and one that says how many.

It is for people to read, too: times stand as text, and the answers as the JSON that they are.
"""

import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from exporter.apis import BY_NAME
from exporter.capture.captured_config import config_of
from exporter.capture.json_text import printable
from exporter.capture.model import Capture, CaptureError, Exchange, Failure
from exporter.config import Config, ConfigError
from exporter.private_files import write_private
from exporter.settings.files import encoding_problem, read_file
from exporter.wolkvox import ALL_CAMPAIGNS, Cause

_T = TypeVar("_T")

CAPTURE_VERSION: Final = 1
_KEY = "wolkvox_capture"
_MAX_FILE_BYTES = 128 * 2**20
_STATUSES = range(100, 600)


class _HeaderLine(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    wolkvox_capture: int
    exporter: str
    at: str | None = None
    origin: str = ""
    changed_figures: int = 0
    config: dict[str, object]
    facts: dict[str, dict[str, object]]


class _FailureLine(msgspec.Struct, forbid_unknown_fields=True):
    cause: Cause
    detail: str
    hint: str = ""


class _ExchangeLine(msgspec.Struct, forbid_unknown_fields=True):
    operation: str
    api: str
    campaign: str | None
    at: str
    seconds: float
    status: int | None = None
    date: str | None = None
    tls: str = ""
    rows_left_out: int = 0
    cut: bool = False
    body: msgspec.Raw = msgspec.Raw()
    text: str | None = None
    failure: _FailureLine | None = None


class _EndLine(msgspec.Struct, forbid_unknown_fields=True):
    end: int


_read_any = msgspec.json.Decoder(dict[str, msgspec.Raw])
_read_header = msgspec.json.Decoder(_HeaderLine)
_read_exchange = msgspec.json.Decoder(_ExchangeLine)
_read_end = msgspec.json.Decoder(_EndLine)


def write_capture(file: Path, capture: Capture) -> None:
    """Write a capture to a new file that is for its user alone (mode 0600): all of it, or nothing.

    What stands in it is what the capture holds: `anonymised` comes first. Raises CaptureError; also when the
    file is there already.
    """
    try:
        write_private(file, "".join(printable(line.decode()) + "\n" for line in _lines(capture)).encode())
    except OSError as error:
        raise CaptureError(f"{file}: cannot be written: {error.strerror}") from None


def read_capture(file: Path) -> Capture:
    """Return the capture in a file.

    Raises CaptureError, which names file and line, unless all of it is there and of a version that is known.
    """
    return read_capture_and_config(file)[0]


def read_capture_and_config(file: Path) -> tuple[Capture, Config]:
    """Return the capture in a file, and its configuration; raises as `read_capture`."""
    lines = _content(file).removesuffix(b"\n").split(b"\n")
    header = _header(file, lines[0])
    capture = Capture(
        header.config,
        header.facts,
        tuple(_exchanges(file, lines)),
        header.origin,
        header.changed_figures,
        header.exporter,
    )
    try:
        config = config_of(capture)
    except ConfigError as error:
        raise CaptureError(f"{file}: line 1: config: {error.problems[0]}") from None
    names = {operation.name for operation in config.operations}
    for number, one in enumerate(capture.exchanges, 2):
        if one.operation not in names:
            raise CaptureError(f"{file}: line {number}: {one.operation!r} is no operation of its config")
    if unknown := sorted(capture.facts.keys() - names):
        raise CaptureError(f"{file}: line 1: facts: {unknown[0]!r} is no operation of its config")
    return capture, config


def _content(file: Path) -> bytes:
    try:
        content = read_file(file, _MAX_FILE_BYTES + 1)
    except OSError as error:
        raise CaptureError(f"{file}: cannot be read: {error.strerror}") from None
    if len(content) > _MAX_FILE_BYTES:
        raise CaptureError(f"{file}: is larger than {_MAX_FILE_BYTES // 2**20} MiB")
    if not content.strip():
        raise CaptureError(f"{file}: is empty")
    if problem := encoding_problem(content[:4096]):
        raise CaptureError(f"{file}: {problem}")
    try:
        content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise CaptureError(f"{file}: line {line} is not UTF-8: the file is damaged") from None
    return content


def _header(file: Path, line: bytes) -> _HeaderLine:
    """Return the first line, and say of a file of another kind or version that it is one."""
    try:
        version = _read_any.decode(line).get(_KEY)
    except (msgspec.DecodeError, RecursionError):
        version = None
    if version is None:
        raise CaptureError(f"{file}: line 1: is not the beginning of a capture, which has the key {_KEY}")
    number = bytes(version)
    if number.isdigit() and int(number[:9]) > CAPTURE_VERSION:
        raise CaptureError(f"{file}: was written by a newer version of wolkvox-exporter: update it")
    if number != b"%d" % CAPTURE_VERSION:
        raise CaptureError(f"{file}: line 1: {_KEY} must be {CAPTURE_VERSION}")
    return _decoded(file, 1, _read_header, line)


def _exchanges(file: Path, lines: list[bytes]) -> Iterator[Exchange]:
    """Yield the exchanges of the lines below the first; the last line must tell how many there are."""
    for number, line in enumerate(lines[1:], 2):
        if b'"end"' in line[:16]:
            end = _decoded(file, number, _read_end, line).end
            if end != number - 2:
                raise CaptureError(
                    f"{file}: line {number}: {end} answers are expected above, not {number - 2}"
                )
            if number < len(lines):
                raise CaptureError(f"{file}: line {number + 1}: nothing is expected after the end")
            return
        if number == len(lines) and not _whole(line):
            break
        yield _exchange(file, number, _decoded(file, number, _read_exchange, line))
    raise CaptureError(
        f"{file}: is cut off after line {len(lines)}: the last line, with the key end, is missing"
    )


def _whole(line: bytes) -> bool:
    try:
        _read_any.decode(line)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def _decoded(file: Path, number: int, decoder: msgspec.json.Decoder[_T], line: bytes) -> _T:
    try:
        return decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        what = str(error)
    except RecursionError:
        what = "nested too deeply"
    raise CaptureError(f"{file}: line {number}: {what}")


def _exchange(file: Path, number: int, line: _ExchangeLine) -> Exchange:
    if problem := _problem(line):
        raise CaptureError(f"{file}: line {number}: {problem}")
    try:
        at = _time(line.at)
        date = None if line.date is None else _time(line.date)
    except ValueError:
        raise CaptureError(
            f"{file}: line {number}: a time such as 2026-08-12T08:02:08+00:00 is expected"
        ) from None
    failure = line.failure
    return Exchange(
        operation=line.operation,
        api=line.api,
        campaign_id="" if line.campaign in {None, ALL_CAMPAIGNS} else line.campaign or "",
        at=at,
        seconds=line.seconds,
        status=line.status,
        date=date,
        tls=line.tls,
        body=bytes(line.body) if line.text is None else line.text.encode(),
        failure=Failure(failure.cause, failure.detail, failure.hint) if failure else None,
        rows_left_out=line.rows_left_out,
        cut=line.cut,
    )


def _problem(line: _ExchangeLine) -> str:
    """Return what is wrong with a line that has the right shape, "" if nothing is."""
    api = BY_NAME.get(line.api)
    has_body = bool(bytes(line.body))
    problems = {
        f"unknown API {line.api!r}: {', '.join(BY_NAME)} are known": api is None,
        f"{line.api} is asked by campaign: an id or {ALL_CAMPAIGNS} is expected": (
            api is not None and api.by_campaign and not line.campaign
        ),
        f"{line.api} is not asked by campaign: campaign must be null": (
            api is not None and not api.by_campaign and line.campaign is not None
        ),
        "a status or a failure is expected": line.status is None and line.failure is None,
        "a body does not go with failure": line.failure is not None and (has_body or line.text is not None),
        "exactly one of body and text is expected": (
            line.failure is None and has_body == (line.text is not None)
        ),
        f"status must be from {_STATUSES.start} to {_STATUSES.stop - 1}": (
            line.status is not None and line.status not in _STATUSES
        ),
        "seconds must be 0 or more": not 0 <= line.seconds < math.inf,
        "rows_left_out must be 0 or more": line.rows_left_out < 0,
    }
    return next((problem for problem, found in problems.items() if found), "")


def _lines(capture: Capture) -> Iterator[bytes]:
    """Yield the lines of a file, without their ends."""
    first = min((one.at for one in capture.exchanges), default=None)
    header = _HeaderLine(
        wolkvox_capture=CAPTURE_VERSION,
        exporter=capture.exporter,
        at=None if first is None else _text(first),
        origin=capture.origin,
        changed_figures=capture.changed_figures,
        config=dict(capture.config),
        facts={name: dict(facts) for name, facts in capture.facts.items()},
    )
    yield msgspec.json.encode(header)
    for one in capture.exchanges:
        yield msgspec.json.encode(_line(one))
    yield msgspec.json.encode(_EndLine(len(capture.exchanges)))


def _line(one: Exchange) -> Mapping[str, object]:
    by_campaign = BY_NAME[one.api].by_campaign
    line: dict[str, object] = {
        "operation": one.operation,
        "api": one.api,
        "campaign": (one.campaign_id or ALL_CAMPAIGNS) if by_campaign else None,
        "at": _text(one.at),
        "seconds": one.seconds,
    }
    if one.status is not None:
        line |= {"status": one.status, "date": None if one.date is None else _text(one.date), "tls": one.tls}
    if one.failure is not None:
        failure = one.failure
        return line | {"failure": {"cause": failure.cause, "detail": failure.detail, "hint": failure.hint}}
    line |= {"rows_left_out": one.rows_left_out} if one.rows_left_out else {}
    line |= {"cut": True} if one.cut else {}
    try:
        msgspec.json.decode(one.body)
        return line | {"body": msgspec.Raw(_on_one_line(one.body))}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return line | {"text": one.body.decode("utf-8", "replace")}


def _on_one_line(body: bytes) -> bytes:
    return msgspec.json.format(body, indent=-1) if b"\n" in body or b"\r" in body else body


def _text(at: float) -> str:
    """Return a Unix time as text, to the millisecond."""
    return datetime.fromtimestamp(round(at, 3), UTC).isoformat(timespec="milliseconds")


def _time(text: str) -> float:
    """Return the Unix time of a text; raises ValueError where it is none, or has no zone."""
    when = datetime.fromisoformat(text)
    if when.tzinfo is None:
        raise ValueError(text)
    return round(when.timestamp(), 3)
