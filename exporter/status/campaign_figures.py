"""The figures of a campaign that people look at, from its published values by family."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from exporter.metrics.view import Campaign


@dataclass(frozen=True, slots=True)
class CampaignFigures:
    """One campaign; None is "not known".

    Ratios are 1 for 100 % and can be greater. `contact_ratio` is the share of dialled records that were
    answered. `searched` is the text that a search looks through: names and ids, folded.
    """

    operation: str
    campaign_id: str
    name: str
    skill_id: str
    type: str
    running: bool | None
    records: float | None
    records_left: float | None
    records_dialed: float | None
    penetration_day_ratio: float | None
    penetration_now_ratio: float | None
    contact_ratio: float | None
    hits: float | None
    hit_ratio: float | None
    calls_per_minute: float | None
    searched: str
    name_key: str

    @property
    def used_up(self) -> bool:
        """Whether the list is known to have nobody left to call."""
        if self.records is None or self.records_dialed is None:
            return False
        return self.records_left == 0 and self.records > 0 and self.records_dialed >= self.records


def folded(text: str) -> str:
    """Return a text without case and accents, for searching and sorting."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).casefold()


def campaign_figures(campaigns: Iterable[Campaign]) -> tuple[CampaignFigures, ...]:
    """Return the figures of published campaigns."""
    return tuple(_figures(campaign) for campaign in campaigns)


def _figures(campaign: Campaign) -> CampaignFigures:
    operation, campaign_id, name, skill_id = campaign.labels

    def figure(family: str, *labels: str) -> float | None:
        value = campaign.value(f"wolkvox_campaign_{family}", *labels)
        return value if isinstance(value, float) else None

    running = figure("running")
    dialed, answered = figure("dialed_records"), figure("outcome_records", "answer")
    info = campaign.value("wolkvox_campaign_info")
    kind = next(iter(info))[0] if isinstance(info, Mapping) else ""
    return CampaignFigures(
        operation=operation,
        campaign_id=campaign_id,
        name=name,
        skill_id=skill_id,
        type=kind,
        running=None if running is None else running == 1,
        records=figure("records"),
        records_left=figure("clean_records"),
        records_dialed=dialed,
        penetration_day_ratio=figure("penetration_day_ratio"),
        penetration_now_ratio=figure("penetration_now_ratio"),
        contact_ratio=answered / dialed if answered is not None and dialed else None,
        hits=figure("hits"),
        hit_ratio=figure("hit_ratio"),
        calls_per_minute=figure("calls_per_minute"),
        searched=folded(f"{name}\n{campaign_id}\n{skill_id}\n{kind}"),
        name_key=folded(name),
    )
