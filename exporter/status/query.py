"""Which campaigns are asked for, in which order, and which page of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from exporter.judgement import CampaignState

CAMPAIGNS_PER_PAGE = 100
MAX_CAMPAIGNS_PER_PAGE = 1000
_MAX_DIGITS = 9
_MAX_TEXT_CHARACTERS = 300


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
    ABANDONMENT = "abandonment"
    CALLS = "calls"

    @property
    def text(self) -> bool:
        """Whether it sorts from A to Z; figures sort from the greatest down."""
        return self in {SortKey.ATTENTION, SortKey.NAME, SortKey.TYPE, SortKey.SKILL}


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked for; an empty text and None mean "all". Pages count from 1."""

    operation: str = ""
    text: str = ""
    state: CampaignState | None = None
    sort: SortKey = SortKey.ATTENTION
    descending: bool = False
    page: int = 1
    per_page: int = CAMPAIGNS_PER_PAGE
    operations_page: int = 1

    @property
    def narrowed(self) -> bool:
        """Whether it leaves out campaigns of the operation."""
        return bool(self.text) or self.state is not None


def parse(fields: Mapping[str, Sequence[str]]) -> Query:
    """Return the query of a URL's fields; what cannot be read counts as not given."""

    def last(name: str) -> str:
        return fields.get(name, ("",))[-1].strip()[:_MAX_TEXT_CHARACTERS]

    sort, state = last("sort"), last("state")
    return Query(
        operation=last("operation"),
        text=" ".join(last("q").split()),
        state=CampaignState(state) if state in set(CampaignState) else None,
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


def paged(count: int, page: int, per_page: int) -> tuple[int, int]:
    """Return the page to show, at most the last one, and the number of pages, at least 1."""
    pages = max(-(-count // per_page), 1)
    return min(page, pages), pages
