"""A command's way to wolkvox: it waits for the token's lease and keeps within the day's budget."""

import logging
import math
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from exporter.apis import APIS, PollContext, token_info
from exporter.clock import Clock
from exporter.snapshot import Listing, TokenUse, Usage
from exporter.traffic import Gate, Pass
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

_LAST = len(APIS)
"""A command's rank: what polling needs until midnight is set aside, for all of its APIs."""

_LOOK_FROM, _LOOK_TO = 0.2, 0.6
"""Seconds after which to ask again for a lease that somebody else has."""

WORK_SECONDS, ASIDE_SECONDS = 20.0, 2.5
"""After so much work a command stands aside, for longer than a waiting exporter takes to look again (1 to
2 s), so that a batch of hours delays a poll by seconds."""

GUESSED_CALL_SECONDS = 1.0
"""How long a call takes, before one was made: small operations answer in 0.5 to 1 s (seen)."""

_TELL_AFTER = 5.0
"""Seconds of waiting after which the person is told why nothing happens."""

STRIKES = 3
"""After so many calls in a row without a usable answer a batch ends: it is not about the customers."""

EVERYBODYS = frozenset({Cause.AUTH, Cause.QUOTA, Cause.CONCURRENCY, Cause.FORBIDDEN, Cause.TLS})
"""What does not depend on what was asked for: the next call would end in it as well."""

_MEMORY = 0.1


class OutOfBudget(Exception):  # noqa: N818 - an outcome, named as one
    """The day's budget has no room for one more call of a command."""

    def __str__(self) -> str:
        return "the day's budget of calls is used up; run it again tomorrow, it goes on where it ended"


class Interrupted(Exception):  # noqa: N818 - an outcome, named as one
    """The person asked for the end before the call was made."""


class Unshared(Exception):  # noqa: N818 - an outcome, named as one
    """The state store is away, so nobody can tell whether the exporter is in the middle of a call."""

    def __str__(self) -> str:
        return "the state store is away, so nobody can tell whether the exporter is in the middle of a call"


class Stop(Protocol):
    """What a wait can be ended with."""

    @property
    def requested(self) -> bool:
        """Whether the end was asked for."""
        ...  # pragma: no cover

    def wait(self, seconds: float) -> None:
        """Wait, at most until the end is asked for."""
        ...  # pragma: no cover


class Vendor(Protocol):
    """What a line needs of the vendor's client."""

    def fetch(self, call: Call, token: str, sink: Sink) -> Answer:
        """Make a call and hand its rows to `sink`; raises RequestFailed."""
        ...  # pragma: no cover

    def codify(self, disposition: Disposition, token: str) -> DispositionResult:
        """Set a customer's disposition; never raises."""
        ...  # pragma: no cover


class TokenSource(Protocol):
    """The token and what is known of its use."""

    @property
    def text(self) -> str:
        """The token itself."""
        ...  # pragma: no cover

    def refused(self) -> None:
        """Note that the vendor does not know the token."""
        ...  # pragma: no cover


@dataclass(frozen=True, slots=True)
class Room:
    """What is left of today's calls for commands; `left` and `limit` are None where no limit is known."""

    used: float
    limit: float | None
    left: int | None


class Line:
    """The calls of one command with one token; for one thread.

    `shared` tells whether the state store, and so the lease, is shared with the exporter at present.
    `told` gives the vendor's last word on the day's calls that the exporter has stored.
    """

    def __init__(  # noqa: PLR0913 - everything that it touches is passed in
        self,
        scope: str,
        *,
        vendor: Vendor,
        token: TokenSource,
        gate: Gate,
        clock: Clock,
        stop: Stop,
        shared: Callable[[], bool],
        told: Callable[[], TokenUse | None],
        jitter: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._scope = scope
        self._vendor = vendor
        self._token = token
        self._gate = gate
        self._clock = clock
        self._stop = stop
        self._shared = shared
        self._told = told
        self._jitter = jitter
        self._working_since: float | None = None
        self._learned: TokenUse | None = None
        self._asked = False
        self._mean = GUESSED_CALL_SECONDS
        self.calls = 0
        """Calls made so far."""

    def seconds(self, calls: float) -> float:
        """Return how long so many calls will take, by those made so far and with the standing aside."""
        return calls * self._mean * (WORK_SECONDS + ASIDE_SECONDS) / WORK_SECONDS

    def room(self, *, ask: bool = True) -> Room:
        """Return what is left of today's budget, asking wolkvox (one call, once) where no limit is known.

        Raises what `fetch` raises, but RequestFailed; without `ask` nothing and makes no call.
        """
        usage = self._usage()
        if ask and usage.limit is None and not self._asked:
            self._asked = True
            context = PollContext(datetime.fromtimestamp(self._clock.now().wall, UTC))
            reader = token_info.API.reader(context)
            try:
                self.fetch(token_info.API.call(context), reader.add)
            except RequestFailed:
                pass  # the limit stays unknown, and the next call tells what is wrong
            else:
                self._learned = token_info.token_use(Listing(self._clock.now(), reader.rows()))
                usage = self._usage()
        return self._room(usage)

    def fetch(self, call: Call, sink: Sink) -> Answer:
        """Make a call for a list and hand its rows to `sink`.

        Raises RequestFailed, OutOfBudget, Interrupted, Unshared, StateError. An exception of `sink` passes.
        """
        with self._turn(lambda: None) as (held, usage):
            started = self._clock.now().monotonic
            try:
                answer = self._vendor.fetch(call, self._token.text, sink)
            except RequestFailed as failure:
                self._took(call, started, failure.cause)
                self._note_refusal(failure.cause, held, usage)
                raise
            self._took(call, started, None)
            return answer

    def codify(self, disposition: Disposition, before: Callable[[], None]) -> DispositionResult:
        """Set a customer's disposition, once.

        `before` is called when it is our turn, right before the call is made; when it raises, no call is made
        and the exception passes. Raises OutOfBudget, Interrupted, Unshared, StateError too: then nothing was
        sent.
        """
        with self._turn(before) as (held, usage):
            started = self._clock.now().monotonic
            end = self._vendor.codify(disposition, self._token.text)
            self._took(disposition.call, started, end.cause)
            if end.outcome is not DispositionOutcome.UNKNOWN and end.cause is not None:
                self._note_refusal(end.cause, held, usage)
            return end

    @contextmanager
    def _turn(self, before: Callable[[], None]) -> Iterator[tuple[Pass, Usage]]:
        """Hold the lease of the token with one call counted; waits for both, but not for another day."""
        self._stand_aside()
        since, told = self._clock.now().monotonic, False
        while True:
            if self._stop.requested:
                raise Interrupted
            # Before and after: a lease that was got from a store that is away is nobody else's business.
            if not self._shared():
                raise Unshared
            with self._gate.pass_for(self._token.text) as held:
                if not self._shared():
                    raise Unshared
                if held is not None:
                    usage = self._usage()
                    left = self._room(usage).left
                    if left is not None and left < 1:
                        raise OutOfBudget
                    before()
                    begun = self._gate.begin(held, usage, self._scope, {})
                    if not self._shared():
                        raise Unshared
                    if begun is not None:
                        self.calls += 1
                        yield held, begun
                        return
            # Somebody else has his turn, and that is all that standing aside is for.
            self._working_since = None
            if not told and self._clock.now().monotonic - since >= _TELL_AFTER:
                told = True
                _log.warning(
                    "waiting for the token: the exporter or another command is in the middle of a call; "
                    "after the death of one it takes 90 s"
                )
            self._stop.wait(self._jitter(_LOOK_FROM, _LOOK_TO))

    def _stand_aside(self) -> None:
        now = self._clock.now().monotonic
        if self._working_since is None:
            self._working_since = now
        elif now - self._working_since >= WORK_SECONDS:
            self._stop.wait(ASIDE_SECONDS)
            self._working_since = self._clock.now().monotonic

    def _usage(self) -> Usage:
        return self._gate.usage(self._token.text, self._learned or self._told())

    def _room(self, usage: Usage) -> Room:
        left = self._gate.terms.room(usage, _LAST, self._clock.now().wall)
        if usage.closed:
            left = 0.0
        return Room(usage.used, usage.limit, None if left is None else max(math.floor(left), 0))

    def _note_refusal(self, cause: Cause, held: Pass, usage: Usage) -> None:
        if cause is Cause.QUOTA:
            self._gate.close(held, usage)
        elif cause is Cause.AUTH:
            self._token.refused()

    def _took(self, call: Call, started: float, cause: Cause | None) -> None:
        """Remember how long calls take, and log this one without what it asked for."""
        seconds = self._clock.now().monotonic - started
        self._mean = seconds if self.calls == 1 else self._mean + _MEMORY * (seconds - self._mean)
        _log.debug(
            "called",
            extra={
                "api": call.query.get("api", ""),
                "cause": cause.value if cause else "",
                "seconds": round(seconds, 3),
            },
        )
