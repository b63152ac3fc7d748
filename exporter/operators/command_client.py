"""The calls of a command: each waits for the token's lease and keeps within the day's budget."""

import logging
import math
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from exporter.apis import APIS, Api, PollContext, RowReader, token_info
from exporter.clock import Clock
from exporter.operators.translation import translated
from exporter.snapshot import Listing, Usage
from exporter.traffic import Gate, Permit
from exporter.wolkvox import (
    Answer,
    Call,
    Cause,
    Disposition,
    DispositionOutcome,
    DispositionResult,
    RequestFailed,
    Sink,
)

_log = logging.getLogger(__name__)

_LAST_PRIORITY = len(APIS)
"""An operator's command comes after all APIs: the calls that they need until midnight are set aside."""

FIRST_PRIORITY = 0
"""For a command of few calls that a person waits for: nothing is set aside for polls."""

_LEASE_RETRY_SECONDS = (0.2, 0.6)
"""The wait before a lease that another process has is asked for again: at random from, to."""

WORK_SECONDS, PAUSE_SECONDS = 20.0, 2.5
"""After so much work a command pauses, for longer than a waiting exporter takes to ask again (1 to 2 s), so
that a batch of hours delays a poll by seconds."""

GUESSED_CALL_SECONDS = 1.0
"""How long a call takes, before one was made: small operations answer in 0.5 to 1 s (seen)."""

_WAIT_NOTICE_SECONDS = 5.0
"""How long a command waits for the lease before the person is told why nothing happens."""

MAX_CONSECUTIVE_FAILURES = 3
"""After so many calls in a row without a usable answer a batch ends: the customers are not the reason."""

CAUSES_FOR_ANY_CALL = frozenset({Cause.AUTH, Cause.QUOTA, Cause.CONCURRENCY, Cause.FORBIDDEN, Cause.TLS})
"""Causes that do not depend on what was asked for: the next call would fail with them as well."""

_MEAN_WEIGHT_RATIO = 0.1
"""Weight of the latest call in the mean duration."""


class OutOfBudget(Exception):  # noqa: N818 - an outcome, named as one
    """The day's budget has no room for one more call of a command."""

    def __str__(self) -> str:
        return translated("today's call budget is used up; run the same command tomorrow to continue")


class Interrupted(Exception):  # noqa: N818 - an outcome, named as one
    """The person interrupted the command before the call was made."""


class StateNotShared(Exception):  # noqa: N818 - an outcome, named as one
    """The state store is unavailable, so it is not known whether the exporter is making a call."""

    def __str__(self) -> str:
        return translated(
            "the state store is unavailable, so it is not known whether the exporter is making a call"
        )


class Stop(Protocol):
    """What can end a wait."""

    @property
    def requested(self) -> bool:
        """Whether the person asked to stop."""
        ...  # pragma: no cover

    def wait(self, seconds: float) -> None:
        """Wait, at most until the person asks to stop."""
        ...  # pragma: no cover


class VendorClient(Protocol):
    """What is needed of the vendor's client."""

    def fetch(self, call: Call, token: str, sink: Sink) -> Answer:
        """Return the answer to a call, whose rows go to `sink`; raises RequestFailed."""
        ...  # pragma: no cover

    def codify(self, disposition: Disposition, token: str) -> DispositionResult:
        """Return what became of setting a customer's disposition; never raises."""
        ...  # pragma: no cover


class TokenSource(Protocol):
    """The token of an operation."""

    @property
    def text(self) -> str:
        """The token itself."""
        ...  # pragma: no cover

    def read_again(self) -> None:
        """Note that the vendor refuses the token."""
        ...  # pragma: no cover


def failure_text(failure: RequestFailed) -> str:
    """Return why a call failed, on one line; what wolkvox says stays in its own words."""
    return f"{translated(failure.cause.value)}: {translated(failure.detail)}"


def read_answer(
    fetch: Callable[[Call, Sink], Answer], api: Api, context: PollContext
) -> tuple[Answer, RowReader]:
    """Return what an API answers now, and the reader that has its rows, for a command.

    Raises what `fetch` raises, which makes the call; RequestFailed also when the answer is none of the API's.
    """
    reader = api.reader(context)
    answer = fetch(api.call(context), reader.add)
    api.check(answer, reader)
    return answer, reader


@dataclass(frozen=True, slots=True)
class RemainingBudget:
    """Today's calls: used, allowed, and left for commands; None where the limit is not known."""

    used: float
    limit: float | None
    left: int | None


class CommandClient:
    """Makes the calls of one command with one token; for one thread.

    `state_shared` tells whether the state store, and so the lease, is shared with the exporter at present;
    `priority` is how important its calls are beside polls, 0 the most, as `exporter.apis.RANK` has it.
    """

    def __init__(  # noqa: PLR0913 - everything that it touches is passed in
        self,
        scope: str,
        *,
        vendor: VendorClient,
        token: TokenSource,
        gate: Gate,
        clock: Clock,
        stop: Stop,
        state_shared: Callable[[], bool],
        jitter: Callable[[float, float], float] = random.uniform,
        priority: int = _LAST_PRIORITY,
    ) -> None:
        self._scope = scope
        self._priority = priority
        self._vendor = vendor
        self._token = token
        self._gate = gate
        self._clock = clock
        self._stop = stop
        self._state_shared = state_shared
        self._jitter = jitter
        self._working_since: float | None = None
        self._quota_asked = False
        self._mean_seconds = GUESSED_CALL_SECONDS
        self.calls = 0
        """Calls made so far."""

    def estimated_seconds(self, calls: float) -> float:
        """Return how long so many calls will take, judging by those made so far and with the pauses."""
        return calls * self._mean_seconds * (WORK_SECONDS + PAUSE_SECONDS) / WORK_SECONDS

    def remaining_budget(self, *, ask: bool = True) -> RemainingBudget:
        """Return what is left of today's budget.

        Wolkvox is asked (one call, once) if the limit, or what others have used today, is not known.

        Raises what `fetch` raises, but not RequestFailed; without `ask` it makes no call and raises nothing.
        """
        usage = self._gate.usage()
        if ask and None in {usage.limit, usage.others_count} and not self._quota_asked:
            self._quota_asked = True
            context = PollContext(datetime.fromtimestamp(self._clock.now().wall, UTC))
            try:
                _, reader = read_answer(self.fetch, token_info.API, context)
            except RequestFailed:
                pass  # the limit stays unknown, and the next call shows what is wrong
            else:
                told = token_info.token_use(Listing(self._clock.now(), reader.rows()))
                if told is not None:
                    self._gate.note_vendor_count(told)
                usage = self._gate.usage()
        return self._remaining(usage)

    def fetch(self, call: Call, sink: Sink) -> Answer:
        """Return the answer to a call for a list, whose rows go to `sink`.

        Raises RequestFailed, OutOfBudget, Interrupted, StateNotShared, StateError, and what `sink` raises.
        """
        with self._lease(lambda: None) as (held, usage):
            started = self._clock.now().monotonic
            try:
                answer = self._vendor.fetch(call, self._token.text, sink)
            except RequestFailed as failure:
                self._record(call, started, failure.cause)
                self._note_refusal(failure.cause, held, usage)
                raise
            self._record(call, started, None)
            return answer

    def codify(self, disposition: Disposition, before: Callable[[], None]) -> DispositionResult:
        """Return what became of setting a customer's disposition, once.

        `before` is called right before the call, with the lease held; when it raises, no call is made and the
        exception passes. Raises OutOfBudget, Interrupted, StateNotShared, StateError too: then nothing was
        sent.
        """
        with self._lease(before) as (held, usage):
            started = self._clock.now().monotonic
            result = self._vendor.codify(disposition, self._token.text)
            self._record(disposition.call, started, result.cause)
            if result.outcome is not DispositionOutcome.UNKNOWN and result.cause is not None:
                self._note_refusal(result.cause, held, usage)
            return result

    @contextmanager
    def _lease(self, before: Callable[[], None]) -> Iterator[tuple[Permit, Usage]]:
        """Yield with the token's lease held and one call counted; waits for it, but not for another day."""
        self._pause_for_polls()
        since, noticed = self._clock.now().monotonic, False
        while True:
            if self._stop.requested:
                raise Interrupted
            # Before and after: other processes do not see a lease that was taken while the store was away.
            if not self._state_shared():
                raise StateNotShared
            with self._gate.permit() as held:
                if not self._state_shared():
                    raise StateNotShared
                if held is not None:
                    usage = self._gate.usage()
                    left = self._remaining(usage).left
                    if left is not None and left < 1:
                        raise OutOfBudget
                    before()
                    begun = self._gate.begin(held, usage, self._scope, {})
                    if not self._state_shared():
                        raise StateNotShared
                    if begun is not None:
                        self.calls += 1
                        yield held, begun
                        return
            # Another process makes its call, which is all that a pause is for.
            self._working_since = None
            if not noticed and self._clock.now().monotonic - since >= _WAIT_NOTICE_SECONDS:
                noticed = True
                _log.warning(
                    "waiting for the token: the exporter or another command is making a call; "
                    "if one of them was killed, this takes up to 90 s"
                )
            self._stop.wait(self._jitter(*_LEASE_RETRY_SECONDS))

    def _pause_for_polls(self) -> None:
        now = self._clock.now().monotonic
        if self._working_since is None:
            self._working_since = now
        elif now - self._working_since >= WORK_SECONDS:
            self._stop.wait(PAUSE_SECONDS)
            self._working_since = self._clock.now().monotonic

    def _remaining(self, usage: Usage) -> RemainingBudget:
        left = self._gate.policy.room(usage, self._priority, self._clock.now().wall)
        if usage.refused_at is not None:
            left = 0.0
        return RemainingBudget(usage.used, usage.limit, None if left is None else max(math.floor(left), 0))

    def _note_refusal(self, cause: Cause, held: Permit, usage: Usage) -> None:
        if cause is Cause.QUOTA:
            self._gate.note_refusal(held, usage)
        elif cause is Cause.AUTH:
            self._token.read_again()

    def _record(self, call: Call, started: float, cause: Cause | None) -> None:
        """Remember how long calls take, and log this one without its query."""
        seconds = self._clock.now().monotonic - started
        self._mean_seconds = (
            seconds
            if self.calls == 1
            else self._mean_seconds + _MEAN_WEIGHT_RATIO * (seconds - self._mean_seconds)
        )
        _log.debug(
            "called",
            extra={
                "api": call.query.get("api", ""),
                "cause": cause.value if cause else "",
                "seconds": round(seconds, 3),
            },
        )
