"""Time, passed in wherever it is needed so that tests can move it by hand."""

import time
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Moment:
    """One instant on both clocks.

    `wall` is Unix time in seconds, for people and for Prometheus; `monotonic` is seconds on a clock that
    never jumps (PEP 418), for ages and intervals.
    """

    wall: float
    monotonic: float


class Clock(Protocol):
    """Where the time comes from."""

    def now(self) -> Moment:
        """Return the present moment."""
        ...  # pragma: no cover


class SystemClock:
    """The machine's clocks."""

    def now(self) -> Moment:
        """Return the present moment of the machine."""
        return Moment(time.time(), time.monotonic())
