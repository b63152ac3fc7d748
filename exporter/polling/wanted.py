"""Which campaigns of the answers are served, under which names: the only place that filters them. Pure."""

from collections.abc import Mapping
from dataclasses import replace

from exporter.apis import campaign_settings
from exporter.config import CampaignFilter
from exporter.snapshot import Listing, Row
from exporter.snapshot.model import id_rank


def wanted_campaigns(
    lists: Mapping[str, Listing], campaigns: CampaignFilter
) -> Mapping[str, tuple[Listing, int]]:
    """Return the wanted campaigns of each list, and how many rows the limit has left out of it.

    `lists` are the answers as they came, by API. A campaign is judged by its id and its clean name, which is
    that of `campaign_settings` where that has one. Of too many, those with the highest ids are kept, because
    old operations keep years of finished campaigns. Rows are sorted by id and skill: wolkvox may list them in
    any order.
    """
    names = campaign_settings.names(lists.get(campaign_settings.NAME))
    found = {}
    for api, listing in lists.items():
        named = (_named(row, names) for row in listing.rows)
        rows = sorted((row for row in named if campaigns.selects(*row.labels[:2])), key=_order)
        over = max(len(rows) - campaigns.limit, 0)
        found[api] = (replace(listing, rows=tuple(rows[over:])), over)
    return found


def _named(row: Row, names: Mapping[str, str]) -> Row:
    campaign_id, name, skill_id = row.labels
    clean = names.get(campaign_id, name)
    return row if clean == name else Row((campaign_id, clean, skill_id), row.values)


def _order(row: Row) -> tuple[tuple[int, str], tuple[int, str], str]:
    campaign_id, name, skill_id = row.labels
    return id_rank(campaign_id), id_rank(skill_id), name
