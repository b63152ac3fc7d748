"""Joins the answers of one operation into campaigns with one set of labels each; drops what is over age."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from exporter.api import Api
from exporter.clock import Moment
from exporter.families import Value
from exporter.snapshot import CampaignRow, Listing, OperationSnapshot

Values = tuple[Value | None, ...]

_LISTS = (Api.CAMPAIGNS, Api.CAMPAIGN_SETTINGS)


class Campaign(NamedTuple):
    """One campaign as published: its labels (in the order of CAMPAIGN_LABELS) and its values by api.

    `fallback` tells that `campaigns` does not list it, so that figures of `campaign_settings` stand in.
    """

    labels: tuple[str, str, str, str]
    values: Mapping[Api, Values]
    fallback: bool


@dataclass(frozen=True, slots=True)
class View:
    """The campaigns of one operation, right until one of the answers behind them comes of age.

    `until_monotonic` and `until_wall` are in seconds on the two clocks.
    """

    campaigns: tuple[Campaign, ...]
    until_monotonic: float
    until_wall: float

    def holds(self, now: Moment) -> bool:
        """Tell whether the view is still right at `now`."""
        return now.monotonic < self.until_monotonic and now.wall < self.until_wall


def view(snapshot: OperationSnapshot, max_age: Mapping[Api, float], now: Moment) -> View:
    """Return what may be published of an operation at `now`; `max_age` in seconds by api."""
    lists = {api: listing for api, listing in snapshot.listings.items() if listing.fresh(now, max_age[api])}
    codes = {
        campaign_id: listing
        for campaign_id, listing in snapshot.machine_codes.items()
        if listing.fresh(now, max_age[Api.MACHINE_CODES])
    }
    ends = [listing.at.monotonic + max_age[api] for api, listing in lists.items()]
    ends += [listing.at.monotonic + max_age[Api.MACHINE_CODES] for listing in codes.values()]
    midnights = [listing.valid_until for listing in codes.values() if listing.valid_until is not None]
    campaigns = {campaign.labels: campaign for campaign in _campaigns(snapshot, lists, codes)}
    return View(tuple(campaigns.values()), min(ends, default=math.inf), min(midnights, default=math.inf))


def _campaigns(
    snapshot: OperationSnapshot, lists: Mapping[Api, Listing], codes: Mapping[str, Listing]
) -> Iterator[Campaign]:
    campaigns = _by_key(lists.get(Api.CAMPAIGNS))
    information = _by_key(lists.get(Api.CAMPAIGN_SETTINGS))
    for key in {**campaigns, **information}:
        live, known = campaigns.get(key, ()), information.get(key, ())
        summed = codes[key].rows[0].values if key in codes else None
        for row, info in _pairs(live, known):
            values: dict[Api, Values] = {}
            if row is not None:
                values[Api.CAMPAIGNS] = row.values
            if info is not None:
                values[Api.CAMPAIGN_SETTINGS] = info.values
            if summed is not None:
                values[Api.MACHINE_CODES] = summed
                summed = None
            yield Campaign(_labels(snapshot, row or info, info), values, fallback=not live)
    if not lists:
        # Nobody says that these campaigns are gone, and the last lists still tell who they are.
        known_rows = _by_key(*(snapshot.listings.get(api) for api in _LISTS))
        for campaign_id, listing in codes.items():
            row = next(iter(known_rows.get(campaign_id, ())), listing.rows[0])
            own = {Api.MACHINE_CODES: listing.rows[0].values}
            yield Campaign(_labels(snapshot, row, None), own, fallback=False)


def _by_key(*listings: Listing | None) -> Mapping[str, Sequence[CampaignRow]]:
    if len(listings) == 1 and listings[0]:
        alone = {row.campaign_id or row.name: (row,) for row in listings[0].rows}
        if len(alone) == len(listings[0].rows):
            return alone  # as nearly always: no campaign has several rows
    rows: dict[str, list[CampaignRow]] = {}
    for listing in listings:
        for row in listing.rows if listing else ():
            rows.setdefault(row.key, []).append(row)
    return rows


def _pairs(
    live: Sequence[CampaignRow], known: Sequence[CampaignRow]
) -> Iterator[tuple[CampaignRow | None, CampaignRow | None]]:
    """Pair the rows of one campaign, which can have several when it has several skills."""
    if len(live) == 1 and len(known) <= 1:
        yield live[0], known[0] if known else None
        return
    left = list(known)
    for row in live:
        same = next((info for info in left if info.skill_id == row.skill_id), None)
        info = same or (left[0] if left and len(live) == 1 else None)
        if info:
            left.remove(info)
        yield row, info
    for info in left:
        yield None, info


def _labels(
    snapshot: OperationSnapshot, row: CampaignRow | None, info: CampaignRow | None
) -> tuple[str, str, str, str]:
    assert row is not None  # noqa: S101 - for the type checker: a pair is never empty
    name = snapshot.names.get(row.campaign_id, row.name)
    skill_id = row.skill_id or (info.skill_id if info else "")
    return (snapshot.operation, row.campaign_id, name, skill_id)
