"""What of a snapshot outlives the process, as bytes (MessagePack); pure.

Only figures about campaigns are in it, never telephones or customers, and no token. A record that cannot be
read, made by another version or damaged, is as good as none: the next poll replaces it.
"""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from exporter.api import Api
from exporter.clock import Moment
from exporter.families import CAMPAIGN_FAMILIES, Value
from exporter.snapshot.model import CampaignRow, Listing, TokenUse

_CLOCKS_DIFFER = 300.0
"""Seconds by which the clocks of replicas may differ."""


class RecordError(ValueError):
    """Bytes that are no record of this version."""


_Labelled = list[tuple[list[str], float]]
_Row = tuple[str, str, str, list[float | _Labelled | None]]
"""Campaign id, name, skill id and values."""


class _Listing(msgspec.Struct, array_like=True):
    """A listing whose rows are records of their own.

    Each is read and written by itself: in one step for all of them, no other thread could go on meanwhile.
    """

    columns: list[str]
    at: float
    valid_until: float | None
    rows: list[msgspec.Raw]


_encode = msgspec.msgpack.Encoder().encode
_decode_row = msgspec.msgpack.Decoder(_Row).decode


class Attempt(msgspec.Struct, array_like=True, frozen=True):
    """A call was about to be made: at Unix time `at`, and of machine codes when for which campaign."""

    at: float
    asked: dict[str, float] = {}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the last poll of an API ended; `attempt` and `success` in Unix time, `duration` in seconds."""

    attempt: float
    up: bool
    success: float | None
    duration: float | None
    rows: int | None
    bytes: int | None
    failure: str


def moment(wall: float, now: Moment) -> Moment:
    """Return the moment of a Unix time that another process noted; one in the future is taken for now."""
    age = max(now.wall - wall, 0.0)
    return Moment(now.wall - age, now.monotonic - age)


def known_moment(wall: float, now: Moment) -> Moment | None:
    """Return the moment of a Unix time that was noted; None when it lies too far ahead of this clock.

    Then one of the clocks was wrong, and how old it is cannot be told. Clocks of replicas differ a little.
    """
    return None if wall > now.wall + _CLOCKS_DIFFER else moment(wall, now)


def _true_moment(wall: float, now: Moment) -> Moment:
    known = known_moment(wall, now)
    if known is None:
        raise RecordError("from a time that is still to come: this clock was put back, or another is fast")
    return known


def encode_listing(api: Api, listing: Listing) -> bytes:
    """Return an answer as bytes."""
    return msgspec.msgpack.encode(_listing(api, listing))


def decode_listing(api: Api, data: bytes, now: Moment) -> Listing:
    """Return the answer; raises RecordError."""
    return _read_listing(api, _decode(data, _Listing), now)


def encode_machine_codes(listings: Mapping[str, Listing]) -> bytes:
    """Return the answers by campaign id as bytes."""
    return msgspec.msgpack.encode(
        {key: _listing(Api.MACHINE_CODES, listing) for key, listing in listings.items()}
    )


def decode_machine_codes(data: bytes, now: Moment) -> Mapping[str, Listing]:
    """Return the answers by campaign id; raises RecordError."""
    listings = _decode(data, dict[str, _Listing])
    return {key: _read_listing(Api.MACHINE_CODES, item, now) for key, item in listings.items()}


def encode_token_use(token_use: TokenUse) -> bytes:
    """Return the vendor's count of calls as bytes."""
    return msgspec.msgpack.encode((token_use.at.wall, token_use.limit, token_use.used))


def decode_token_use(data: bytes, now: Moment) -> TokenUse:
    """Return the vendor's count of calls; raises RecordError."""
    at, limit, used = _decode(data, tuple[float, float | None, float | None])
    return TokenUse(_true_moment(at, now), limit, used)


def encode(record: Attempt | Outcome) -> bytes:
    """Return an attempt or an outcome as bytes."""
    return msgspec.msgpack.encode(record)


def decode_attempt(data: bytes) -> Attempt:
    """Return the attempt; raises RecordError."""
    attempt: Attempt = _decode(data, Attempt)
    return attempt


def decode_outcome(data: bytes) -> Outcome:
    """Return the outcome; raises RecordError."""
    outcome: Outcome = _decode(data, Outcome)
    return outcome


def _decode(data: bytes, kind: Any) -> Any:  # noqa: ANN401 - as msgspec.msgpack.decode
    with _damage_told():
        return msgspec.msgpack.decode(data, type=kind)


@contextlib.contextmanager
def _damage_told() -> Iterator[None]:
    """Turn what msgspec raises into RecordError."""
    try:
        yield
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RecordError(str(error)) from None


def _columns(api: Api) -> list[str]:
    """Return what the values of a row mean, so that figures of another version are not taken for ours."""
    return [
        " ".join((family.name, column.field, *family.labels, *column.labels))
        for family in CAMPAIGN_FAMILIES
        for column in (*family.columns, family.fallback)
        if column is not None and column.api is api
    ]


def _listing(api: Api, listing: Listing) -> _Listing:
    rows = [msgspec.Raw(_row(row)) for row in listing.rows]
    return _Listing(_columns(api), listing.at.wall, listing.valid_until, rows)


def _row(row: CampaignRow) -> bytes:
    return _encode((row.campaign_id, row.name, row.skill_id, [_packed(value) for value in row.values]))


def _packed(value: Value | None) -> float | list[tuple[tuple[str, ...], float]] | None:
    # Nearly all are plain figures, and to ask for a Mapping takes ten times as long.
    return value if value is None or isinstance(value, float) else list(value.items())


def _read_listing(api: Api, listing: _Listing, now: Moment) -> Listing:
    columns = _columns(api)
    if listing.columns != columns:
        raise RecordError("made by another version")
    with _damage_told():
        rows = tuple(_read_row(raw, len(columns)) for raw in listing.rows)
    return Listing(_true_moment(listing.at, now), rows, listing.valid_until)


def _read_row(raw: msgspec.Raw, columns: int) -> CampaignRow:
    campaign_id, name, skill_id, values = _decode_row(raw)
    if len(values) != columns:
        raise RecordError("made by another version")
    return CampaignRow(campaign_id, name, skill_id, tuple(map(_unpacked, values)))


def _unpacked(value: float | _Labelled | None) -> Value | None:
    if isinstance(value, list):
        return {tuple(own): figure for own, figure in value}
    return value
