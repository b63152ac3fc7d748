"""What a poll does to a snapshot: pure functions from the old snapshot to the new one."""

from dataclasses import replace

from exporter.apis import BY_NAME
from exporter.clock import Moment
from exporter.config import Operation
from exporter.snapshot import Answers, Listing, OperationSnapshot, PollRecord, PollStatus, Tally, Usage
from exporter.snapshot.model import POLLS_KEPT
from exporter.snapshot.records import Outcome, known_moment, moment
from exporter.wolkvox import Cause

SKIP_REASONS = ("quota", "overlap", "lease")
DISCARD_REASONS = ("duplicate", "shape", "limit")

_SAME_ATTEMPT = 0.001
"""Seconds between two Unix times that are the same but for their rounding."""


def first_snapshot(operation: Operation) -> OperationSnapshot:
    """Return the snapshot before the first poll: nothing known, every counter at 0."""
    polls = {
        api: PollStatus(
            interval=operation.apis[api].interval,
            failures=dict.fromkeys(Cause, 0),
            skipped=dict.fromkeys(SKIP_REASONS, 0),
            field_errors=dict.fromkeys(BY_NAME[api].fields, 0),
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


def _with_poll(snapshot: OperationSnapshot, api: str, status: PollStatus) -> OperationSnapshot:
    return replace(snapshot, polls={**snapshot.polls, api: status})


def attempted(snapshot: OperationSnapshot, api: str, at: Moment) -> OperationSnapshot:
    """A request is about to be sent."""
    status = snapshot.polls[api]
    return _with_poll(snapshot, api, replace(status, last_attempt=at, requests=status.requests + 1))


def skipped(snapshot: OperationSnapshot, api: str, reason: str, count: int) -> OperationSnapshot:
    """Polls were left out."""
    return _with_poll(snapshot, api, snapshot.polls[api].counted(skipped={reason: count}))


def failed(  # noqa: PLR0913 - the pieces of one failure, all named at the call
    snapshot: OperationSnapshot,
    api: str,
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
    api: str,
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


def with_answer(  # noqa: PLR0913 - what came, of what, and until when what came before is kept
    snapshot: OperationSnapshot, api: str, campaign_id: str, listing: Listing, *, now: Moment, max_age: float
) -> OperationSnapshot:
    """Return the snapshot with a good answer of an API, which replaces the last one whole.

    `campaign_id` is "" where one answer tells everything. Answers about other campaigns that are over age at
    `now` are dropped.
    """
    before = snapshot.answers.get(api, {})
    fresh = {key: other for key, other in before.items() if other.fresh(now, max_age)}
    return with_answers(snapshot, api, {**fresh, campaign_id: listing})


def with_answers(snapshot: OperationSnapshot, api: str, answers: Answers) -> OperationSnapshot:
    """Return the snapshot with these answers of an API and no others, as the state store had them."""
    return replace(snapshot, answers={**snapshot.answers, api: answers})


def used(snapshot: OperationSnapshot, quota: Usage) -> OperationSnapshot:
    """The day's count of calls changed."""
    return replace(snapshot, quota=quota)


def was_attempted(snapshot: OperationSnapshot, api: str, at: Moment) -> OperationSnapshot:
    """Another process, or this one before it was started again, made a call."""
    return _with_poll(snapshot, api, replace(snapshot.polls[api], last_attempt=at))


def ended_elsewhere(
    snapshot: OperationSnapshot, api: str, outcome: Outcome, now: Moment
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
