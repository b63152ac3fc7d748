"""Which campaigns are asked for, in which order, and which page of them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from exporter.schedules import ScheduleState
from exporter.status.campaign_figures import CampaignFigures, folded
from exporter.status.condition import Condition

CAMPAIGNS_PER_PAGE = 100
MAX_CAMPAIGNS_PER_PAGE = 1000
_MAX_DIGITS = 9
_MAX_TEXT_CHARACTERS = 300


class Judged(NamedTuple):
    """A campaign with what its schedule says now, and its condition."""

    figures: CampaignFigures
    planned: ScheduleState
    condition: Condition


class SortKey(StrEnum):
    """What campaigns can be sorted by."""

    ATTENTION = "attention"
    NAME = "name"
    TYPE = "type"
    SKILL = "skill"
    LEFT = "left"
    PENETRATION = "penetration"
    CONTACT = "contact"
    HIT = "hit"
    CALLS = "calls"

    @property
    def text(self) -> bool:
        """Whether it sorts from A to Z; figures sort from the greatest down."""
        return self in {SortKey.ATTENTION, SortKey.NAME, SortKey.TYPE, SortKey.SKILL}


_FIGURES: Mapping[SortKey, Callable[[CampaignFigures], float | None]] = {
    SortKey.LEFT: lambda figures: figures.records_left,
    SortKey.PENETRATION: lambda figures: figures.penetration_day_ratio,
    SortKey.CONTACT: lambda figures: figures.contact_ratio,
    SortKey.HIT: lambda figures: figures.hit_ratio,
    SortKey.CALLS: lambda figures: figures.calls_per_minute,
}
_TEXTS: Mapping[SortKey, Callable[[CampaignFigures], str]] = {
    SortKey.NAME: lambda figures: figures.name_key,
    SortKey.TYPE: lambda figures: figures.type,
    SortKey.SKILL: lambda figures: figures.skill_id,
}


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked for; an empty text and None mean "all". Pages count from 1."""

    operation: str = ""
    text: str = ""
    condition: Condition | None = None
    sort: SortKey = SortKey.ATTENTION
    descending: bool = False
    page: int = 1
    per_page: int = CAMPAIGNS_PER_PAGE
    operations_page: int = 1

    @property
    def narrowed(self) -> bool:
        """Whether it leaves out campaigns of the operation."""
        return bool(self.text) or self.condition is not None


def parse(fields: Mapping[str, Sequence[str]]) -> Query:
    """Return the query of a URL's fields; what cannot be read counts as not given."""

    def last(name: str) -> str:
        return fields.get(name, ("",))[-1].strip()[:_MAX_TEXT_CHARACTERS]

    sort, state = last("sort"), last("state")
    return Query(
        operation=last("operation"),
        text=" ".join(last("q").split()),
        condition=Condition(state) if state in set(Condition) else None,
        sort=SortKey(sort.removeprefix("-")) if sort.removeprefix("-") in set(SortKey) else SortKey.ATTENTION,
        descending=sort.startswith("-"),
        page=_number(last("page"), 1, 10**_MAX_DIGITS),
        per_page=_number(last("per_page"), CAMPAIGNS_PER_PAGE, MAX_CAMPAIGNS_PER_PAGE),
        operations_page=_number(last("operations_page"), 1, 10**_MAX_DIGITS),
    )


def _number(text: str, default: int, most: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS):
        return default
    return min(max(int(text), 1), most)


def matching(query: Query, campaigns: Iterable[Judged]) -> list[Judged]:
    """Return the campaigns that match a query, in its order; each contains every word of its text."""
    words = folded(query.text).split()
    found = [
        judged
        for judged in campaigns
        if (query.condition is None or judged.condition is query.condition)
        and all(word in judged.figures.searched for word in words)
    ]
    # Sorting keeps the order of equals: the most urgent first, then by name, whatever the direction.
    found.sort(
        key=lambda judged: (judged.condition.rank, judged.figures.name_key, judged.figures.campaign_id)
    )
    figure = _FIGURES.get(query.sort)
    if figure is not None:
        # What is not known comes last in both directions.
        known = [judged for judged in found if figure(judged.figures) is not None]
        unknown = [judged for judged in found if figure(judged.figures) is None]
        known.sort(key=lambda judged: figure(judged.figures) or 0.0, reverse=query.descending)
        return known + unknown
    text = _TEXTS.get(query.sort)
    if text is not None:
        found.sort(key=lambda judged: text(judged.figures), reverse=query.descending)
    elif query.descending:
        found.sort(key=lambda judged: judged.condition.rank, reverse=True)
    return found


def paged(count: int, page: int, per_page: int) -> tuple[int, int]:
    """Return the page to show, at most the last one, and the number of pages, at least 1."""
    pages = max(-(-count // per_page), 1)
    return min(page, pages), pages
