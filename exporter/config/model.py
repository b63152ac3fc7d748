"""The checked configuration as the program uses it: frozen, complete, no defaults left to fill in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from exporter.apis import APIS, BY_NAME
from exporter.apis.services import CALLS_PER_LICENCE
from exporter.config.state import StatePlace, default_state
from exporter.schedules import Schedule, matches_any
from exporter.settings.secrets import Secret

SECONDS_PER_DAY = 86400.0


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """How one API is polled; times in seconds. `options` are the keys that only this API has."""

    enabled: bool
    interval: float
    max_age: float
    options: Mapping[str, object] = field(default_factory=dict)


def calls_per_day(intervals: Mapping[str, float], campaigns: int) -> float:
    """Return the calls a day of polling APIs at intervals (seconds) while so many campaigns dial."""
    return sum(SECONDS_PER_DAY / interval * _asked(api, campaigns) for api, interval in intervals.items())


def _asked(api: str, campaigns: int) -> int:
    """Return how often an API is called in one interval."""
    return campaigns + BY_NAME[api].and_whole if BY_NAME[api].by_campaign else 1


@dataclass(frozen=True, slots=True)
class CampaignFilter:
    """Which campaigns are wanted: full matches on the name or the id; at most `limit` of an operation."""

    include: tuple[re.Pattern[str], ...]
    exclude: tuple[re.Pattern[str], ...]
    limit: int

    def selects(self, campaign_id: str, name: str) -> bool:
        """Return whether the campaign is wanted."""
        return matches_any(self.include, campaign_id, name) and not matches_any(
            self.exclude, campaign_id, name
        )


@dataclass(frozen=True, slots=True)
class Operation:
    """One wolkvox operation (tenant)."""

    name: str
    base_url: str
    token: Secret
    licences: int | None
    timezone: ZoneInfo
    quota_reserve: float
    apis: Mapping[str, ApiSettings]
    campaigns: CampaignFilter
    schedules: tuple[Schedule, ...] = ()
    abandonment_limit: float = 0.03
    predictives_limit: int | None = None

    def enabled(self) -> tuple[str, ...]:
        """Return the names of the APIs that are polled, the most important first."""
        return tuple(api.name for api in APIS if self.apis[api.name].enabled)

    def intervals(self) -> Mapping[str, float]:
        """Return the intervals of the APIs that are polled, in seconds."""
        return {api: self.apis[api].interval for api in self.enabled()}

    @property
    def daily_limit(self) -> int | None:
        """Calls a day by the licences; None when they are not configured."""
        return None if self.licences is None else self.licences * CALLS_PER_LICENCE


@dataclass(frozen=True, slots=True)
class Config:
    """The whole configuration.

    `writes_enabled` lets the commands change records in wolkvox; `journals` is the folder in which they note
    that, None for the one beside the state.
    """

    operations: tuple[Operation, ...]
    writes_enabled: bool = False
    state: StatePlace = field(default_factory=default_state)
    journals: Path | None = None
