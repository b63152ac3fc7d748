"""Polls the APIs of one operation: makes a call, keeps its outcome, and says when to call again."""

import logging
import random
from collections.abc import Callable
from typing import Protocol

from exporter.apis import APIS, BY_NAME, campaigns, services, token_info
from exporter.clock import MAX_CLOCK_SKEW_SECONDS, Clock, Moment
from exporter.config import Operation
from exporter.judgement import after_answer, view
from exporter.polling import updates
from exporter.polling.archive import Archive
from exporter.polling.request import PollRequest, dialling_campaigns, hourly_api, poll_request
from exporter.polling.rotation import CampaignRotation
from exporter.polling.token import Token
from exporter.schedules import ScheduleSet
from exporter.snapshot import OperationSnapshot, SnapshotCell, Usage
from exporter.snapshot.memories import OperationMemory
from exporter.snapshot.records import Attempt
from exporter.traffic import Gate, Permit
from exporter.traffic.budget import has_room, seconds_until_look
from exporter.traffic.gate import LEASE_SECONDS
from exporter.wolkvox import MAX_ROWS, Answer, Call, Cause, RequestFailed

_log = logging.getLogger(__name__)

_MIN_RETRY_RATIO, _MAX_RETRY_RATIO = 0.1, 0.3
"""The one retry after a network fault comes after this share of the interval, at random."""

_MIN_RECHECK_SECONDS, _MAX_RECHECK_SECONDS = 1.0, 2.0
"""When to check again while another process uses the token, at random."""


class Fetcher(Protocol):
    """What a poller needs of the vendor's client."""

    def fetch(self, call: Call, token: str, sink: Callable[[list[object]], None]) -> Answer:
        """Make a call and hand its rows to `sink`; raises RequestFailed."""
        ...  # pragma: no cover


class OperationPoller:
    """Polls one operation; the caller runs one poll of a token at a time."""

    def __init__(  # noqa: PLR0913 - everything that it touches is passed in
        self,
        operation: Operation,
        *,
        client: Fetcher,
        token: Token,
        gate: Gate,
        archive: Archive,
        cell: SnapshotCell,
        clock: Clock,
        schedules: ScheduleSet,
        jitter: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._operation = operation
        self._client = client
        self._token = token
        self._gate = gate
        self._archive = archive
        self._cell = cell
        self._clock = clock
        self._schedules = schedules
        self._jitter = jitter
        self._rotations = {
            api.name: CampaignRotation(operation.apis[api.name].interval) for api in APIS if api.by_campaign
        }
        # The Unix time of each API's last call that this poller has taken into account.
        self._seen: dict[str, float] = {}
        self._retrying: set[str] = set()

    @property
    def operation(self) -> Operation:
        """The operation that is polled."""
        return self._operation

    @property
    def token(self) -> Token:
        """The token that is sent."""
        return self._token

    @property
    def gate(self) -> Gate:
        """The gate that its calls go through."""
        return self._gate

    @property
    def archive(self) -> Archive:
        """What the state store has of the operation."""
        return self._archive

    @property
    def cell(self) -> SnapshotCell:
        """The cell in which the outcome of each poll is published."""
        return self._cell

    def asked_for(self, api: str) -> tuple[str, ...]:
        """Return the ids of the campaigns that an API which asks by campaign asks for at present.

        The operation as a whole comes first, as "", where it is asked for too.
        """
        dialling = dialling_campaigns(self._operation, self._cell.snapshot, self._clock.now())
        return ("", *dialling) if BY_NAME[api].and_whole else dialling

    def restore(self) -> None:
        """Restore what was stored before this process was started; makes no call."""
        self._load_shared()
        self._mark_all_seen()
        self._publish_usage()

    def apply_settings(self) -> None:
        """Apply the operation's settings where its poller before a reload has had the archive and the cell.

        A call of that poller may still be under way: its outcome lands in the cell too.
        """
        self._archive.change_settings(self._operation)
        self._mark_all_seen()
        self._publish_usage()

    def due(self, api: str) -> float:
        """Return the monotonic time before which an API is not called: an interval after its last call.

        It may lie in the past. The campaigns of an API that is asked by campaign share the interval.
        """
        interval = self._operation.apis[api].interval
        if api in self._rotations:
            interval /= max(len(self.asked_for(api)), 1)
        last = self._archive.last_attempt(api)
        return float("-inf") if last is None else last[1].monotonic + interval

    def next_check(self, api: str) -> float:
        """Return the monotonic time of an API's next turn: when it is due, or sooner to see a call end.

        A call whose outcome is not stored yet may be under way in another process, or here by the poller
        before a reload. It is not repeated, but its answer is wanted as soon as it is there.
        """
        due, now = self.due(api), self._clock.now().monotonic
        last = self._archive.last_attempt(api)
        if last and self._archive.awaits_outcome(api) and now < last[1].monotonic + LEASE_SECONDS:
            return min(due, now + self._jitter(_MIN_RECHECK_SECONDS, _MAX_RECHECK_SECONDS))
        return due

    def poll_now(self, api: str) -> bool:
        """Poll an API before its turn, within the budget; False while another process uses the token."""
        with self._gate.permit() as permit:
            self._load_shared()
            if permit is not None:
                self._poll(api, permit)
            return permit is not None

    def poll(self, api: str, missed: int) -> float:
        """Poll an API unless another process has done so, and return the monotonic time of its next turn.

        `missed` turns were lost before this one. Nothing that the vendor, the network or the store does makes
        it raise.
        """
        if missed:
            self._cell.update(lambda s: updates.with_skipped(s, api, "overlap", missed))
        self._load_shared()
        later = self._later_turn(api)
        if later is not None:
            return later
        with self._gate.permit() as permit:
            # Whoever had the token until now may have polled.
            self._load_shared()
            later = self._later_turn(api)
            if later is not None:
                return later
            if permit is None:
                return self._clock.now().monotonic + self._jitter(_MIN_RECHECK_SECONDS, _MAX_RECHECK_SECONDS)
            return self._poll(api, permit)

    def _later_turn(self, api: str) -> float | None:
        """Return the monotonic time of the next turn of an API that is not due yet; None when it is due."""
        # A retry is due before the interval has passed, unless another process has called meanwhile.
        retry = api in self._retrying and not self._polled_by_other(api)
        if retry or self.due(api) <= self._clock.now().monotonic:
            return None
        return self._turn_after_other(api)

    def _poll(self, api: str, permit: Permit) -> float:
        now = self._clock.now()
        usage = self._publish_usage()
        if wait := self._wait_for_room(usage, api, now):
            self._cell.update(lambda s: updates.with_skipped(s, api, "quota", 1))
            return now.monotonic + wait
        self._cell.update(lambda s: updates.with_room(s, api))
        request, attempt = self._request(api, now)
        if request is None:
            return self._next_turn(api, now, None)
        record = self._archive.attempt_record(api, attempt)
        begun = self._gate.begin(permit, usage, self._archive.scope, record)
        if begun is None:
            return now.monotonic + self._jitter(_MIN_RECHECK_SECONDS, _MAX_RECHECK_SECONDS)
        self._archive.note_attempt(api, attempt, now)
        self._seen[api] = attempt.at
        self._note_asked(api, attempt, now)
        self._cell.update(lambda s: updates.with_quota(updates.with_attempt(s, api, now), begun))
        return self._next_turn(api, now, self._call(request, permit, now))

    def _wait_for_room(self, usage: Usage, api: str, now: Moment) -> float:
        """Return for how many seconds an API is not polled, because of the quota; 0 when it is polled now.

        After the vendor has refused a call nothing is asked that day, but for one call an hour: a wrong word
        must not blind a day.
        """
        # On the next day there is room again, once it has begun by everybody's clock.
        next_day = usage.ends - now.wall + MAX_CLOCK_SKEW_SECONDS
        wait = min(self._operation.apis[api].interval, next_day)
        if usage.refused_at is None:
            return 0.0 if self._gate.permits(usage, api) else wait
        if api != hourly_api(self._operation, self._cell.snapshot):
            return wait
        return min(wait, seconds_until_look(usage, now.wall))

    def _request(self, api: str, now: Moment) -> tuple[PollRequest | None, Attempt]:
        """Return what to ask for now, None when there is nothing, and the attempt to be recorded."""
        rotation, campaign_id, asked = self._rotations.get(api), "", {}
        if rotation is not None:
            campaign = rotation.next(self.asked_for(api), now.monotonic)
            if campaign is None:
                return None, Attempt(now.wall)
            campaign_id = campaign
            asked = {key: now.wall - (now.monotonic - at) for key, at in rotation.last_asked().items()}
            asked[campaign] = now.wall
        request = poll_request(BY_NAME[api], self._operation, self._cell.snapshot, now, campaign_id)
        return request, Attempt(now.wall, asked)

    def _next_turn(self, api: str, now: Moment, failure: Cause | None) -> float:
        if rotation := self._rotations.get(api):
            recheck = self._operation.apis[campaigns.NAME].interval
            return rotation.next_due(self.asked_for(api), now.monotonic, recheck)
        interval = self._operation.apis[api].interval
        if failure is Cause.CONNECTION and api not in self._retrying:
            self._retrying.add(api)
            return now.monotonic + interval * self._jitter(_MIN_RETRY_RATIO, _MAX_RETRY_RATIO)
        self._retrying.discard(api)
        return now.monotonic + interval

    def _publish_usage(self) -> Usage:
        """Return today's usage, which is now in the snapshot too."""
        usage = self._gate.usage()
        self._cell.update(lambda s: updates.with_quota(s, usage))
        return usage

    def _load_shared(self) -> None:
        """Load what other processes have done; the campaigns that they asked for are not asked for again."""
        self._archive.load_shared()
        for api in self._rotations:
            last = self._archive.last_attempt(api)
            if last is not None and self._seen.get(api) != last[0].at:
                self._note_asked(api, *last)

    def _mark_all_seen(self) -> None:
        """Mark all calls that were made so far as taken into account, whoever made them."""
        for api in self._operation.enabled():
            if last := self._archive.last_attempt(api):
                self._seen[api] = last[0].at
                self._note_asked(api, *last)

    def _note_asked(self, api: str, attempt: Attempt, begun: Moment) -> None:
        """Note whom an attempt says were asked for; by its own clock, which may have been set since."""
        if rotation := self._rotations.get(api):
            for campaign, at in attempt.asked.items():
                rotation.note_asked(campaign, begun.monotonic - max(attempt.at - at, 0.0))

    def _polled_by_other(self, api: str) -> bool:
        last = self._archive.last_attempt(api)
        return last is not None and self._seen.get(api) != last[0].at

    def _turn_after_other(self, api: str) -> float:
        """Return the next turn of an API that is not polled now; counts a poll that another process took."""
        last = self._archive.last_attempt(api)
        if last is not None and self._seen.get(api) != last[0].at:
            self._seen[api] = last[0].at
            self._retrying.discard(api)
            self._publish_usage()
            self._cell.update(lambda s: updates.with_skipped(s, api, "lease", 1))
        return self.next_check(api)

    def _call(self, request: PollRequest, permit: Permit, begun: Moment) -> Cause | None:
        """Make the call of a poll and keep its outcome; return why it failed, or None.

        Nothing else changes the snapshot while the outcome is put in. That of an API which a reload has
        switched off meanwhile is dropped.
        """
        try:
            answer = self._client.fetch(request.call, self._token.text, request.reader.add)
            request.api.check(answer, request.reader)
        except RequestFailed as failure:
            with self._cell.lock:
                if request.api.name in self._cell.snapshot.polls:
                    self._handle_failure(request, permit, begun, failure)
            return failure.cause
        with self._cell.lock:
            if request.api.name in self._cell.snapshot.polls:
                self._handle_answer(request, permit, begun, answer)
        return None

    def _handle_answer(self, request: PollRequest, permit: Permit, begun: Moment, answer: Answer) -> None:
        api, reader, now = request.api.name, request.reader, self._clock.now()
        duration = now.monotonic - begun.monotonic
        before = self._cell.snapshot
        after = updates.with_success(
            updates.with_answer(
                before,
                api,
                request.campaign_id,
                request.listing(now),
                campaigns=self._archive.campaigns,
                now=now,
                max_age=self._operation.apis[api].max_age,
            ),
            api,
            at=now,
            duration=duration,
            http_status=answer.http_status,
            rows=answer.rows,
            size=answer.bytes,
            field_errors={field.field: field.count for field in reader.unreadable},
            discarded=reader.discarded,
        )
        if BY_NAME[api].lists_campaigns:
            after = updates.with_memory(after, self._remembered(after, api, begun, now))
        if api == services.NAME:
            after = self._with_licences(after, permit)
        if api == token_info.NAME:
            after = self._with_vendor_count(after, permit)
        elif after.quota is not None and after.quota.refused_at is not None:
            after = updates.with_quota(after, self._gate.note_room(permit, after.quota))
        if not self._store(api, after, permit, answered=True):
            return
        about = {"operation": self._operation.name, "api": api}
        for field in reader.unreadable:
            _log.warning(
                "unreadable values in a field",
                extra={**about, "field": field.field, "rows": field.count, "example": field.example},
            )
        for event in reader.events:
            _log.info(event.text, extra={**about, **event.values})
        if answer.rows >= MAX_ROWS:
            _log.warning(
                "the answer has the maximum number of rows that wolkvox returns; some may be missing",
                extra={**about, "rows": answer.rows},
            )
        failed_before = before.polls[api].up is False
        _log.log(
            logging.INFO if failed_before else logging.DEBUG,
            "poll succeeded again" if failed_before else "poll succeeded",
            extra={**about, "rows": answer.rows, "bytes": answer.bytes, "seconds": round(duration, 3)},
        )

    def _remembered(self, after: OperationSnapshot, api: str, begun: Moment, now: Moment) -> OperationMemory:
        """Return what is remembered of campaigns after an answer of an API that lists them."""
        max_age = {name: settings.max_age for name, settings in self._operation.apis.items()}
        return after_answer(after.memory, api, view(after, max_age, now), self._schedules, begun.wall)

    def _with_licences(self, snapshot: OperationSnapshot, permit: Permit) -> OperationSnapshot:
        """Return the snapshot with a usage whose limit is by the licences that the vendor tells."""
        licences = services.licences(snapshot.listing(services.NAME))
        if licences is None:
            return snapshot
        self._gate.record_licences(permit, licences)
        return updates.with_quota(snapshot, self._gate.usage())

    def _with_vendor_count(self, snapshot: OperationSnapshot, permit: Permit) -> OperationSnapshot:
        """Return the snapshot with a usage in which the vendor's count of the day's calls is counted in."""
        token_use = token_info.token_use(snapshot.listing(token_info.NAME))
        if token_use is None or not self._gate.record_vendor_count(permit, token_use):
            return snapshot
        usage = self._gate.usage()
        if usage.refused_at is not None and has_room(usage, token_use):
            usage = self._gate.note_room(permit, usage)
        return updates.with_quota(snapshot, usage)

    def _handle_failure(
        self, request: PollRequest, permit: Permit, begun: Moment, failure: RequestFailed
    ) -> None:
        api = request.api.name
        duration = self._clock.now().monotonic - begun.monotonic
        after = updates.with_failure(
            self._cell.snapshot,
            api,
            cause=failure.cause,
            detail=failure.detail,
            at=begun,
            duration=duration,
            http_status=failure.http_status,
            discarded=request.reader.discarded,
        )
        if failure.cause is Cause.QUOTA and after.quota is not None:
            after = updates.with_quota(after, self._gate.note_refusal(permit, after.quota))
        self._store(api, after, permit, answered=False)
        about = {
            "operation": self._operation.name,
            "api": api,
            "cause": failure.cause.value,
            "http_status": failure.http_status,
            "detail": failure.detail,
            "hint": failure.hint,
            "seconds": round(duration, 3),
        }
        _log.warning(
            "poll failed", extra={key: value for key, value in about.items() if value not in (None, "")}
        )
        if failure.cause is Cause.AUTH:
            self._token.read_again()

    def _store(self, api: str, after: OperationSnapshot, permit: Permit, *, answered: bool) -> bool:
        """Store and publish an outcome; False when the lease has expired, for others may have a newer one."""
        records = self._archive.outcome_records(api, after, answered=answered)
        version = self._gate.write(permit, self._archive.scope, records)
        if version is not None:
            self._archive.note_version(version)
            self._cell.update(lambda _: after)
            return True
        _log.warning(
            "dropping the outcome of a call that came too late: the lease of the token has expired",
            extra={"operation": self._operation.name, "api": api},
        )
        self._load_shared()
        return False
