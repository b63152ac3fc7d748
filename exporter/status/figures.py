"""The figures of a campaign that people look at, picked from its published values by family."""

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from exporter.api import Api
from exporter.families import CAMPAIGN_FAMILIES, COLUMNS, Column, Value
from exporter.metrics.view import Campaign

Values = Mapping[Api, tuple[Value | None, ...]]
Read = Callable[[Values, bool], Value | None]
"""Takes a campaign's values and whether `campaigns` does not list it."""


@dataclass(frozen=True, slots=True)
class Figures:
    """One campaign; None is "not known".

    Ratios are 1 for 100 % and can be greater. `contact_ratio` is answered by dialled records. `searched` is
    what a search looks through: names and ids, folded.
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
        """Whether the list has nobody left to call, as far as is known."""
        if self.records is None or self.records_dialed is None:
            return False
        return self.records_left == 0 and self.records > 0 and self.records_dialed >= self.records


def folded(text: str) -> str:
    """Return a text as people search and sort it: without case and accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).casefold()


def figures(campaigns: Iterable[Campaign]) -> tuple[Figures, ...]:
    """Return the figures of published campaigns."""
    return tuple(_figures(campaign) for campaign in campaigns)


def _figures(campaign: Campaign) -> Figures:
    operation, campaign_id, name, skill_id = campaign.labels

    def read(reader: Read) -> float | None:
        value = reader(campaign.values, campaign.fallback)
        return value if isinstance(value, float) else None

    running, dialed, answered = read(_RUNNING), read(_DIALED), read(_ANSWERED)
    info = _INFO(campaign.values, campaign.fallback)
    kind = next(iter(info))[0] if isinstance(info, Mapping) else ""
    return Figures(
        operation=operation,
        campaign_id=campaign_id,
        name=name,
        skill_id=skill_id,
        type=kind,
        running=None if running is None else running == 1,
        records=read(_RECORDS),
        records_left=read(_CLEAN),
        records_dialed=dialed,
        penetration_day_ratio=read(_PENETRATION_DAY),
        penetration_now_ratio=read(_PENETRATION_NOW),
        contact_ratio=answered / dialed if answered is not None and dialed else None,
        hits=read(_HITS),
        hit_ratio=read(_HIT_RATIO),
        calls_per_minute=read(_CALLS),
        searched=folded(f"{name}\n{campaign_id}\n{skill_id}\n{kind}"),
        name_key=folded(name),
    )


def _column(family: str, *labels: str, fallback: bool = False) -> Column | None:
    found = next(f for f in CAMPAIGN_FAMILIES if f.name == f"wolkvox_campaign_{family}")
    if fallback and found.fallback:
        return found.fallback
    return next(column for column in found.columns if column.labels == labels)


def _position(column: Column | None) -> tuple[Api, int]:
    assert column is not None  # noqa: S101 - for the type checker: every family has one
    return column.api, COLUMNS[column.api].index(column)


def _reader(family: str, *labels: str) -> Read:
    listed = _position(_column(family, *labels))
    unlisted = _position(_column(family, *labels, fallback=True))

    def read(values: Values, fallback: bool) -> Value | None:
        api, position = unlisted if fallback else listed
        own = values.get(api)
        return own[position] if own else None

    return read


_RUNNING = _reader("running")
_RECORDS = _reader("records")
_CLEAN = _reader("clean_records")
_DIALED = _reader("dialed_records")
_ANSWERED = _reader("outcome_records", "answer")
_PENETRATION_DAY = _reader("penetration_day_ratio")
_PENETRATION_NOW = _reader("penetration_now_ratio")
_HITS = _reader("hits")
_HIT_RATIO = _reader("hit_ratio")
_CALLS = _reader("calls_per_minute")
_INFO = _reader("info")
