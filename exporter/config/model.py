"""The checked configuration as the program uses it: frozen, complete, no defaults left to fill in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from exporter.config.state import StatePlace, default_state
from exporter.endpoint import Endpoint
from exporter.schedules import Schedule
from exporter.settings.secrets import Secret

SECONDS_PER_DAY = 86400.0
CALLS_PER_LICENCE = 1000
"""Calls a day and licence that the vendor allows (all its pages, "Límite diario de tokens")."""


@dataclass(frozen=True, slots=True)
class EndpointSettings:
    """How one endpoint is polled; times in seconds."""

    enabled: bool
    interval: float
    max_age: float

    @property
    def calls_per_day(self) -> float:
        """Calls a day that the polling costs; of machine_codes for each campaign that is dialled."""
        return SECONDS_PER_DAY / self.interval if self.enabled else 0.0


@dataclass(frozen=True, slots=True)
class CampaignFilter:
    """Which campaigns are wanted: full matches on the name or the id; at most `limit` of an operation."""

    include: tuple[re.Pattern[str], ...]
    exclude: tuple[re.Pattern[str], ...]
    limit: int

    def selects(self, campaign_id: str, name: str) -> bool:
        """Tell whether the campaign is wanted."""
        return _any_matches(self.include, campaign_id, name) and not _any_matches(
            self.exclude, campaign_id, name
        )


def _any_matches(patterns: tuple[re.Pattern[str], ...], campaign_id: str, name: str) -> bool:
    return any(pattern.fullmatch(text) for pattern in patterns for text in (name, campaign_id) if text)


def day_of(wall: float, zone: tzinfo) -> tuple[datetime, datetime]:
    """Return local midnight before, and local midnight after, a Unix time, both zone-aware."""
    today = datetime.fromtimestamp(wall, zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return today, today + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Operation:
    """One wolkvox operation (tenant)."""

    name: str
    base_url: str
    token: Secret
    licences: int | None
    timezone: ZoneInfo
    quota_reserve: float
    endpoints: Mapping[Endpoint, EndpointSettings]
    unreachable_after: int
    campaigns: CampaignFilter
    schedules: tuple[Schedule, ...] = ()

    def enabled(self) -> tuple[Endpoint, ...]:
        """Return the endpoints that are polled, the most important first."""
        return tuple(endpoint for endpoint in Endpoint if self.endpoints[endpoint].enabled)

    @property
    def daily_limit(self) -> int | None:
        """Calls a day by the licences; None when they are not configured."""
        return None if self.licences is None else self.licences * CALLS_PER_LICENCE


@dataclass(frozen=True, slots=True)
class Config:
    """The whole configuration; `writes_enabled` lets the commands change records in wolkvox."""

    operations: tuple[Operation, ...]
    writes_enabled: bool = False
    state: StatePlace = field(default_factory=default_state)
