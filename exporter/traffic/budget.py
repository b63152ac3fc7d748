"""How many calls the day's budget has room for. Pure: the figures of the day are passed in."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from exporter.apis import APIS, RANK, token_info
from exporter.apis.services import CALLS_PER_LICENCE
from exporter.clock import MAX_CLOCK_SKEW_SECONDS, day_of
from exporter.config import Operation
from exporter.evidence import COLLECTION, PAGES, Evidence, Statement
from exporter.snapshot import QuotaReading, TokenUse, Usage

STATEMENTS = (
    Statement(
        "An operation may make licences x 1000 calls a day, all of its tokens together; every call costs "
        "one, token_info too.",
        Evidence.DOCUMENTED,
        f"{PAGES}, and {COLLECTION}",
    ),
    Statement(
        "The day of the quota begins at midnight in the operation's zone; where token_info shows that its "
        "count begins anew at another hour, that is followed.",
        Evidence.ASSUMED,
        "no page names the hour",
    ),
)

LOOK_SECONDS = 3600.0
"""After the vendor has refused a call for its quota, how long until one call looks for room again."""

_DAY_SECONDS = 86400.0


@dataclass(frozen=True, slots=True)
class QuotaPolicy:
    """How the operations that share a token use the day's quota.

    `limit` is the daily limit by the licences, None when they are not configured; `reserve` is the share of
    the limit that is left to others, from 0 to 1. `call_rates` are the calls per second of each API.
    """

    limit: int | None
    reserve: float
    timezone: ZoneInfo
    call_rates: Mapping[str, float]

    @classmethod
    def of(cls, operations: Sequence[Operation]) -> "QuotaPolicy":
        """Return the policy of operations with one token: the strictest of each, and the calls of all."""
        limits = [o.daily_limit for o in operations if o.daily_limit is not None]
        return cls(
            limit=min(limits, default=None),
            reserve=max(o.quota_reserve for o in operations),
            timezone=operations[0].timezone,
            call_rates=call_rates(operations),
        )

    def day(self, wall: float) -> tuple[str, float]:
        """Return the date of a Unix time in the operation's zone, and the Unix time of its end."""
        midnight, next_midnight = day_of(wall, self.timezone)
        return midnight.date().isoformat(), next_midnight.timestamp()

    def usage(
        self,
        wall: float,
        *,
        own_count: int,
        reading: QuotaReading | None,
        refused_at: float | None,
        licences: int | None = None,
    ) -> Usage:
        """Return the usage of the day of a Unix time.

        `own_count` are our own calls of that day; `refused_at` is when the vendor last refused a call because
        the limit was reached, on whatever day; `licences` are those that the vendor tells.
        """
        day, ends = self.day(wall)
        calls = self.limit if self.limit is not None or licences is None else licences * CALLS_PER_LICENCE
        limit = None if calls is None else float(calls)
        others = None
        if reading is not None:
            limit = reading.told.limit if limit is None else limit
            if reading.counts and reading.day == day and reading.told.used is not None:
                others = max(reading.told.used - reading.own_count, 0.0)
        return Usage(
            day,
            ends,
            own_count,
            others,
            limit,
            budget=None if limit is None else limit * (1 - self.reserve),
            refused_at=refused_at if refused_at is not None and self.day(refused_at)[0] == day else None,
        )

    def room(self, usage: Usage, priority: int, wall: float) -> float | None:
        """Return how many more calls may be made at a Unix time for a priority; None without a limit.

        What the more important APIs will need until midnight is set aside, so that the least important one is
        the first to be skipped, and `campaigns` the last.
        """
        if usage.budget is None:
            return None
        seconds = max(usage.ends - wall, 0.0)
        rates = (rate for api, rate in self.call_rates.items() if RANK[api] < priority)
        set_aside = sum(math.ceil(seconds * rate) for rate in rates)
        return usage.budget - usage.used - set_aside

    def permits(self, usage: Usage, api: str, wall: float, *, licences: int | None = None) -> bool:
        """Return whether the day's budget has room for polling an API at a Unix time.

        Nothing that `token_info` has told keeps it from being asked again, for only it can correct that;
        `licences` are as in `usage`.
        """
        if api == token_info.NAME:
            usage = self.usage(
                wall, own_count=usage.own_count, reading=None, refused_at=None, licences=licences
            )
        room = self.room(usage, RANK[api], wall)
        return room is None or room >= 1


def call_rates(operations: Sequence[Operation]) -> Mapping[str, float]:
    """Return the calls per second that polling makes, by API; of one asked by campaign, for one campaign."""
    return {
        api.name: sum(1 / o.apis[api.name].interval for o in operations if o.apis[api.name].enabled)
        for api in APIS
    }


def reading_after(before: QuotaReading | None, told: TokenUse, day: str, own_count: int) -> QuotaReading:
    """Return the reading after the vendor has told the calls of its day.

    `own_count` are our own calls of the local day `day`. The vendor's day may end at another hour than ours:
    what it tells counts for today once it has fallen since the day changed, until then it may be yesterday's.
    What an answer does not tell stays as it was told before.
    """
    if before is None:
        return QuotaReading(told, day, own_count, counts=told.used is not None)
    limit = before.told.limit if told.limit is None else told.limit
    if told.used is None:
        kept = TokenUse(told.at, limit, before.told.used)
        return QuotaReading(kept, before.day, before.own_count, before.counts)
    counts = (
        (before.counts and before.day == day)
        or before.told.used is None
        or told.used < before.told.used
        # Within a day the vendor's count begins anew, at whatever hour.
        or told.at.monotonic - before.told.at.monotonic >= _DAY_SECONDS
        # The clock that gave the day was ahead, and has been put right.
        or before.day > day
    )
    return QuotaReading(TokenUse(told.at, limit, told.used), day, own_count, counts)


def has_room(usage: Usage, told: TokenUse) -> bool:
    """Return whether what the vendor has told is known to be below the limit, and below its own."""
    limits = [limit for limit in (usage.limit, told.limit) if limit is not None]
    return told.used is not None and bool(limits) and told.used < min(limits)


def seconds_until_look(usage: Usage, wall: float) -> float:
    """Return in how many seconds after a Unix time one call may look whether there is room again."""
    assert usage.refused_at is not None  # noqa: S101 - for the type checker
    since = wall - usage.refused_at
    # A clock that was put back says nothing about how long ago it was.
    return max(LOOK_SECONDS - since, 0.0) if since > -MAX_CLOCK_SKEW_SECONDS else 0.0
