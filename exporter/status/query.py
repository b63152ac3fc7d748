"""Which campaigns are asked for, in which order, and which page of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

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


@dataclass(frozen=True, slots=True)
class Refused:
    """A field of a URL that is not applied; `expected` says in English what it could be."""

    name: str
    value: str
    expected: str


def parse(fields: Mapping[str, Sequence[str]]) -> tuple[Query, tuple[Refused, ...]]:
    """Return the query of a URL's fields, and those that cannot be applied: nothing is left out silently."""
    found: dict[str, Any] = {}
    refused = []
    for name, given in fields.items():
        values = list(dict.fromkeys(text for value in given if (text := value.strip())))
        if not values or name in _OF_THE_PAGE:
            continue
        read, expected = _FIELDS.get(name, _NO_FIELD)
        understood = read(values[0]) if len(values) == 1 else None
        if understood is None:
            refused.append(Refused(name, ", ".join(values), expected))
        found |= understood or {}
    return Query(**found), tuple(refused)


_Reader = Callable[[str], Mapping[str, Any] | None]


def _operation(text: str) -> Mapping[str, Any] | None:
    return {"operation": text} if len(text) <= _MAX_TEXT_CHARACTERS else None


def _words(text: str) -> Mapping[str, Any] | None:
    return {"text": " ".join(text.split())} if len(text) <= _MAX_TEXT_CHARACTERS else None


def _number(name: str, most: int) -> tuple[_Reader, str]:
    def read(text: str) -> Mapping[str, Any] | None:
        if not (text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS):
            return None
        return {name: min(max(int(text), 1), most)}

    return read, "one whole number"


def _state(text: str) -> Mapping[str, Any] | None:
    return {"state": CampaignState(text)} if text in set(CampaignState) else None


def _sort(text: str) -> Mapping[str, Any] | None:
    key = text.removeprefix("-")
    return {"sort": SortKey(key), "descending": key != text} if key in set(SortKey) else None


_FIELDS: Mapping[str, tuple[_Reader, str]] = {
    "operation": (_operation, f"one name of at most {_MAX_TEXT_CHARACTERS} characters"),
    "q": (_words, f"one text of at most {_MAX_TEXT_CHARACTERS} characters"),
    "state": (_state, f"one of {', '.join(CampaignState)}"),
    "sort": (_sort, f"one of {', '.join(SortKey)}, or one of them behind a -"),
    "page": _number("page", 10**_MAX_DIGITS),
    "per_page": _number("per_page", MAX_CAMPAIGNS_PER_PAGE),
    "operations_page": _number("operations_page", 10**_MAX_DIGITS),
}
_OF_THE_PAGE = frozenset({"lang", "theme"})
"""The fields that change what the page looks like, not what it shows."""

_NO_FIELD: tuple[_Reader, str] = (
    lambda _: None,
    f"one of the fields {', '.join((*_FIELDS, 'lang', 'theme'))}",
)


def paged(count: int, page: int, per_page: int) -> tuple[int, int]:
    """Return the page to show, at most the last one, and the number of pages, at least 1."""
    pages = max(-(-count // per_page), 1)
    return min(page, pages), pages
