"""The status of campaigns that are judged, and those of them that match a query. Pure."""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from exporter.apis import campaign_results
from exporter.judgement import Judgement
from exporter.parsing import folded
from exporter.schedules import UNPLANNED
from exporter.status.model import CampaignStatus
from exporter.status.query import Query, SortKey


class FoundCampaign(NamedTuple):
    """A campaign with the folded texts that searching (names and ids) and sorting by name look at."""

    status: CampaignStatus
    searched: str
    name_key: str


def campaigns_of(
    judgements: Iterable[Judgement], timezone: str, *, show_users: bool = False
) -> tuple[FoundCampaign, ...]:
    """Return the campaigns of an operation that were judged, without their history, limit and ages.

    With `show_users` they tell who stopped them.
    """
    found = []
    for judgement in judgements:
        status = _status(judgement, timezone, show_users=show_users)
        searched = folded(f"{status.name}\n{status.campaign_id}\n{status.skill_id}\n{status.type}")
        found.append(FoundCampaign(status, searched, folded(status.name)))
    return tuple(found)


def _status(judgement: Judgement, timezone: str, *, show_users: bool) -> CampaignStatus:
    campaign, planned = judgement.campaign, judgement.schedule or UNPLANNED
    operation, campaign_id, name, skill_id = campaign.labels
    figure = campaign.figure
    started = figure("running")
    running = None if started is None else started == 1
    records, left, dialed = figure("records"), figure("clean_records"), figure("dialed_records")
    stopped_at, stopped_by = judgement.stopped_by_hand or (None, "")
    answered, calls = figure("outcome_records", "answer"), figure("calls_per_minute")
    return CampaignStatus(
        operation=operation,
        timezone=timezone,
        campaign_id=campaign_id,
        name=name,
        skill_id=skill_id,
        type=campaign.type,
        state=judgement.state,
        since=judgement.lasting.since,
        confirmed=judgement.lasting.confirmed,
        reason=judgement.reason,
        why=judgement.why,
        stopped_by_hand=stopped_at,
        stopped_by=stopped_by if show_users else "",
        running=running,
        expected=planned.expected,
        permitted=planned.permitted,
        records=records,
        records_left=left,
        penetration_day_ratio=figure("penetration_day_ratio"),
        penetration_now_ratio=figure("penetration_now_ratio"),
        contact_ratio=answered / dialed if answered is not None and dialed else None,
        hits=figure("hits"),
        hit_ratio=figure("hit_ratio"),
        calls_per_minute=calls,
        abandonment_ratio=campaign_results.abandonment(campaign.value("wolkvox_campaign_attempts")),
        abandonment_age=None,
        abandonment_limit=None,
        history=None,
    )


_FIGURES: Mapping[SortKey, Callable[[CampaignStatus], float | None]] = {
    SortKey.LEFT: lambda campaign: campaign.records_left,
    SortKey.PENETRATION: lambda campaign: campaign.penetration_day_ratio,
    SortKey.CONTACT: lambda campaign: campaign.contact_ratio,
    SortKey.HIT: lambda campaign: campaign.hit_ratio,
    SortKey.ABANDONMENT: lambda campaign: campaign.abandonment_ratio,
    SortKey.CALLS: lambda campaign: campaign.calls_per_minute,
}
_TEXTS: Mapping[SortKey, Callable[[FoundCampaign], str]] = {
    SortKey.NAME: lambda found: found.name_key,
    SortKey.TYPE: lambda found: found.status.type,
    SortKey.SKILL: lambda found: found.status.skill_id,
}


def matching(query: Query, campaigns: Iterable[FoundCampaign]) -> list[CampaignStatus]:
    """Return the campaigns that match a query, in its order; each contains every word of its text."""
    words = folded(query.text).split()
    found = [
        campaign
        for campaign in campaigns
        if (query.state is None or campaign.status.state is query.state)
        and all(word in campaign.searched for word in words)
    ]
    # Sorting keeps the order of equals: the most urgent first, then by name, whatever the direction.
    found.sort(key=lambda one: (one.status.state.rank, one.name_key, one.status.campaign_id))
    text, figure = _TEXTS.get(query.sort), _FIGURES.get(query.sort)
    if text is not None:
        found.sort(key=text, reverse=query.descending)
    elif figure is None and query.descending:
        found.sort(key=lambda one: one.status.state.rank, reverse=True)
    statuses = [campaign.status for campaign in found]
    if figure is None:
        return statuses
    # What is not known comes last in both directions.
    known = [status for status in statuses if figure(status) is not None]
    known.sort(key=lambda status: figure(status) or 0.0, reverse=query.descending)
    return known + [status for status in statuses if figure(status) is None]
