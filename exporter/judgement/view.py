"""Joins the answers of one operation into campaigns with one set of labels each; drops what is too old."""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from exporter.apis import (
    APIS,
    CAMPAIGN_FAMILIES,
    PLACE,
    agents,
    audit_log,
    campaign_results,
    campaign_settings,
    campaigns,
    services,
    skills,
    token_info,
)
from exporter.clock import Moment
from exporter.families import Value
from exporter.snapshot import Listing, OperationSnapshot, Row
from exporter.snapshot.model import campaign_key

Values = tuple[Value | None, ...]

_LISTS = tuple(api.name for api in APIS if api.lists_campaigns)

_SOURCES = {
    (family.name, column.labels): (column, family.fallback)
    for family in CAMPAIGN_FAMILIES
    for column in family.columns
}


class Campaign(NamedTuple):
    """One campaign as published: its labels (in the order of CAMPAIGN_LABELS) and its values by API.

    `fallback` is whether `campaigns` does not list it, so that figures of `campaign_settings` are used.
    """

    labels: tuple[str, str, str, str]
    values: Mapping[str, Values]
    fallback: bool

    def value(self, family: str, *labels: str) -> Value | None:
        """Return what is published of it in a family, by the values of the family's extra labels."""
        column, fallback = _SOURCES[family, labels]
        if self.fallback and fallback is not None:
            column = fallback
        values = self.values.get(column.api)
        return values[PLACE[column]] if values else None

    def figure(self, family: str, *labels: str) -> float | None:
        """Return the figure that is published of it in a family, whose name follows `wolkvox_campaign_`."""
        value = self.value(f"wolkvox_campaign_{family}", *labels)
        return value if isinstance(value, float) else None

    @property
    def type(self) -> str:
        """Its type as wolkvox names it, "" when it is not known."""
        info = self.value("wolkvox_campaign_info")
        return next(iter(info))[0] if isinstance(info, Mapping) and info else ""


@dataclass(frozen=True, slots=True)
class OperationView:
    """What answers say of an operation as a whole; None is "not known".

    `agents` are counts by status, `queued_calls` those of all skills, `attempts` today's by result,
    `calls_limit` is that of `token_info` for calls of the API a day. `stops` says when campaigns were last
    stopped by hand, and by whom (`audit_log.stops`); that is true however old the answer is.
    """

    agents: Mapping[str, float] | None = None
    queued_calls: float | None = None
    attempts: Value | None = None
    licences: int | None = None
    customer_protection: bool | None = None
    calls_limit: float | None = None
    stops: Mapping[str, tuple[float, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class View:
    """The campaigns of one operation, valid until one of the answers behind them is too old.

    `until_monotonic` and `until_wall` are in seconds on the two clocks, `at` is the Unix time of the last
    list; `operation` is the operation as a whole.
    """

    campaigns: tuple[Campaign, ...]
    until_monotonic: float
    until_wall: float
    at: float = 0.0
    operation: OperationView = field(default_factory=OperationView)

    def holds(self, now: Moment) -> bool:
        """Return whether the view is still valid at `now`."""
        return now.monotonic < self.until_monotonic and now.wall < self.until_wall


def view(snapshot: OperationSnapshot, max_age: Mapping[str, float], now: Moment) -> View:
    """Return what may be published of an operation's campaigns at `now`; `max_age` in seconds by API."""
    fresh: set[str] = set()
    sums: dict[str, dict[str, Values]] = {}
    until_wall = until_monotonic = math.inf
    at = 0.0
    whole: dict[str, Listing] = {}
    for api in max_age:
        for campaign_id, listing in snapshot.answers.get(api, {}).items():
            if listing.fresh(now, max_age[api]):
                until_monotonic = min(until_monotonic, listing.at.monotonic + max_age[api])
                until_wall = min(until_wall, math.inf if listing.valid_until is None else listing.valid_until)
                if api in _LISTS:
                    fresh.add(api)
                    at = max(at, listing.at.wall)
                elif campaign_id:
                    sums.setdefault(campaign_id, {})[api] = listing.rows[0].values
                else:
                    whole[api] = listing
    if not fresh:
        # What only reports tell of is not known since the last list.
        at = max((old.at.wall for api in _LISTS if (old := snapshot.listing(api))), default=0.0)
    found = {campaign.labels: campaign for campaign in _campaigns(snapshot, fresh, sums)}
    operation = _operation(whole, snapshot)
    return View(tuple(found.values()), until_monotonic, until_wall, at, operation)


def _operation(fresh: Mapping[str, Listing], snapshot: OperationSnapshot) -> OperationView:
    token_use = token_info.token_use(fresh.get(token_info.NAME))
    results = fresh.get(campaign_results.NAME)
    return OperationView(
        agents=agents.by_status(fresh.get(agents.NAME)),
        queued_calls=skills.queued_calls(fresh.get(skills.NAME)),
        attempts=results.rows[0].values[0] if results else None,
        licences=services.licences(fresh.get(services.NAME)),
        customer_protection=services.protection(fresh.get(services.NAME)),
        calls_limit=token_use.limit if token_use else None,
        stops=audit_log.stops(snapshot.listing(audit_log.NAME)),
    )


def _campaigns(
    snapshot: OperationSnapshot, fresh: Collection[str], sums: Mapping[str, Mapping[str, Values]]
) -> Iterator[Campaign]:
    """Yield the campaigns of the lists that are `fresh`, with their figures.

    Identity does not age: a label must not become empty because an API failed for a while, so that a skill
    that only an old list has stays known. Without a fresh list the old ones say whose the reports are.
    """
    live_rows, known_rows = (
        _by_key(snapshot.listing(api)) for api in (campaigns.NAME, campaign_settings.NAME)
    )
    live_fresh, known_fresh = campaigns.NAME in fresh, campaign_settings.NAME in fresh
    live_counts, known_counts = live_fresh or not fresh, known_fresh or not fresh
    for key in {**live_rows, **known_rows}:
        live, known = live_rows.get(key, ()), known_rows.get(key, ())
        is_live, is_known = live_fresh and bool(live), known_fresh and bool(known)
        if fresh and not (is_live or is_known):
            continue  # a newer list says that it is gone
        # Reports are about a campaign as a whole: the first of its rows has them.
        values = dict(sums.get(key, {}))
        for row, info in _pairs(live, known):
            named = row if row is not None and live_counts else info if known_counts else None
            if named is None:
                continue  # beside a newer list, one that is too old has no say in who there is
            if row is not None and is_live:
                values[campaigns.NAME] = row.values
            if info is not None and is_known:
                values[campaign_settings.NAME] = info.values
            if values:
                labels = _labels(snapshot, named, row, info)
                yield Campaign(labels, values, fallback=is_known and not is_live)
            values = {}


def _by_key(listing: Listing | None) -> Mapping[str, Sequence[Row]]:
    found = listing.rows if listing else ()
    alone = {campaign_key(row): (row,) for row in found}
    if len(alone) == len(found):
        return alone  # as nearly always: each campaign has one row
    rows: dict[str, list[Row]] = {}
    for row in found:
        rows.setdefault(campaign_key(row), []).append(row)
    return rows


def _pairs(live: Sequence[Row], known: Sequence[Row]) -> Iterator[tuple[Row | None, Row | None]]:
    """Return the rows of one campaign in pairs; a campaign with several skills has several.

    Rows are in the order of their skills: one without a skill gets the least.
    """
    if len(live) == 1 and len(known) <= 1:
        yield live[0], known[0] if known else None
        return
    left = list(known)
    for row in live:
        same = next((info for info in left if info.labels[2] == row.labels[2]), None)
        info = same or (left[0] if left and len(live) == 1 else None)
        if info:
            left.remove(info)
        yield row, info
    for info in left:
        yield None, info


def _labels(
    snapshot: OperationSnapshot, named: Row, row: Row | None, info: Row | None
) -> tuple[str, str, str, str]:
    campaign_id, name, skill_id = named.labels
    for other in (row, info):
        skill_id = skill_id or (other.labels[2] if other else "")
    return snapshot.operation, campaign_id, name, skill_id
