"""Is there room for a call in the day's budget? Pure: the figures of the day are passed in."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from exporter.apis import APIS, RANK, token_info
from exporter.clock import day_of
from exporter.config import Operation
from exporter.snapshot import TokenUse, Usage


@dataclass(frozen=True, slots=True)
class Terms:
    """What the operations that share a token agree on.

    `limit` is the daily limit by the licences, None when they are not configured; `reserve` is the share of
    the limit that is left to others. `needs` are the calls that each API makes in a second.
    """

    limit: int | None
    reserve: float
    timezone: ZoneInfo
    needs: Mapping[str, float]

    @classmethod
    def of(cls, operations: Sequence[Operation]) -> "Terms":
        """Return the terms of operations with one token: the strictest of each, and the needs of all."""
        limits = [o.daily_limit for o in operations if o.daily_limit is not None]
        return cls(
            limit=min(limits, default=None),
            reserve=max(o.quota_reserve for o in operations),
            timezone=operations[0].timezone,
            needs=needs(operations),
        )

    def day(self, wall: float) -> tuple[str, float]:
        """Return the date of a Unix time in the operation's zone, and the Unix time of its end."""
        midnight, next_midnight = day_of(wall, self.timezone)
        return midnight.date().isoformat(), next_midnight.timestamp()

    def allows(self, usage: Usage, priority: int, wall: float) -> bool:
        """Tell whether one more call may be made at a Unix time for an API of the given priority."""
        room = self.room(usage, priority, wall)
        return room is None or room >= 1

    def room(self, usage: Usage, priority: int, wall: float) -> float | None:
        """Return how many more calls may be made at a Unix time for a priority; None without a limit.

        What the more important APIs will need until midnight is set aside, so that the least important
        is the first to be skipped and `campaigns` the last.
        """
        if usage.limit is None:
            return None
        seconds = max(usage.ends - wall, 0.0)
        set_aside = sum(math.ceil(seconds * rate) for api, rate in self.needs.items() if RANK[api] < priority)
        return usage.limit * (1 - self.reserve) - usage.used - set_aside


def needs(operations: Sequence[Operation]) -> Mapping[str, float]:
    """Return the calls a second that polling makes, by API; of one asked by campaign, for one campaign."""
    return {
        api.name: sum(1 / o.apis[api.name].interval for o in operations if o.apis[api.name].enabled)
        for api in APIS
    }


def usage_of(  # noqa: PLR0913 - the pieces of one day's usage
    terms: Terms, *, counted: int, token_use: TokenUse | None, closed_day: str, day: str, ends: float
) -> Usage:
    """Return the usage of a day from our own count and the vendor's last word."""
    told, limit = None, None if terms.limit is None else float(terms.limit)
    if token_use is not None:
        limit = token_use.limit if limit is None else limit
        # What it said of yesterday says nothing of today; its limit stays what it is.
        told = token_use.used if terms.day(token_use.at.wall)[0] == day else None
    return Usage(day, ends, counted, told, limit, closed=closed_day == day)


def permits(terms: Terms, usage: Usage, api: str, wall: float) -> bool:
    """Tell whether an API may be polled at a Unix time.

    After the vendor's refusal nothing is asked until the next day, but for `token_info`, which alone can tell
    that there is room again.
    """
    if usage.closed and api != token_info.NAME:
        return False
    return terms.allows(usage, RANK[api], wall)


def has_room(usage: Usage, token_use: TokenUse | None) -> bool:
    """Tell whether the vendor itself says that calls are left today, by its own limit where it tells one."""
    limits = [limit for limit in (usage.limit, token_use.limit if token_use else None) if limit is not None]
    return usage.told is not None and bool(limits) and usage.told < min(limits)
