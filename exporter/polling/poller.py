"""Polls the APIs of one operation: one call, its outcome in the snapshot, and when to call again."""

import logging
import random
from collections.abc import Callable
from typing import Protocol

from exporter.api import Api
from exporter.clock import Clock, Moment
from exporter.config import Operation
from exporter.polling import landing
from exporter.polling.archive import Archive
from exporter.polling.jobs import Job, dialling_campaigns, list_job, machine_codes_job, token_info_job
from exporter.polling.rota import Rota
from exporter.polling.token import Token
from exporter.snapshot import BoardEntry, OperationSnapshot, Usage
from exporter.snapshot.records import Attempt, moment
from exporter.traffic import Gate, Pass, has_room, permits
from exporter.traffic.gate import LEASE_SECONDS
from exporter.wolkvox import MOST_ROWS, Answer, Call, Cause, RequestFailed

_log = logging.getLogger(__name__)

_RETRY_FROM, _RETRY_TO = 0.1, 0.3
"""The one retry after a network fault comes at this share of the interval, at random."""

_LOOK_FROM, _LOOK_TO = 1.0, 2.0
"""Seconds after which to look again while somebody else has the token."""


class Fetcher(Protocol):
    """What a poller needs of the vendor's client."""

    def fetch(self, call: Call, token: str, sink: Callable[[list[object]], None]) -> Answer:
        """Make a call and hand its rows to `sink`; raises RequestFailed."""
        ...  # pragma: no cover


class OperationPoller:
    """Polls one operation; the caller sees to it that one poll of a token runs at a time in this process."""

    def __init__(  # noqa: PLR0913 - everything that it touches is passed in
        self,
        operation: Operation,
        *,
        client: Fetcher,
        token: Token,
        gate: Gate,
        archive: Archive,
        entry: BoardEntry,
        clock: Clock,
        jitter: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._operation = operation
        self._client = client
        self._token = token
        self._gate = gate
        self._archive = archive
        self._entry = entry
        self._clock = clock
        self._jitter = jitter
        self._rota = Rota(operation.apis[Api.MACHINE_CODES].interval)
        self._known: dict[Api, float] = {}
        self._retrying: set[Api] = set()

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
        """What its calls go through."""
        return self._gate

    @property
    def entry(self) -> BoardEntry:
        """Where the outcome of the polls is published."""
        return self._entry

    def dialling(self) -> tuple[str, ...]:
        """Return the ids of the campaigns whose machine codes are asked for at present."""
        return dialling_campaigns(self._operation, self._snapshot(), self._clock.now())

    def restore(self) -> None:
        """Land what was stored before this process was started; makes no call."""
        self._sync()
        self._know()
        self._count()

    def follow(self, before: "OperationPoller") -> None:
        """Go on from what the operation's poller before a reload knew and the store could not tell."""
        self._archive.follow(before._archive)  # noqa: SLF001 - another one of this class
        self._know()

    def due(self, api: Api) -> float:
        """Return the monotonic time before which an API is not called: an interval after its last call.

        It may lie in the past. For machine codes the interval is shared out among the campaigns.
        """
        interval = self._operation.apis[api].interval
        if api is Api.MACHINE_CODES:
            interval /= max(len(self.dialling()), 1)
        last = self._archive.last_attempt(api)
        return float("-inf") if last is None else last[1].monotonic + interval

    def next_look(self, api: Api) -> float:
        """Return the monotonic time of an API's next look: when it is due, or sooner to see a call end.

        A call whose outcome is not stored yet may be under way elsewhere, or here by the poller before this
        one; nobody calls again for that, but its answer is wanted as soon as it is there.
        """
        due, now = self.due(api), self._clock.now().monotonic
        last = self._archive.last_attempt(api)
        if last and self._archive.awaits(api) and now < last[1].monotonic + LEASE_SECONDS:
            return min(due, now + self._jitter(_LOOK_FROM, _LOOK_TO))
        return due

    def poll_now(self, api: Api) -> bool:
        """Poll an API before its turn, within the budget; False while somebody else has the token."""
        with self._gate.pass_for(self._token.text) as held:
            self._sync()
            if held is not None:
                self._poll(api, held)
            return held is not None

    def poll(self, api: Api, missed: int) -> float:
        """Poll an API unless somebody else has done so, and return the monotonic time of its next turn.

        `missed` turns were lost before this one. Raises nothing that the vendor, the network or the store
        could cause.
        """
        if missed:
            self._update(lambda s: landing.skipped(s, api, "overlap", missed))
        self._sync()
        later = self._not_yet(api)
        if later is not None:
            return later
        with self._gate.pass_for(self._token.text) as held:
            # Whoever had the token until now may have polled.
            self._sync()
            later = self._not_yet(api)
            if later is not None:
                return later
            if held is None:
                return self._clock.now().monotonic + self._jitter(_LOOK_FROM, _LOOK_TO)
            return self._poll(api, held)

    def _not_yet(self, api: Api) -> float | None:
        """Return the monotonic time of the next turn of an API that is not polled now, else None."""
        # A retry is due before the interval has passed, unless somebody else has called meanwhile.
        early = api in self._retrying and not self._polled_elsewhere(api)
        if early or self.due(api) <= self._clock.now().monotonic:
            return None
        return self._after_others(api)

    def _poll(self, api: Api, held: Pass) -> float:
        now = self._clock.now()
        usage = self._count()
        if not permits(self._gate.terms, usage, api, now.wall):
            self._update(lambda s: landing.skipped(s, api, "quota", 1))
            return now.monotonic + self._operation.apis[api].interval
        job, attempt = self._job(api, now)
        if job is None:
            return self._next_turn(api, now, None)
        begun = self._gate.begin(held, usage, self._archive.scope, self._archive.record_of(api, attempt))
        if begun is None:
            return now.monotonic + self._jitter(_LOOK_FROM, _LOOK_TO)
        self._archive.attempted(api, attempt, now)
        self._known[api] = attempt.at
        self._note_asked(attempt, now)
        self._update(lambda s: landing.used(landing.attempted(s, api, now), begun))
        return self._next_turn(api, now, self._call(api, job, held, now))

    def _job(self, api: Api, now: Moment) -> tuple[Job | None, Attempt]:
        """Return what to ask for now, None when there is nothing, and the record of asking."""
        attempt = Attempt(now.wall)
        if api is Api.TOKEN_INFO:
            return token_info_job(), attempt
        if api is not Api.MACHINE_CODES:
            return list_job(self._operation, api, self._snapshot()), attempt
        campaign = self._rota.next(self.dialling(), now.monotonic)
        if campaign is None:
            return None, attempt
        asked = {key: now.wall - (now.monotonic - at) for key, at in self._rota.times().items()}
        return machine_codes_job(self._operation, campaign, now), Attempt(
            now.wall, {**asked, campaign: now.wall}
        )

    def _next_turn(self, api: Api, now: Moment, failure: Cause | None) -> float:
        if api is Api.MACHINE_CODES:
            recheck = self._operation.apis[Api.CAMPAIGNS].interval
            return self._rota.due(self.dialling(), now.monotonic, recheck)
        interval = self._operation.apis[api].interval
        if failure is Cause.CONNECTION and api not in self._retrying:
            self._retrying.add(api)
            return now.monotonic + interval * self._jitter(_RETRY_FROM, _RETRY_TO)
        self._retrying.discard(api)
        return now.monotonic + interval

    def _count(self) -> Usage:
        """Publish today's count of calls and return it."""
        usage = self._gate.usage(self._token.text, self._snapshot().token_use)
        self._update(lambda s: landing.used(s, usage))
        return usage

    def _sync(self) -> None:
        """Learn what others have done; whose machine codes they asked for need not be asked for again."""
        self._archive.sync()
        last = self._archive.last_attempt(Api.MACHINE_CODES)
        if last is not None and self._known.get(Api.MACHINE_CODES) != last[0].at:
            self._note_asked(last[0], self._clock.now())

    def _know(self) -> None:
        """Take all calls that were made so far for known, whoever made them."""
        self._known = {e: last[0].at for e in Api if (last := self._archive.last_attempt(e))}
        if last := self._archive.last_attempt(Api.MACHINE_CODES):
            self._note_asked(last[0], self._clock.now())

    def _note_asked(self, attempt: Attempt, now: Moment) -> None:
        for campaign, at in attempt.asked.items():
            self._rota.asked(campaign, moment(at, now).monotonic)

    def _polled_elsewhere(self, api: Api) -> bool:
        last = self._archive.last_attempt(api)
        return last is not None and self._known.get(api) != last[0].at

    def _after_others(self, api: Api) -> float:
        """Return the next turn of an API that somebody else has polled in our place."""
        last = self._archive.last_attempt(api)
        if last is not None and self._known.get(api) != last[0].at:
            self._known[api] = last[0].at
            self._retrying.discard(api)
            self._count()
            self._update(lambda s: landing.skipped(s, api, "lease", 1))
        return self.next_look(api)

    def _call(self, api: Api, job: Job, held: Pass, started: Moment) -> Cause | None:
        """Make the call of a job and land its outcome; return why it failed, or None."""
        try:
            answer = self._client.fetch(job.call, self._token.text, job.reader.add)
            if answer.rows and job.reader.discarded.get("shape", 0) >= answer.rows:
                raise RequestFailed(Cause.SHAPE, "no row has the expected shape")  # noqa: TRY301 - one path
        except RequestFailed as failure:
            self._failed(api, job, held, started, failure)
            return failure.cause
        self._succeeded(api, job, held, started, answer)
        return None

    def _succeeded(self, api: Api, job: Job, held: Pass, started: Moment, answer: Answer) -> None:
        now = self._clock.now()
        duration = now.monotonic - started.monotonic
        before = self._snapshot()
        landed = landing.succeeded(
            job.land(before, now),
            api,
            at=now,
            duration=duration,
            http_status=answer.http_status,
            rows=answer.rows,
            size=answer.bytes,
            field_errors={field.field: field.count for field in job.reader.unreadable},
            discarded=job.reader.discarded,
        )
        if api is Api.TOKEN_INFO:
            landed = self._told(landed, held)
        if not self._keep(api, landed, held, answered=True):
            return
        about = {"operation": self._operation.name, "api": api.value}
        for field in job.reader.unreadable:
            _log.warning(
                "unreadable field",
                extra={**about, "field": field.field, "rows": field.count, "example": field.example},
            )
        if answer.rows >= MOST_ROWS:
            _log.warning(
                "the answer has as many rows as wolkvox gives at the most: some may be missing",
                extra={**about, "rows": answer.rows},
            )
        failed_before = before.polls[api].up is False
        _log.log(
            logging.INFO if failed_before else logging.DEBUG,
            "poll works again" if failed_before else "polled",
            extra={**about, "rows": answer.rows, "bytes": answer.bytes, "seconds": round(duration, 3)},
        )

    def _told(self, snapshot: OperationSnapshot, held: Pass) -> OperationSnapshot:
        """Take what the vendor says of the day's calls into account."""
        if snapshot.token_use is None or not self._gate.tell(held, snapshot.token_use):
            return snapshot
        usage = self._gate.usage(self._token.text, snapshot.token_use)
        if usage.closed and has_room(usage, snapshot.token_use):
            usage = self._gate.reopen(held, usage)
        return landing.used(snapshot, usage)

    def _failed(self, api: Api, job: Job, held: Pass, started: Moment, failure: RequestFailed) -> None:
        duration = self._clock.now().monotonic - started.monotonic
        landed = landing.failed(
            self._snapshot(),
            api,
            cause=failure.cause,
            detail=failure.detail,
            at=started,
            duration=duration,
            http_status=failure.http_status,
            discarded=job.reader.discarded,
        )
        if failure.cause is Cause.QUOTA and landed.quota is not None:
            landed = landing.used(landed, self._gate.close(held, landed.quota))
        self._keep(api, landed, held, answered=False)
        about = {
            "operation": self._operation.name,
            "api": api.value,
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
            self._token.refused()

    def _keep(self, api: Api, landed: OperationSnapshot, held: Pass, *, answered: bool) -> bool:
        """Store and publish an outcome, unless somebody else has taken over and has newer news."""
        records = self._archive.ended(api, landed, answered=answered)
        version = self._gate.keep(held, self._archive.scope, records)
        if version is not None:
            self._archive.written(version)
            self._update(lambda _: landed)
            return True
        _log.warning(
            "the outcome of a call came too late and is dropped: the lease of the token had ended",
            extra={"operation": self._operation.name, "api": api.value},
        )
        self._sync()
        return False

    def _snapshot(self) -> OperationSnapshot:
        return self._entry.snapshot

    def _update(self, change: Callable[[OperationSnapshot], OperationSnapshot]) -> None:
        self._entry.update(change)
