"""What a poll changes in a snapshot: pure functions from the old snapshot to the new one."""

from collections.abc import Mapping
from dataclasses import replace

from exporter.apis import BY_NAME
from exporter.clock import Moment
from exporter.config import CampaignFilter, Operation
from exporter.polling.wanted import wanted_campaigns
from exporter.snapshot import Answers, Listing, OperationSnapshot, PollRecord, PollStatus, Tally, Usage
from exporter.snapshot.memories import OperationMemory
from exporter.snapshot.records import PollOutcome, known_moment, moment
from exporter.wolkvox import Cause

SKIP_REASONS = ("quota", "overlap", "lease")
DISCARD_REASONS = ("duplicate", "shape", "limit")

_SAME_ATTEMPT_SECONDS = 0.001
"""Unix times of one attempt differ by less: they are rounded."""


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


def with_settings(snapshot: OperationSnapshot, operation: Operation) -> OperationSnapshot:
    """Return the snapshot under changed settings of its operation.

    What is known of the APIs that stay enabled remains; which campaigns are wanted is decided again.
    """
    polls = {
        api: replace(snapshot.polls.get(api, status), interval=status.interval)
        for api, status in first_snapshot(operation).polls.items()
    }
    answers = {api: answers for api, answers in snapshot.answers.items() if api in polls}
    lists = {api: listing for api, listing in snapshot.unfiltered.items() if api in polls}
    return _with_lists(replace(snapshot, polls=polls, answers=answers), lists, operation.campaigns)[0]


def _with_status(snapshot: OperationSnapshot, api: str, status: PollStatus) -> OperationSnapshot:
    return replace(snapshot, polls={**snapshot.polls, api: status})


def with_attempt(snapshot: OperationSnapshot, api: str, at: Moment) -> OperationSnapshot:
    """Return the snapshot with one more request of this process, which is about to be sent at `at`."""
    status = snapshot.polls.get(api)
    if status is None:
        return snapshot  # a reload has switched the API off
    return _with_status(snapshot, api, replace(status, last_attempt=at, requests=status.requests + 1))


def with_skipped(snapshot: OperationSnapshot, api: str, reason: str, count: int) -> OperationSnapshot:
    """Return the snapshot with `count` more skipped polls; `reason` is one of SKIP_REASONS."""
    status = snapshot.polls.get(api)
    if status is None:
        return snapshot  # a reload has switched the API off
    status = replace(status, paused=status.paused or reason == "quota")
    return _with_status(snapshot, api, status.with_counts(skipped={reason: count}))


def with_room(snapshot: OperationSnapshot, api: str) -> OperationSnapshot:
    """Return the snapshot after the budget had room for a call of the API: it is not paused any more."""
    status = snapshot.polls.get(api)
    if status is None or not status.paused:
        return snapshot
    return _with_status(snapshot, api, replace(status, paused=False))


def with_failure(  # noqa: PLR0913 - the pieces of one failure, all named at the call
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
    """Return the snapshot after a failed poll that began at `at`; the last good answer stays, and ages.

    `duration` is in seconds.
    """
    status = snapshot.polls[api].with_counts(failures={cause: 1}, discarded=discarded)
    status = status.with_poll(
        PollRecord(at, up=False, duration=duration, http_status=http_status, cause=cause.value)
    )
    return _with_status(
        snapshot,
        api,
        replace(status, up=False, duration=duration, last_failure=cause.value, last_failure_detail=detail),
    )


def with_success(  # noqa: PLR0913 - the pieces of one good answer, all named at the call
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
    """Return the snapshot after a successful poll; what it answered was added by `with_answer`.

    `at` is when the answer had arrived, `duration` is in seconds, `size` in decoded bytes.
    """
    status = snapshot.polls[api].with_counts(field_errors=field_errors, discarded=discarded)
    begun = Moment(at.wall - duration, at.monotonic - duration)
    status = status.with_poll(
        PollRecord(
            begun, up=True, duration=duration, http_status=http_status, rows=rows, unreadable=field_errors
        )
    )
    return _with_status(
        snapshot,
        api,
        replace(
            status,
            up=True,
            last_success=at,
            duration=duration,
            rows=rows,
            bytes=size,
        ),
    )


def with_answer(  # noqa: PLR0913 - what came, of what, and until when what came before is kept
    snapshot: OperationSnapshot,
    api: str,
    campaign_id: str,
    listing: Listing,
    *,
    campaigns: CampaignFilter,
    now: Moment,
    max_age: float,
) -> OperationSnapshot:
    """Return the snapshot with a good answer of an API, which replaces the last one whole.

    `campaign_id` is "" where one answer tells everything. Answers about other campaigns that are over age at
    `now` are dropped. Rows that the limit of `campaigns` leaves out are counted.
    """
    if BY_NAME[api].lists_campaigns:
        after, over = _with_lists(snapshot, {**snapshot.unfiltered, api: listing}, campaigns)
        return _with_status(after, api, after.polls[api].with_counts(discarded={"limit": over[api]}))
    before = snapshot.answers.get(api, {})
    fresh = {key: other for key, other in before.items() if other.fresh(now, max_age)}
    return with_answers(snapshot, api, {**fresh, campaign_id: listing}, campaigns)


def with_answers(
    snapshot: OperationSnapshot, api: str, answers: Answers, campaigns: CampaignFilter
) -> OperationSnapshot:
    """Return the snapshot with these answers of an API and no others, as the state store had them."""
    if BY_NAME[api].lists_campaigns:
        return _with_lists(snapshot, {**snapshot.unfiltered, api: answers[""]}, campaigns)[0]
    return replace(snapshot, answers={**snapshot.answers, api: answers})


def _with_lists(
    snapshot: OperationSnapshot, lists: Mapping[str, Listing], campaigns: CampaignFilter
) -> tuple[OperationSnapshot, Tally]:
    """Return the snapshot with these lists of campaigns, and the rows over the limit in each."""
    found = wanted_campaigns(lists, campaigns)
    answers = {api: {"": listing} for api, (listing, _) in found.items()}
    over = {api: count for api, (_, count) in found.items()}
    return replace(snapshot, unfiltered=lists, answers={**snapshot.answers, **answers}), over


def with_memory(snapshot: OperationSnapshot, memory: OperationMemory) -> OperationSnapshot:
    """Return the snapshot with what is remembered of the answers so far."""
    return replace(snapshot, memory=memory)


def with_quota(snapshot: OperationSnapshot, quota: Usage) -> OperationSnapshot:
    """Return the snapshot with the day's count of calls, the same one where it has that count already."""
    return snapshot if quota == snapshot.quota else replace(snapshot, quota=quota)


def with_attempt_by_other_process(snapshot: OperationSnapshot, api: str, at: Moment) -> OperationSnapshot:
    """Return the snapshot with a call that another process, or this one before a restart, made at `at`."""
    return _with_status(snapshot, api, replace(snapshot.polls[api], last_attempt=at))


def with_outcome_by_other_process(
    snapshot: OperationSnapshot, api: str, outcome: PollOutcome, now: Moment, *, answered: bool
) -> OperationSnapshot:
    """Return the snapshot after a poll of another process, whose counters stay out of ours.

    Without the last answer (`answered`), which the store has lost or another version wrote, its success is in
    the history alone: there are no figures that it could vouch for.
    """
    status = snapshot.polls[api]
    at = moment(outcome.attempt, now)
    # The same outcome may be read again, and its time then differs in the last digits.
    known = (poll.at.wall for poll in status.history if poll.by_other_process)
    if not any(abs(wall - at.wall) < _SAME_ATTEMPT_SECONDS for wall in known):
        status = status.with_poll(
            PollRecord(
                at,
                up=outcome.up,
                duration=outcome.duration,
                cause="" if outcome.up else outcome.failure,
                rows=outcome.rows if outcome.up else None,
                by_other_process=True,
            )
        )
    if outcome.up and not answered:
        return _with_status(snapshot, api, status)
    success = None if outcome.success is None else known_moment(outcome.success, now)
    ours = status.last_success
    # One that failed may know of no success, or of an older one: the store was lost, and our answer stays.
    if answered and (
        outcome.up or ours is None or (success is not None and success.monotonic > ours.monotonic)
    ):
        status = replace(status, last_success=success, rows=outcome.rows, bytes=outcome.bytes)
    status = replace(
        status,
        up=outcome.up,
        duration=outcome.duration,
        last_failure=outcome.failure,
        last_failure_detail="",
    )
    return _with_status(snapshot, api, status)
