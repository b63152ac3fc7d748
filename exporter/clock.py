"""Time, passed in wherever it is needed, so that tests can set it."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Moment:
    """One instant on both clocks.

    `wall` is Unix time in seconds, for people and for Prometheus; `monotonic` is seconds on a clock that
    nobody sets (PEP 418) and that goes on while the machine sleeps, for ages and intervals.
    """

    wall: float
    monotonic: float


class Clock(Protocol):
    """A source of the time."""

    def now(self) -> Moment:
        """Return the present moment."""
        ...  # pragma: no cover


MAX_CLOCK_SKEW_SECONDS = 300.0
"""How far the clocks of replicas, and that of the vendor, may differ from ours."""


class SystemClock:
    """The machine's clocks."""

    def now(self) -> Moment:
        """Return the present moment by the clocks of the machine."""
        return Moment(time.time(), _elapsed())


def _elapsed() -> float:
    """Return seconds on a clock that goes on while the machine sleeps.

    Linux stops `time.monotonic` then (clock_gettime(2), CLOCK_BOOTTIME): last night's figures would seem a
    few minutes old when a laptop is opened in the morning.
    """
    boot_time = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot_time is None else time.clock_gettime(boot_time)


def day_of(wall: float, zone: tzinfo) -> tuple[datetime, datetime]:
    """Return the local midnights before and after a Unix time, both zone-aware."""
    today = datetime.fromtimestamp(wall, zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return today, today + timedelta(days=1)
