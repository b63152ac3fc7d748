"""From the vendor's rows to ours: each column reads its fields; what cannot be read is counted. Pure."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from exporter import parsing
from exporter.apis.model import Event, PollContext, Unreadable
from exporter.evidence import Evidence, Statement
from exporter.families import Column, Value
from exporter.parsing import Absent
from exporter.snapshot.model import Row, Tally
from exporter.wolkvox import MAX_ROWS

STATEMENTS = (
    Statement(
        "A row of a report that begins with the word TOTAL is the sum of the others and counts for nothing.",
        Evidence.ASSUMED,
        "reports in the vendor's own screens end with such a row; whether those of the API do is not known",
    ),
    Statement(
        "Of two rows about the same thing the last counts.", Evidence.ASSUMED, "no such answer was seen"
    ),
)

_EXAMPLE_CHARACTERS = 80
_TOTAL = re.compile(r"total(?:s|es)?(?![^\W\d_])", re.IGNORECASE)

Identify = Callable[[Mapping[str, object]], tuple[str, ...] | None]
"""Takes a row and returns the labels that say what it is about; None when it is about nothing."""


class CountingReader:
    """What readers of rows share: they count values that cannot be read, and rows that are not used."""

    def __init__(self) -> None:
        self._unreadable: Counter[str] = Counter()
        self._examples: dict[str, str] = {}
        self._discarded: Counter[str] = Counter()

    def _count_unreadable(self, name: str, example: str = "", count: int = 1) -> None:
        """Count values of the vendor's field `name`; the first example is kept."""
        self._unreadable[name] += count
        self._examples.setdefault(name, example)

    @property
    def unreadable(self) -> tuple[Unreadable, ...]:
        """The present but unreadable values so far, one entry a field."""
        return tuple(Unreadable(name, n, self._examples[name]) for name, n in self._unreadable.items())

    @property
    def discarded(self) -> Tally:
        """The rows that were not used so far, by reason."""
        return {reason: count for reason, count in self._discarded.items() if count}

    @property
    def events(self) -> Sequence[Event]:
        """Nothing has happened."""
        return ()

    @property
    def notes(self) -> Mapping[str, str]:
        """No notes."""
        return {}


class TableReader(CountingReader):
    """Reads an answer in which each row is about a thing of its own; never raises.

    Of two rows about the same thing the last counts. Rows beyond the number that wolkvox returns at most are
    left out: an answer without end must not fill the memory.
    """

    def __init__(self, columns: Sequence[Column], identify: Identify, context: PollContext) -> None:
        super().__init__()
        self._columns = columns
        self._identify = identify
        self._zone = context.zone
        self._kept: dict[tuple[str, ...], Row] = {}

    def add(self, rows: Sequence[object]) -> None:
        """Read a batch of rows as JSON gave them."""
        for row in rows:
            labels = self._identify(row) if isinstance(row, Mapping) else None
            if labels is None or not isinstance(row, Mapping):
                self._discarded["shape"] += 1
            else:
                self._keep(labels, row)

    def _keep(self, labels: tuple[str, ...], row: Mapping[str, object], *, count: bool = True) -> None:
        """Keep a row; what is wrong with it is counted with `count`."""
        key = self._key(labels)
        if len(self._kept) >= MAX_ROWS and key not in self._kept:
            self._discarded["limit"] += 1
            return
        if self._kept.pop(key, None) and count:
            self._discarded["duplicate"] += 1
        self._kept[key] = Row(labels, self._values(row, count=count))

    def _key(self, labels: tuple[str, ...]) -> tuple[str, ...]:
        """Return what two rows about the same thing have in common."""
        return labels

    def _values(self, row: Mapping[str, object], *, count: bool) -> tuple[Value | None, ...]:
        values: list[Value | None] = []
        unreadable: set[str] = set()
        for column in self._columns:
            value = column.read(row, self._zone)
            if not isinstance(value, Absent):
                values.append(value)
                continue
            values.append(None)
            # Two families can share a field (hits); it is unreadable once.
            if count and value is Absent.UNREADABLE and column.field not in unreadable:
                unreadable.add(column.field)
                self._count_unreadable(column.field, written(row.get(column.field)))
        return tuple(values)

    def rows(self) -> tuple[Row, ...]:
        """Return what was read so far."""
        return tuple(self._kept.values())


class CampaignReader(TableReader):
    """Reads an answer that lists campaigns: labels are campaign id, name and skill id; never raises.

    All of them are kept, because a name that is told later can make a campaign wanted; what is wrong with a
    row is counted as far as the context `selects` it by the names so far.
    """

    def __init__(self, columns: Sequence[Column], identify: Identify, context: PollContext) -> None:
        super().__init__(columns, identify, context)
        self._context = context

    def _keep(self, labels: tuple[str, ...], row: Mapping[str, object], *, count: bool = True) -> None:
        campaign_id, name, _ = labels
        wanted = self._context.selects(campaign_id, self._context.names.get(campaign_id, name))
        super()._keep(labels, row, count=count and wanted)

    def _key(self, labels: tuple[str, ...]) -> tuple[str, ...]:
        # Of one id the name may change, as in the tail of a campaign's text.
        campaign_id, name, skill_id = labels
        return campaign_id or name, skill_id


def is_total(text: str | Absent) -> bool:
    """Return whether the text that says what a row is about stands for the sum of all rows.

    Reports in the vendor's screens end with such a row; whether the API's do is unknown.
    """
    return isinstance(text, str) and _TOTAL.match(text) is not None


def label(raw: object) -> str:
    """Return a text for a label, "" where there is none that can be read."""
    text = parsing.label(raw)
    return "" if isinstance(text, Absent) else text


def written(raw: object) -> str:
    """Return how a value is written, as an example for the log: in ASCII, and short."""
    try:
        return ascii(raw)[:_EXAMPLE_CHARACTERS]
    except RecursionError:  # lists in lists: a few more can be decoded than written
        return "nested too deeply"
