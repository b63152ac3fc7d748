"""From the vendor's rows to campaign rows: reads every field by the table of families, pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo

from exporter import parsing
from exporter.endpoint import Endpoint
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


@dataclass(frozen=True, slots=True)
class Reading:
    """What the rows of one answer say, and what in them could not be used."""

    rows: tuple[CampaignRow, ...]
    unreadable: tuple[Unreadable, ...] = ()
    discarded: Tally = field(default_factory=dict)


@dataclass(slots=True)
class _Complaints:
    """Gathers unreadable fields while rows are read."""

    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)

    def note(self, name: str, raw: object) -> None:
        self.counts[name] += 1
        self.examples.setdefault(name, ascii(raw)[:80])

    def result(self) -> tuple[Unreadable, ...]:
        return tuple(Unreadable(name, n, self.examples[name]) for name, n in self.counts.items())


def known_fields(endpoint: Endpoint) -> tuple[str, ...]:
    """Return the fields of the endpoint that are read one by one, without those of labels alone."""
    fields = dict.fromkeys(column.field for column in COLUMNS[endpoint] if "," not in column.field)
    return tuple(fields)


def read_campaigns(  # noqa: PLR0913 - the pieces of one poll, all named at the call
    endpoint: Endpoint,
    rows: Iterable[object],
    *,
    zone: tzinfo,
    names: Mapping[str, str],
    selected: Selected,
    limit: int,
) -> Reading:
    """Read the rows of a list of campaigns (`real_time` or `information`).

    `names` are the clean names by campaign id that are known already. At most `limit` campaigns are kept,
    those with the highest ids, because old operations keep years of finished campaigns. Never raises.
    """
    complaints = _Complaints()
    discarded: Counter[str] = Counter()
    kept: dict[tuple[str, str], CampaignRow] = {}
    for raw in rows:
        identity = _identity(endpoint, raw)
        if identity is None or not isinstance(raw, Mapping):
            discarded["shape"] += 1
            continue
        campaign_id, own_name, skill_id = identity
        if not selected(campaign_id, names.get(campaign_id, own_name)):
            continue
        key = (campaign_id or own_name, skill_id)
        if kept.pop(key, None):
            discarded["duplicate"] += 1
        values = _values(endpoint, raw, zone, complaints)
        kept[key] = CampaignRow(campaign_id, own_name, skill_id, values)
    found = list(kept.values())
    if len(found) > limit:
        discarded["limit"] += len(found) - limit
        found = sorted(found, key=_age_rank, reverse=True)[:limit]
    return Reading(tuple(found), complaints.result(), discarded)


def _identity(endpoint: Endpoint, raw: object) -> tuple[str, str, str] | None:
    """Return campaign id, name and skill id of a row; None when it names no campaign."""
    if not isinstance(raw, Mapping):
        return None
    skill_id = _label(raw.get("skill_id"))
    if endpoint is Endpoint.REAL_TIME:
        parsed = parsing.campaign(raw.get("campaign"))
        if isinstance(parsed, Absent):
            return None
        campaign_id, name = parsed.campaign_id, parsed.name
    else:
        campaign_id, name = _label(raw.get("campaign_id")), _label(raw.get("campaign_name"))
    return (campaign_id, name, skill_id) if campaign_id or name else None


def _label(raw: object) -> str:
    text = parsing.text(raw)
    return "" if isinstance(text, Absent) else text


def _values(
    endpoint: Endpoint, row: Mapping[str, object], zone: tzinfo, complaints: _Complaints
) -> tuple[Value | None, ...]:
    values: list[Value | None] = []
    complained: set[str] = set()
    for column in COLUMNS[endpoint]:
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
