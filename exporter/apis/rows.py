"""From the vendor's rows to ours: each column reads its fields; what cannot be read is counted. Pure."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from exporter import parsing
from exporter.apis.model import PollContext, Unreadable
from exporter.families import Column, Value
from exporter.parsing import Absent
from exporter.snapshot.model import Row, Tally

_EXAMPLE_CHARACTERS = 80

Identify = Callable[[Mapping[str, object]], tuple[str, str, str] | None]
"""Takes a row and returns campaign id, name and skill id; None when it names no campaign."""


@dataclass(slots=True)
class FieldErrors:
    """Counts values that are present but cannot be read while rows are read."""

    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, raw: object) -> None:
        """Count one value of the vendor's field `name`."""
        self.counts[name] += 1
        if name not in self.examples:
            self.examples[name] = _example(raw)

    def result(self) -> tuple[Unreadable, ...]:
        """Return one entry a field."""
        return tuple(Unreadable(name, n, self.examples[name]) for name, n in self.counts.items())


def _example(raw: object) -> str:
    try:
        return ascii(raw)[:_EXAMPLE_CHARACTERS]
    except RecursionError:  # lists in lists: a few more can be decoded than written
        return "nested too deeply"


class CampaignReader:
    """Reads the rows of an answer that lists campaigns, as they arrive; never raises.

    At most the context's `limit` of campaigns are kept, those with the highest ids, because old operations
    keep years of finished campaigns.
    """

    def __init__(self, columns: Sequence[Column], identify: Identify, context: PollContext) -> None:
        self._columns = columns
        self._identify = identify
        self._context = context
        self._zone = context.zone
        self._kept: dict[tuple[str, str], Row] = {}
        self._errors = FieldErrors()
        self._discarded: Counter[str] = Counter()

    def add(self, rows: Sequence[object]) -> None:
        """Read a batch of rows as JSON gave them."""
        for row in rows:
            labels = self._identify(row) if isinstance(row, Mapping) else None
            if labels is None or not isinstance(row, Mapping):
                self._discarded["shape"] += 1
                continue
            self._add_campaign(labels, row)
        # The cut is late, not after every row, but an answer without end must not fill the memory.
        if len(self._kept) > 2 * self._context.limit:
            self._cut()

    def _add_campaign(self, labels: tuple[str, str, str], row: Mapping[str, object]) -> None:
        campaign_id, name, skill_id = labels
        context = self._context
        if not context.selects(campaign_id, context.names.get(campaign_id, name)):
            return
        key = (campaign_id or name, skill_id)
        if self._kept.pop(key, None):
            self._discarded["duplicate"] += 1
        self._kept[key] = Row(labels, self._values(row))

    def _values(self, row: Mapping[str, object]) -> tuple[Value | None, ...]:
        values: list[Value | None] = []
        unreadable: set[str] = set()
        for column in self._columns:
            value = column.read(row, self._zone)
            if not isinstance(value, Absent):
                values.append(value)
                continue
            values.append(None)
            # Two families can share a field (hits); it is unreadable once.
            if value is Absent.UNREADABLE and column.field not in unreadable:
                unreadable.add(column.field)
                self._errors.add(column.field, row.get(column.field))
        return tuple(values)

    def _cut(self) -> None:
        over = len(self._kept) - self._context.limit
        if over > 0:
            self._discarded["limit"] += over
            by_age = sorted(self._kept.items(), key=lambda item: _age_rank(item[1]), reverse=True)
            self._kept = dict(by_age[: self._context.limit])

    def rows(self) -> tuple[Row, ...]:
        """Return the campaigns of all rows so far."""
        self._cut()
        return tuple(self._kept.values())

    @property
    def unreadable(self) -> tuple[Unreadable, ...]:
        """The present but unreadable values so far, one entry a field."""
        return self._errors.result()

    @property
    def discarded(self) -> Tally:
        """The rows that were not used so far, by reason."""
        return dict(self._discarded)


def label(raw: object) -> str:
    """Return a text for a label, "" where there is none that can be read."""
    text = parsing.label(raw)
    return "" if isinstance(text, Absent) else text


def _age_rank(row: Row) -> tuple[int, tuple[str, ...]]:
    return (len(row.labels[0]), row.labels)
