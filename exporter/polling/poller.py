"""Polls the APIs of one operation: one call, its outcome in the snapshot, and when to call again."""

import logging
import random
from collections.abc import Callable
from typing import Protocol

from exporter.apis import APIS, BY_NAME, campaigns, token_info
from exporter.clock import Clock, Moment
from exporter.config import Operation
from exporter.polling import landing
from exporter.polling.archive import Archive
from exporter.polling.request import PollRequest, dialling_campaigns, poll_request
from exporter.polling.rota import Rota
from exporter.polling.token import Token
from exporter.snapshot import BoardEntry, OperationSnapshot, TokenUse, Usage
from exporter.snapshot.records import Attempt, moment
from exporter.traffic import Gate, Pass, has_room, permits
from exporter.traffic.gate import LEASE_SECONDS
from exporter.wolkvox import MAX_ROWS, Answer, Call, Cause, RequestFailed

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
        self._rotas = {api.name: Rota(operation.apis[api.name].interval) for api in APIS if api.by_campaign}
        self._known: dict[str, float] = {}
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
        """What its calls go through."""
        return self._gate

    @property
    def entry(self) -> BoardEntry:
        """Where the outcome of the polls is published."""
        return self._entry

    def dialling(self) -> tuple[str, ...]:
        """Return the ids of the campaigns that APIs which are asked by campaign are asked for at present."""
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

    def due(self, api: str) -> float:
        """Return the monotonic time before which an API is not called: an interval after its last call.

        It may lie in the past. Of an API that is asked by campaign the campaigns share the interval.
        """
        interval = self._operation.apis[api].interval
        if api in self._rotas:
            interval /= max(len(self.dialling()), 1)
        last = self._archive.last_attempt(api)
        return float("-inf") if last is None else last[1].monotonic + interval

    def next_look(self, api: str) -> float:
        """Return the monotonic time of an API's next look: when it is due, or sooner to see a call end.

        A call whose outcome is not stored yet may be under way elsewhere, or here by the poller before this
        one; nobody calls again for that, but its answer is wanted as soon as it is there.
        """
        due, now = self.due(api), self._clock.now().monotonic
        last = self._archive.last_attempt(api)
        if last and self._archive.awaits(api) and now < last[1].monotonic + LEASE_SECONDS:
            return min(due, now + self._jitter(_LOOK_FROM, _LOOK_TO))
        return due

    def poll_now(self, api: str) -> bool:
        """Poll an API before its turn, within the budget; False while somebody else has the token."""
        with self._gate.pass_for(self._token.text) as held:
            self._sync()
            if held is not None:
                self._poll(api, held)
            return held is not None

    def poll(self, api: str, missed: int) -> float:
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

    def _not_yet(self, api: str) -> float | None:
        """Return the monotonic time of the next turn of an API that is not polled now, else None."""
        # A retry is due before the interval has passed, unless somebody else has called meanwhile.
        early = api in self._retrying and not self._polled_elsewhere(api)
        if early or self.due(api) <= self._clock.now().monotonic:
            return None
        return self._after_others(api)

    def _poll(self, api: str, held: Pass) -> float:
        now = self._clock.now()
        usage = self._count()
        if not permits(self._gate.terms, usage, api, now.wall):
            self._update(lambda s: landing.skipped(s, api, "quota", 1))
            return now.monotonic + self._operation.apis[api].interval
        request, attempt = self._request(api, now)
        if request is None:
            return self._next_turn(api, now, None)
        begun = self._gate.begin(held, usage, self._archive.scope, self._archive.record_of(api, attempt))
        if begun is None:
            return now.monotonic + self._jitter(_LOOK_FROM, _LOOK_TO)
        self._archive.attempted(api, attempt, now)
        self._known[api] = attempt.at
        self._note_asked(api, attempt, now)
        self._update(lambda s: landing.used(landing.attempted(s, api, now), begun))
        return self._next_turn(api, now, self._call(request, held, now))

    def _request(self, api: str, now: Moment) -> tuple[PollRequest | None, Attempt]:
        """Return what to ask for now, None when there is nothing, and the record of asking."""
        rota, campaign_id, asked = self._rotas.get(api), "", {}
        if rota is not None:
            campaign = rota.next(self.dialling(), now.monotonic)
            if campaign is None:
                return None, Attempt(now.wall)
            campaign_id = campaign
            asked = {key: now.wall - (now.monotonic - at) for key, at in rota.times().items()}
            asked[campaign] = now.wall
        request = poll_request(BY_NAME[api], self._operation, self._snapshot(), now, campaign_id)
        return request, Attempt(now.wall, asked)

    def _next_turn(self, api: str, now: Moment, failure: Cause | None) -> float:
        if rota := self._rotas.get(api):
            recheck = self._operation.apis[campaigns.NAME].interval
            return rota.due(self.dialling(), now.monotonic, recheck)
        interval = self._operation.apis[api].interval
        if failure is Cause.CONNECTION and api not in self._retrying:
            self._retrying.add(api)
            return now.monotonic + interval * self._jitter(_RETRY_FROM, _RETRY_TO)
        self._retrying.discard(api)
        return now.monotonic + interval

    def _count(self) -> Usage:
        """Publish today's count of calls and return it."""
        usage = self._gate.usage(self._token.text, _token_use(self._snapshot()))
        self._update(lambda s: landing.used(s, usage))
        return usage

    def _sync(self) -> None:
        """Learn what others have done; the campaigns that they asked for need not be asked for again."""
        self._archive.sync()
        for api in self._rotas:
            last = self._archive.last_attempt(api)
            if last is not None and self._known.get(api) != last[0].at:
                self._note_asked(api, last[0], self._clock.now())

    def _know(self) -> None:
        """Take all calls that were made so far for known, whoever made them."""
        for api in self._operation.enabled():
            if last := self._archive.last_attempt(api):
                self._known[api] = last[0].at
                self._note_asked(api, last[0], self._clock.now())

    def _note_asked(self, api: str, attempt: Attempt, now: Moment) -> None:
        if rota := self._rotas.get(api):
            for campaign, at in attempt.asked.items():
                rota.asked(campaign, moment(at, now).monotonic)

    def _polled_elsewhere(self, api: str) -> bool:
        last = self._archive.last_attempt(api)
        return last is not None and self._known.get(api) != last[0].at

    def _after_others(self, api: str) -> float:
        """Return the next turn of an API that somebody else has polled in our place."""
        last = self._archive.last_attempt(api)
        if last is not None and self._known.get(api) != last[0].at:
            self._known[api] = last[0].at
            self._retrying.discard(api)
            self._count()
            self._update(lambda s: landing.skipped(s, api, "lease", 1))
        return self.next_look(api)

    def _call(self, request: PollRequest, held: Pass, begun: Moment) -> Cause | None:
        """Make the call of a poll and land its outcome; return why it failed, or None."""
        try:
            answer = self._client.fetch(request.call, self._token.text, request.reader.add)
            if answer.rows and request.reader.discarded.get("shape", 0) >= answer.rows:
                raise RequestFailed(Cause.SHAPE, "no row has the expected shape")  # noqa: TRY301 - one path
        except RequestFailed as failure:
            self._failed(request, held, begun, failure)
            return failure.cause
        self._succeeded(request, held, begun, answer)
        return None

    def _succeeded(self, request: PollRequest, held: Pass, begun: Moment, answer: Answer) -> None:
        api, reader, now = request.api.name, request.reader, self._clock.now()
        duration = now.monotonic - begun.monotonic
        before = self._snapshot()
        landed = landing.succeeded(
            landing.with_answer(
                before,
                api,
                request.campaign_id,
                request.listing(now),
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
        if api == token_info.NAME:
            landed = self._told(landed, held)
        if not self._keep(api, landed, held, answered=True):
            return
        about = {"operation": self._operation.name, "api": api}
        for field in reader.unreadable:
            _log.warning(
                "unreadable field",
                extra={**about, "field": field.field, "rows": field.count, "example": field.example},
            )
        if answer.rows >= MAX_ROWS:
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
        told = _token_use(snapshot)
        if told is None or not self._gate.tell(held, told):
            return snapshot
        usage = self._gate.usage(self._token.text, told)
        if usage.closed and has_room(usage, told):
            usage = self._gate.reopen(held, usage)
        return landing.used(snapshot, usage)

    def _failed(self, request: PollRequest, held: Pass, begun: Moment, failure: RequestFailed) -> None:
        api = request.api.name
        duration = self._clock.now().monotonic - begun.monotonic
        landed = landing.failed(
            self._snapshot(),
            api,
            cause=failure.cause,
            detail=failure.detail,
            at=begun,
            duration=duration,
            http_status=failure.http_status,
            discarded=request.reader.discarded,
        )
        if failure.cause is Cause.QUOTA and landed.quota is not None:
            landed = landing.used(landed, self._gate.close(held, landed.quota))
        self._keep(api, landed, held, answered=False)
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
            self._token.refused()

    def _keep(self, api: str, landed: OperationSnapshot, held: Pass, *, answered: bool) -> bool:
        """Store and publish an outcome, unless somebody else has taken over and has newer news."""
        records = self._archive.ended(api, landed, answered=answered)
        version = self._gate.keep(held, self._archive.scope, records)
        if version is not None:
            self._archive.written(version)
            self._update(lambda _: landed)
            return True
        _log.warning(
            "the outcome of a call came too late and is dropped: the lease of the token had ended",
            extra={"operation": self._operation.name, "api": api},
        )
        self._sync()
        return False

    def _snapshot(self) -> OperationSnapshot:
        return self._entry.snapshot

    def _update(self, change: Callable[[OperationSnapshot], OperationSnapshot]) -> None:
        self._entry.update(change)


def _token_use(snapshot: OperationSnapshot) -> TokenUse | None:
    return token_info.token_use(snapshot.listing(token_info.NAME))
