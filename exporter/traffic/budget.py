"""How many calls the day's budget has room for. Pure: the figures of the day are passed in."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from exporter.apis import APIS, RANK, token_info
from exporter.clock import day_of
from exporter.config import Operation
from exporter.snapshot import TokenUse, Usage


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

    def allows(self, usage: Usage, priority: int, wall: float) -> bool:
        """Return whether one more call may be made at a Unix time for an API of the given priority."""
        room = self.room(usage, priority, wall)
        return room is None or room >= 1

    def room(self, usage: Usage, priority: int, wall: float) -> float | None:
        """Return how many more calls may be made at a Unix time for a priority; None without a limit.

        What the more important APIs will need until midnight is set aside, so that the least important one is
        the first to be skipped, and `campaigns` the last.
        """
        if usage.limit is None:
            return None
        seconds = max(usage.ends - wall, 0.0)
        rates = (rate for api, rate in self.call_rates.items() if RANK[api] < priority)
        set_aside = sum(math.ceil(seconds * rate) for rate in rates)
        return usage.limit * (1 - self.reserve) - usage.used - set_aside


def call_rates(operations: Sequence[Operation]) -> Mapping[str, float]:
    """Return the calls per second that polling makes, by API; of one asked by campaign, for one campaign."""
    return {
        api.name: sum(1 / o.apis[api.name].interval for o in operations if o.apis[api.name].enabled)
        for api in APIS
    }


def usage_of(  # noqa: PLR0913 - the pieces of one day's usage
    policy: QuotaPolicy,
    *,
    own_count: int,
    token_use: TokenUse | None,
    exhausted_day: str,
    day: str,
    ends: float,
) -> Usage:
    """Return the usage of a day by our own count and the vendor's last one.

    `exhausted_day` is the day on which the vendor last refused a call because the limit was reached.
    """
    vendor_count, limit = None, None if policy.limit is None else float(policy.limit)
    if token_use is not None:
        limit = token_use.limit if limit is None else limit
        # Its count of yesterday says nothing about today; its limit stays what it is.
        vendor_count = token_use.used if policy.day(token_use.at.wall)[0] == day else None
    return Usage(day, ends, own_count, vendor_count, limit, exhausted=exhausted_day == day)


def permits(policy: QuotaPolicy, usage: Usage, api: str, wall: float) -> bool:
    """Return whether an API may be polled at a Unix time.

    After the vendor has refused a call nothing is asked until the next day but `token_info`, which alone can
    show that there is room again.
    """
    if usage.exhausted and api != token_info.NAME:
        return False
    return policy.allows(usage, RANK[api], wall)


def has_room(usage: Usage, token_use: TokenUse | None) -> bool:
    """Return whether the vendor's own count is below the limit, its own one where it names one."""
    limits = [limit for limit in (usage.limit, token_use.limit if token_use else None) if limit is not None]
    return usage.vendor_count is not None and bool(limits) and usage.vendor_count < min(limits)
