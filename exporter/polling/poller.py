"""Polls the endpoints of one operation: one call, its outcome in the snapshot, and when to call again."""

import logging
import random
from collections.abc import Callable
from typing import Protocol

from exporter.clock import Clock, Moment
from exporter.config import Operation
from exporter.endpoint import Endpoint
from exporter.polling import landing
from exporter.polling.jobs import Job, dialling_campaigns, list_job, machine_codes_job, token_info_job
from exporter.polling.rota import Rota
from exporter.polling.token import Token
from exporter.snapshot import Board, OperationSnapshot
from exporter.wolkvox import Answer, Call, Cause, RequestFailed

_log = logging.getLogger(__name__)

_RETRY_FROM, _RETRY_TO = 0.1, 0.3
"""The one retry after a network fault comes at this share of the interval, at random."""


class Fetcher(Protocol):
    """What a poller needs of the vendor's client."""

    def fetch(self, call: Call, token: str, sink: Callable[[list[object]], None]) -> Answer:
        """Make a call and hand its rows to `sink`; raises RequestFailed."""
        ...  # pragma: no cover


class OperationPoller:
    """Polls one operation; the caller sees to it that one poll of a token runs at a time."""

    def __init__(  # noqa: PLR0913 - everything that it touches is passed in
        self,
        operation: Operation,
        *,
        client: Fetcher,
        token: Token,
        board: Board,
        clock: Clock,
        jitter: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._operation = operation
        self._client = client
        self._token = token
        self._board = board
        self._clock = clock
        self._jitter = jitter
        self._rota = Rota(operation.endpoints[Endpoint.MACHINE_CODES].interval)
        self._retried: set[Endpoint] = set()

    @property
    def operation(self) -> Operation:
        """The operation that is polled."""
        return self._operation

    @property
    def token(self) -> Token:
        """The token that is sent."""
        return self._token

    def dialling(self) -> tuple[str, ...]:
        """Return the ids of the campaigns whose machine codes are asked for at present."""
        return dialling_campaigns(self._operation, self._snapshot(), self._clock.now())

    def poll(self, endpoint: Endpoint, missed: int) -> float:
        """Poll an endpoint once and return the monotonic time of its next turn.

        `missed` turns were lost before this one. Raises nothing that the vendor or the network could cause.
        """
        if missed:
            self._update(lambda s: landing.skipped(s, endpoint, "overlap", missed))
        now = self._clock.now()
        if endpoint is Endpoint.MACHINE_CODES:
            return self._poll_machine_codes(now)
        job = (
            token_info_job()
            if endpoint is Endpoint.TOKEN_INFO
            else list_job(self._operation, endpoint, self._snapshot())
        )
        failure = self._run(endpoint, job, now)
        interval = self._operation.endpoints[endpoint].interval
        if failure is Cause.CONNECTION and endpoint not in self._retried:
            self._retried.add(endpoint)
            return now.monotonic + interval * self._jitter(_RETRY_FROM, _RETRY_TO)
        self._retried.discard(endpoint)
        return now.monotonic + interval

    def _poll_machine_codes(self, now: Moment) -> float:
        campaigns = dialling_campaigns(self._operation, self._snapshot(), now)
        campaign = self._rota.next(campaigns, now.monotonic)
        if campaign is not None:
            self._rota.asked(campaign, now.monotonic)
            self._run(Endpoint.MACHINE_CODES, machine_codes_job(self._operation, campaign, now), now)
        recheck = self._operation.endpoints[Endpoint.REAL_TIME].interval
        return self._rota.due(campaigns, now.monotonic, recheck)

    def _run(self, endpoint: Endpoint, job: Job, started: Moment) -> Cause | None:
        """Make the call of a job and land its outcome; return why it failed, or None."""
        self._update(lambda s: landing.attempted(s, endpoint, started))
        try:
            answer = self._client.fetch(job.call, self._token.text, job.reader.add)
            if answer.rows and job.reader.discarded.get("shape", 0) >= answer.rows:
                raise RequestFailed(Cause.SHAPE, "no row has the expected shape")  # noqa: TRY301 - one path
        except RequestFailed as failure:
            self._failed(endpoint, job, started, failure)
            return failure.cause
        self._succeeded(endpoint, job, started, answer)
        return None

    def _succeeded(self, endpoint: Endpoint, job: Job, started: Moment, answer: Answer) -> None:
        now = self._clock.now()
        duration = now.monotonic - started.monotonic
        failed_before = self._snapshot().polls[endpoint].up is False

        def change(snapshot: OperationSnapshot) -> OperationSnapshot:
            landed = job.land(snapshot, now)
            return landing.succeeded(
                landed,
                endpoint,
                at=now,
                duration=duration,
                rows=answer.rows,
                size=answer.bytes,
                field_errors={field.field: field.count for field in job.reader.unreadable},
                discarded=job.reader.discarded,
            )

        self._update(change)
        about = {"operation": self._operation.name, "endpoint": endpoint.value}
        for field in job.reader.unreadable:
            _log.warning(
                "unreadable field",
                extra={**about, "field": field.field, "rows": field.count, "example": field.example},
            )
        _log.log(
            logging.INFO if failed_before else logging.DEBUG,
            "poll works again" if failed_before else "polled",
            extra={**about, "rows": answer.rows, "bytes": answer.bytes, "seconds": round(duration, 3)},
        )

    def _failed(self, endpoint: Endpoint, job: Job, started: Moment, failure: RequestFailed) -> None:
        duration = self._clock.now().monotonic - started.monotonic
        self._update(
            lambda s: landing.failed(
                s,
                endpoint,
                cause=failure.cause,
                detail=failure.detail,
                duration=duration,
                discarded=job.reader.discarded,
            )
        )
        about = {
            "operation": self._operation.name,
            "endpoint": endpoint.value,
            "cause": failure.cause.value,
            "http_status": failure.http_status,
            "detail": failure.detail,
            "hint": failure.hint,
            "seconds": round(duration, 3),
        }
        _log.warning("poll failed", extra={key: value for key, value in about.items() if value is not None})
        if failure.cause is Cause.AUTH:
            self._token.refused()

    def _snapshot(self) -> OperationSnapshot:
        return self._board.current()[self._operation.name]

    def _update(self, change: Callable[[OperationSnapshot], OperationSnapshot]) -> None:
        self._board.update(self._operation.name, change)
