"""What a poll does to a snapshot: pure functions from the old snapshot to the new one."""

from collections.abc import Mapping
from dataclasses import replace

from exporter.api import Api
from exporter.clock import Moment
from exporter.config import Operation
from exporter.snapshot import Listing, OperationSnapshot, PollRecord, PollStatus, Tally, TokenUse, Usage
from exporter.snapshot.machine_codes import MACHINE_CODE_FIELDS
from exporter.snapshot.model import POLLS_KEPT
from exporter.snapshot.reading import known_fields
from exporter.snapshot.records import Outcome, known_moment, moment
from exporter.snapshot.token_use import TOKEN_INFO_FIELDS
from exporter.wolkvox import Cause

SKIP_REASONS = ("quota", "overlap", "lease")
DISCARD_REASONS = ("duplicate", "shape", "limit")

_SAME_ATTEMPT = 0.001
"""Seconds between two Unix times that are the same but for their rounding."""


def _fields(api: Api) -> tuple[str, ...]:
    if api is Api.TOKEN_INFO:
        return TOKEN_INFO_FIELDS
    return MACHINE_CODE_FIELDS if api is Api.MACHINE_CODES else known_fields(api)


def first_snapshot(operation: Operation) -> OperationSnapshot:
    """Return the snapshot before the first poll: nothing known, every counter at 0."""
    polls = {
        api: PollStatus(
            interval=operation.apis[api].interval,
            failures=dict.fromkeys(Cause, 0),
            skipped=dict.fromkeys(SKIP_REASONS, 0),
            field_errors=dict.fromkeys(_fields(api), 0),
            discarded=dict.fromkeys(DISCARD_REASONS, 0),
        )
        for api in operation.enabled()
    }
    return OperationSnapshot(operation.name, polls)


def carried(snapshot: OperationSnapshot, before: OperationSnapshot) -> OperationSnapshot:
    """The operation's settings changed: what its polls counted and how the last ones went stays known.

    `snapshot` holds what was in the store, where another process may have put newer news meanwhile.
    """
    polls = {
        api: _carried(status, before.polls[api]) if api in before.polls else status
        for api, status in snapshot.polls.items()
    }
    return replace(snapshot, polls=polls)


def _carried(status: PollStatus, before: PollStatus) -> PollStatus:
    if not _later(status.last_attempt, before.last_attempt):
        return replace(before, interval=status.interval)
    known = before.history[-1].at if before.history else None
    new = [poll for poll in status.history if _later(poll.at, known)]
    return replace(
        status,
        requests=before.requests,
        failures=before.failures,
        skipped=before.skipped,
        field_errors=before.field_errors,
        discarded=before.discarded,
        history=(*before.history, *new)[-POLLS_KEPT:],
    )


def _later(one: Moment | None, other: Moment | None) -> bool:
    return one is not None and (other is None or one.wall > other.wall + _SAME_ATTEMPT)


def _with_poll(snapshot: OperationSnapshot, api: Api, status: PollStatus) -> OperationSnapshot:
    return replace(snapshot, polls={**snapshot.polls, api: status})


def attempted(snapshot: OperationSnapshot, api: Api, at: Moment) -> OperationSnapshot:
    """A request is about to be sent."""
    status = snapshot.polls[api]
    return _with_poll(snapshot, api, replace(status, last_attempt=at, requests=status.requests + 1))


def skipped(snapshot: OperationSnapshot, api: Api, reason: str, count: int) -> OperationSnapshot:
    """Polls were left out."""
    return _with_poll(snapshot, api, snapshot.polls[api].counted(skipped={reason: count}))


def failed(  # noqa: PLR0913 - the pieces of one failure, all named at the call
    snapshot: OperationSnapshot,
    api: Api,
    *,
    cause: Cause,
    detail: str,
    at: Moment,
    duration: float,
    http_status: int | None,
    discarded: Tally,
) -> OperationSnapshot:
    """A poll failed: the last good answer stays, to age. `at` is when it was begun."""
    status = snapshot.polls[api].counted(failures={cause: 1}, discarded=discarded)
    status = status.recorded(
        PollRecord(at, up=False, duration=duration, http_status=http_status, cause=cause.value)
    )
    return _with_poll(
        snapshot,
        api,
        replace(status, up=False, duration=duration, last_failure=cause.value, last_failure_detail=detail),
    )


def succeeded(  # noqa: PLR0913 - the pieces of one good answer, all named at the call
    snapshot: OperationSnapshot,
    api: Api,
    *,
    at: Moment,
    duration: float,
    http_status: int,
    rows: int,
    size: int,
    field_errors: Tally,
    discarded: Tally,
) -> OperationSnapshot:
    """A poll worked; what it brought is landed by the other functions. `at` is when the answer had come."""
    status = snapshot.polls[api].counted(field_errors=field_errors, discarded=discarded)
    begun = Moment(at.wall - duration, at.monotonic - duration)
    status = status.recorded(
        PollRecord(
            begun, up=True, duration=duration, http_status=http_status, rows=rows, unreadable=field_errors
        )
    )
    return _with_poll(
        snapshot,
        api,
        replace(status, up=True, last_success=at, duration=duration, rows=rows, bytes=size),
    )


def listed(snapshot: OperationSnapshot, api: Api, listing: Listing) -> OperationSnapshot:
    """A list of campaigns came: it replaces the API's last one whole."""
    names = snapshot.names
    if api is Api.CAMPAIGN_SETTINGS:
        names = {row.campaign_id: row.name for row in listing.rows if row.campaign_id and row.name}
    return replace(snapshot, listings={**snapshot.listings, api: listing}, names=names)


def coded(
    snapshot: OperationSnapshot, campaign_id: str, listing: Listing, *, now: Moment, max_age: float
) -> OperationSnapshot:
    """The machine codes of one campaign came; those of others that are over age are dropped."""
    fresh: Mapping[str, Listing] = {
        key: other for key, other in snapshot.machine_codes.items() if other.fresh(now, max_age)
    }
    return replace(snapshot, machine_codes={**fresh, campaign_id: listing})


def told_token_use(snapshot: OperationSnapshot, token_use: TokenUse) -> OperationSnapshot:
    """The vendor's count of calls came."""
    return replace(snapshot, token_use=token_use)


def used(snapshot: OperationSnapshot, quota: Usage) -> OperationSnapshot:
    """The day's count of calls changed."""
    return replace(snapshot, quota=quota)


def was_attempted(snapshot: OperationSnapshot, api: Api, at: Moment) -> OperationSnapshot:
    """Another process, or this one before it was started again, made a call."""
    return _with_poll(snapshot, api, replace(snapshot.polls[api], last_attempt=at))


def ended_elsewhere(
    snapshot: OperationSnapshot, api: Api, outcome: Outcome, now: Moment
) -> OperationSnapshot:
    """A call of another process ended; it counted what it has seen in its own counters."""
    status = snapshot.polls[api]
    at = moment(outcome.attempt, now)
    # The same outcome may be read again; clocks of two readings never agree to the last digit.
    if not any(poll.elsewhere and abs(poll.at.wall - at.wall) < _SAME_ATTEMPT for poll in status.history):
        status = status.recorded(
            PollRecord(
                at,
                up=outcome.up,
                duration=outcome.duration,
                cause="" if outcome.up else outcome.failure,
                rows=outcome.rows if outcome.up else None,
                elsewhere=True,
            )
        )
    status = replace(
        status,
        up=outcome.up,
        last_success=None if outcome.success is None else known_moment(outcome.success, now),
        duration=outcome.duration,
        rows=outcome.rows,
        bytes=outcome.bytes,
        last_failure=outcome.failure,
        last_failure_detail="",
    )
    return _with_poll(snapshot, api, status)


def all_coded(snapshot: OperationSnapshot, listings: Mapping[str, Listing]) -> OperationSnapshot:
    """The machine codes of all campaigns came from the state store."""
    return replace(snapshot, machine_codes=listings)
