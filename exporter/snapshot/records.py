"""What of a snapshot outlives the process, as bytes (MessagePack); pure.

Only figures about campaigns are in it, never telephones or customers, and no token. A record that cannot be
read, because another version wrote it or because it is damaged, counts as none: the next poll replaces it. So
what was read is what this process could have written: figures are finite, times lie before the year 2100, and
each row has the labels and the kinds of values of its API.
"""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from exporter.clock import MAX_CLOCK_SKEW_SECONDS, Moment
from exporter.families import Value
from exporter.snapshot.memories import Finite, OperationMemory, Seconds
from exporter.snapshot.model import Answers, Listing, QuotaReading, Row, TokenUse


class RecordError(ValueError):
    """Bytes that are not a record of this version."""


_Calls = Annotated[float, Meta(ge=0.0, le=1e9)]
"""Of a day: licences x 1000."""
_Number = Annotated[int, Meta(ge=0)]

_Licences = Annotated[int, Meta(ge=1, le=1_000_000)]

_Labelled = list[tuple[list[str], Finite]]
_Row = tuple[tuple[str, ...], list[Finite | _Labelled | None]]
"""Labels and values."""


@dataclass(frozen=True, slots=True)
class RowShape:
    """What the rows of one API are like.

    `columns` name what each value means; `labels` is the number of labels of a row, and `value_labels` that
    of each column's figures, 0 where the value is one figure. An answer `by_campaign` is one row about that
    campaign, and without labels one row about the operation.
    """

    columns: tuple[str, ...]
    labels: int
    value_labels: tuple[int, ...]
    by_campaign: bool


class _Listing(msgspec.Struct, array_like=True):
    """A listing whose rows are records of their own.

    Each is read and written by itself: one step for all of them would hold up the other threads. `columns`
    say what the values mean, so that figures of another version are not mistaken for ours.
    """

    columns: list[str]
    at: Seconds
    valid_until: Seconds | None
    rows: list[msgspec.Raw]


_encode = msgspec.msgpack.Encoder().encode
_decode_row = msgspec.msgpack.Decoder(_Row).decode


class Attempt(msgspec.Struct, array_like=True, frozen=True):
    """A call that was about to be made at Unix time `at`; `asked` says when each campaign was asked for."""

    at: Seconds
    asked: dict[str, Seconds] = {}


@dataclass(frozen=True, slots=True)
class PollOutcome:
    """How the last poll of an API ended; `attempt` and `success` in Unix time, `duration` in seconds."""

    attempt: Seconds
    up: bool
    success: Seconds | None
    duration: Seconds | None
    rows: _Number | None
    bytes: _Number | None
    failure: str


def moment(wall: float, now: Moment) -> Moment:
    """Return the moment of a Unix time that another process noted; of one in the future, `now`."""
    age = max(now.wall - wall, 0.0)
    return Moment(now.wall - age, now.monotonic - age)


def known_moment(wall: float, now: Moment) -> Moment | None:
    """Return the moment of a Unix time that was noted; None when it lies too far ahead of this clock.

    Then one of the clocks was wrong, and its age cannot be known. Clocks of replicas differ a little.
    """
    return None if wall > now.wall + MAX_CLOCK_SKEW_SECONDS else moment(wall, now)


def _true_moment(wall: float, now: Moment) -> Moment:
    known = known_moment(wall, now)
    if known is None:
        raise RecordError("from the future: this clock was set back, or another one is ahead")
    return known


def encode_answers(shape: RowShape, answers: Answers) -> bytes:
    """Return the answers of one API as bytes."""
    return msgspec.msgpack.encode({key: _listing(shape.columns, answer) for key, answer in answers.items()})


def decode_answers(shape: RowShape, data: bytes, now: Moment) -> Answers:
    """Return the answers of one API; raises RecordError.

    One from the future, whose age cannot be known, is left out of those of several campaigns.
    """
    listings = _decode(data, dict[str, _Listing])
    known = {key: item for key, item in listings.items() if known_moment(item.at, now) is not None}
    answers = {key: _read_listing(shape, item, now) for key, item in (known or listings).items()}
    whole = all(_is_whole(shape, key, listing.rows) for key, listing in answers.items())
    if not whole or not (answers or shape.by_campaign):
        raise RecordError("an answer about something else")
    return answers


def _is_whole(shape: RowShape, key: str, rows: Sequence[Row]) -> bool:
    """Return whether rows are an answer about a campaign `key`, or about everything where it is ""."""
    if shape.by_campaign:
        return [row.labels[0] for row in rows] == [key]
    return key == "" and (shape.labels > 0 or len(rows) == 1)


def encode_quota_reading(reading: QuotaReading) -> bytes:
    """Return what the vendor last told of the day's calls as bytes."""
    told = reading.told
    return msgspec.msgpack.encode(
        (told.at.wall, told.limit, told.used, reading.day, reading.own_count, reading.counts)
    )


def decode_quota_reading(data: bytes, now: Moment) -> QuotaReading:
    """Return what the vendor last told of the day's calls; raises RecordError."""
    kind = tuple[Seconds, _Calls | None, _Calls | None, str, _Number, bool]
    at, limit, used, day, own_count, counts = _decode(data, kind)
    return QuotaReading(TokenUse(_true_moment(at, now), limit, used), day, own_count, counts)


def encode_licences(licences: int) -> bytes:
    """Return the licences that the vendor tells as bytes."""
    return msgspec.msgpack.encode(licences)


def decode_licences(data: bytes) -> int:
    """Return the licences that the vendor told; raises RecordError."""
    licences: int = _decode(data, _Licences)
    return licences


def encode(record: Attempt | PollOutcome) -> bytes:
    """Return an attempt or an outcome as bytes."""
    return msgspec.msgpack.encode(record)


def decode_attempt(data: bytes) -> Attempt:
    """Return the attempt; raises RecordError."""
    attempt: Attempt = _decode(data, Attempt)
    return attempt


def decode_outcome(data: bytes) -> PollOutcome:
    """Return the outcome; raises RecordError."""
    outcome: PollOutcome = _decode(data, PollOutcome)
    return outcome


def encode_memory(memory: OperationMemory) -> bytes:
    """Return what is remembered of an operation as bytes."""
    return msgspec.msgpack.encode(memory)


def decode_memory(data: bytes) -> OperationMemory:
    """Return what is remembered of an operation; raises RecordError."""
    memory: OperationMemory = _decode(data, OperationMemory)
    return memory


def _decode(data: bytes, kind: Any) -> Any:  # noqa: ANN401 - as msgspec.msgpack.decode
    with _as_record_errors():
        return msgspec.msgpack.decode(data, type=kind)


@contextlib.contextmanager
def _as_record_errors() -> Iterator[None]:
    """Turn what msgspec raises into RecordError."""
    try:
        yield
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RecordError(str(error)) from None


def _listing(columns: Sequence[str], listing: Listing) -> _Listing:
    rows = [msgspec.Raw(_row(row)) for row in listing.rows]
    return _Listing(list(columns), listing.at.wall, listing.valid_until, rows)


def _row(row: Row) -> bytes:
    return _encode((row.labels, [_packed(value) for value in row.values]))


def _packed(value: Value | None) -> float | list[tuple[tuple[str, ...], float]] | None:
    # Nearly all are plain figures, and to ask for a Mapping takes ten times as long.
    return value if value is None or isinstance(value, float) else list(value.items())


def _read_listing(shape: RowShape, listing: _Listing, now: Moment) -> Listing:
    if listing.columns != list(shape.columns):
        raise RecordError("written by another version of the exporter")
    with _as_record_errors():
        rows = tuple(_read_row(raw, shape) for raw in listing.rows)
    if len({row.labels for row in rows}) < len(rows):
        raise RecordError("two rows about the same thing")
    return Listing(_true_moment(listing.at, now), rows, listing.valid_until)


def _read_row(raw: msgspec.Raw, shape: RowShape) -> Row:
    labels, values = _decode_row(raw)
    if len(values) != len(shape.columns) or len(labels) != shape.labels:
        raise RecordError("written by another version of the exporter")
    return Row(labels, tuple(map(_unpacked, values, shape.value_labels)))


def _unpacked(value: float | _Labelled | None, labels: int) -> Value | None:
    if value is None:
        return None
    if isinstance(value, list) != bool(labels):
        raise RecordError("a value of another kind")
    if not isinstance(value, list):
        return value
    if any(len(texts) != labels for texts, _ in value):
        raise RecordError("a value with other labels")
    return {tuple(texts): figure for texts, figure in value}
