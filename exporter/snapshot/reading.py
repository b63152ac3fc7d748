"""From the vendor's rows to campaign rows: reads every field by the table of families, pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Protocol

from exporter import parsing
from exporter.api import Api
from exporter.families import COLUMNS, Value
from exporter.parsing import Absent
from exporter.snapshot.model import CampaignRow, Tally

Selected = Callable[[str, str], bool]
"""Tells by campaign id and name whether the operator wants the campaign."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The present but unreadable values of one field in one answer; `example` is the first of them."""

    field: str
    count: int
    example: str


class RowReader(Protocol):
    """Takes the rows of one answer in batches, as they arrive, and tells what in them could not be used."""

    def add(self, rows: Sequence[object]) -> None:
        """Read a batch of rows as JSON gave them; never raises."""
        ...  # pragma: no cover

    @property
    def unreadable(self) -> tuple[Unreadable, ...]:
        """The present but unreadable values so far, one entry a field."""
        ...  # pragma: no cover

    @property
    def discarded(self) -> Tally:
        """The rows that were not used so far, by reason."""
        ...  # pragma: no cover


@dataclass(slots=True)
class _Complaints:
    """Gathers unreadable fields while rows are read."""

    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)

    def note(self, name: str, raw: object) -> None:
        self.counts[name] += 1
        if name not in self.examples:
            self.examples[name] = _example(raw)

    def result(self) -> tuple[Unreadable, ...]:
        return tuple(Unreadable(name, n, self.examples[name]) for name, n in self.counts.items())


def _example(raw: object) -> str:
    try:
        return ascii(raw)[:80]
    except RecursionError:  # lists in lists: a few more can be decoded than written
        return "nested too deeply"


def known_fields(api: Api) -> tuple[str, ...]:
    """Return the fields of the API that are read one by one, without those of labels alone."""
    fields = dict.fromkeys(column.field for column in COLUMNS[api] if "," not in column.field)
    return tuple(fields)


class CampaignReader:
    """Reads the rows of `campaigns` or `campaign_settings` as they arrive; never raises.

    `names` are the clean names by campaign id that are known already. At most `limit` campaigns are kept,
    those with the highest ids, because old operations keep years of finished campaigns.
    """

    def __init__(
        self, api: Api, zone: tzinfo, names: Mapping[str, str], selected: Selected, limit: int
    ) -> None:
        self._api = api
        self._zone = zone
        self._names = names
        self._selected = selected
        self._limit = limit
        self._kept: dict[tuple[str, str], CampaignRow] = {}
        self._complaints = _Complaints()
        self._discarded: Counter[str] = Counter()

    def add(self, rows: Iterable[object]) -> None:
        """Read a batch of rows as JSON gave them."""
        for row in rows:
            identity = _identity(self._api, row)
            if identity is None or not isinstance(row, Mapping):
                self._discarded["shape"] += 1
                continue
            self._add_campaign(*identity, row)
        # The cut is late, not after every row, but an answer without end must not fill the memory.
        if len(self._kept) > 2 * self._limit:
            self._cut()

    def _add_campaign(self, campaign_id: str, name: str, skill_id: str, row: Mapping[str, object]) -> None:
        if not self._selected(campaign_id, self._names.get(campaign_id, name)):
            return
        key = (campaign_id or name, skill_id)
        if self._kept.pop(key, None):
            self._discarded["duplicate"] += 1
        values = _values(self._api, row, self._zone, self._complaints)
        self._kept[key] = CampaignRow(campaign_id, name, skill_id, values)

    def _cut(self) -> None:
        over = len(self._kept) - self._limit
        if over > 0:
            self._discarded["limit"] += over
            by_age = sorted(self._kept.items(), key=lambda item: _age_rank(item[1]), reverse=True)
            self._kept = dict(by_age[: self._limit])

    def rows(self) -> tuple[CampaignRow, ...]:
        """Return the campaigns of all rows so far."""
        self._cut()
        return tuple(self._kept.values())

    @property
    def unreadable(self) -> tuple[Unreadable, ...]:
        """The present but unreadable values so far, one entry a field."""
        return self._complaints.result()

    @property
    def discarded(self) -> Tally:
        """The rows that were not used so far, by reason."""
        return dict(self._discarded)


def _identity(api: Api, raw: object) -> tuple[str, str, str] | None:
    """Return campaign id, name and skill id of a row; None when it names no campaign."""
    if not isinstance(raw, Mapping):
        return None
    skill_id = _label(raw.get("skill_id"))
    if api is Api.CAMPAIGNS:
        parsed = parsing.campaign(raw.get("campaign"))
        if isinstance(parsed, Absent):
            return None
        campaign_id, name = parsed.campaign_id, parsed.name
    else:
        campaign_id, name = _label(raw.get("campaign_id")), _label(raw.get("campaign_name"))
    return (campaign_id, name, skill_id) if campaign_id or name else None


def _label(raw: object) -> str:
    text = parsing.label(raw)
    return "" if isinstance(text, Absent) else text


def _values(
    api: Api, row: Mapping[str, object], zone: tzinfo, complaints: _Complaints
) -> tuple[Value | None, ...]:
    values: list[Value | None] = []
    complained: set[str] = set()
    for column in COLUMNS[api]:
        value = column.read(row, zone)
        if not isinstance(value, Absent):
            values.append(value)
            continue
        values.append(None)
        # Two families can share a field (hits); it is unreadable once.
        if value is Absent.UNREADABLE and column.field not in complained:
            complained.add(column.field)
            complaints.note(column.field, row.get(column.field))
    return tuple(values)


def _age_rank(row: CampaignRow) -> tuple[int, str, str, str]:
    return (len(row.campaign_id), row.campaign_id, row.name, row.skill_id)
