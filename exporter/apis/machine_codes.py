"""Machine codes of each campaign that dials (vendor's page "machine codes grouped by telephone").

The report campaign_8 has a row a telephone: telephones come in, sums go out, no telephone is kept.
"""

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import cast

from exporter import parsing
from exporter.apis.model import Api, PollContext, Unreadable
from exporter.apis.report_range import report_range
from exporter.apis.rows import CountingReader
from exporter.apis.telephones import (
    COUNTED,
    RECOGNITIONS,
    DistinctTelephones,
    TelephoneRow,
    Written,
    add_counts,
    decode_rows,
    evidence,
    number_of,
    read_counts,
    written_in,
)
from exporter.evidence import PAGE, Content, Evidence, VendorField, fields_alike
from exporter.families import Column, Family, Scope, column, columns_of
from exporter.parsing import Absent
from exporter.settings import keys
from exporter.settings.keys import Key
from exporter.snapshot.model import Row
from exporter.wolkvox.call import Call

NAME = "machine_codes"

_PATH, _VENDOR_NAME = "reports_manager.php", "campaign_8"
_UNREACHABLE = "congestion, failed"

_column = partial(column, NAME)

FAMILIES = (
    # These columns read the sums over a report's telephones, not one telephone's row.
    Family(
        "wolkvox_campaign_machine_codes",
        "Machine codes since local midnight, summed over the campaign's telephones.",
        Scope.CAMPAIGN,
        labels=("code",),
        columns=(
            _column("no_answer", parsing.count, "no_answer", example=("1", 1.0)),
            _column("answer_machine", parsing.count, "answer_machine", example=("2", 2.0)),
            _column("busy", parsing.count, "busy", example=("3", 3.0)),
            _column("congestion", parsing.count, "congestion", example=("4", 4.0)),
            _column("failed", parsing.count, "failed", example=("5", 5.0)),
        ),
    ),
    Family(
        "wolkvox_campaign_machine_recognitions",
        "Calls that a machine answered since local midnight, summed over the campaign's telephones.",
        Scope.CAMPAIGN,
        columns=(_column(RECOGNITIONS, parsing.count, example=("2", 2.0)),),
    ),
    Family(
        "wolkvox_campaign_telephones",
        "Telephones with machine codes since local midnight.",
        Scope.CAMPAIGN,
        columns=(_column("telephone", parsing.count, example=("3000000001", 1.0)),),
    ),
    Family(
        "wolkvox_campaign_unreachable_telephones",
        "Telephones with at least unreachable_after machine codes since local midnight, "
        "all of them congestion or failed.",
        Scope.CAMPAIGN,
        columns=(
            Column(
                NAME,
                ("congestion", "failed"),
                lambda sums, _zone: parsing.count(sums.get(_UNREACHABLE)),
                (("4", "5"), 0.0),
            ),
        ),
    ),
)

COLUMNS = columns_of(FAMILIES)

_written_in_struct = cast("Callable[[TelephoneRow], Written]", operator.attrgetter(*COUNTED))
_MAX_WAITING_ROWS = 4096
_MAX_CALLS = 2**20
"""More calls than a telephone can have had since midnight: nothing waits for more codes than that."""


class _Kind:
    """Rows with the same codes, written alike: they are read once, and added up at once."""

    __slots__ = ("counts", "evidence", "rows", "unreadable")

    def __init__(self, written: Written, after: int) -> None:
        self.counts, _, self.unreadable = read_counts(written)
        self.evidence = evidence(self.counts, after)
        self.rows = 0


class _Kinds(dict[Written, _Kind]):
    """The kinds of rows by what is written; a new one is made when it is looked up."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self._after = after

    def __missing__(self, written: Written) -> _Kind:
        kind = self[written] = _Kind(written, self._after)
        return kind


class MachineCodeReader(CountingReader):
    """Adds up the rows of one campaign's report; never raises."""

    def __init__(self, context: PollContext) -> None:
        super().__init__()
        self._campaign_id = context.campaign_id
        self._zone = context.zone
        self._after = min(UNREACHABLE_AFTER.of(context.options), _MAX_CALLS)
        self._telephones = DistinctTelephones(self._after)
        # Most telephones have few and small codes.
        self._kinds = _Kinds(self._after)
        self._counts: dict[str, float] = {}

    def add(self, rows: Sequence[object]) -> None:
        """Add a batch of rows as they came, or as `decode_rows` has read them."""
        numbers: Sequence[str]
        written: Iterable[Written]
        if rows and isinstance(rows[0], TelephoneRow):
            read = cast("Sequence[TelephoneRow]", rows)
            numbers = [row.telephone or "" for row in read]
            # Most telephones are digits, and looking at all of them at once is quick.
            if not (all(numbers) and "".join(numbers).isdigit()):
                found = [(number, row) for row in read if (number := self._number(row.telephone))]
                numbers, read = [number for number, _ in found], [row for _, row in found]
            written = map(_written_in_struct, read)
        else:
            others = list(self._others(rows))
            numbers, written = [number for number, _ in others], (codes for _, codes in others)
        kinds = list(map(self._kinds.__getitem__, written))
        for kind in kinds:
            kind.rows += 1
        self._telephones.add(numbers, (kind.evidence for kind in kinds))
        if len(self._kinds) > _MAX_WAITING_ROWS:
            self._settle()

    def _others(self, rows: Sequence[object]) -> Iterator[tuple[str, Written]]:
        for row in rows:
            if not isinstance(row, Mapping):
                self._discarded["shape"] += 1
            elif number := self._number(row.get("telephone")):
                yield number, written_in(row)

    def _number(self, raw: object) -> str:
        """Return the telephone of a row; "" where there is none, which is counted but in a TOTAL row."""
        number = number_of(raw)
        self._discarded["shape"] += number is None
        return number or ""

    def _settle(self) -> None:
        for kind in self._kinds.values():
            add_counts(self._counts, kind.counts, kind.rows)
            for name in kind.unreadable:
                self._count_unreadable(name, count=kind.rows)
        self._kinds.clear()

    def rows(self) -> tuple[Row, ...]:
        """Return the sums of all rows so far, as one row about the campaign.

        What no row had a readable value for is not known. A report without rows is a true 0 of everything;
        one whose rows could not be used says nothing.
        """
        self._settle()
        sums: dict[str, object] = dict(self._counts)
        said = self._telephones.by_evidence()
        telephones = said.total()
        if telephones:
            sums["telephone"] = float(telephones)
            judged = any(one <= self._after + 1 for one in said)
            sums[_UNREACHABLE] = float(said[self._after]) if judged else None
        elif not self.discarded:
            sums = dict.fromkeys((*COUNTED, "telephone", _UNREACHABLE), 0.0)
        values = (one.read(sums, self._zone) for one in COLUMNS)
        known = tuple(None if isinstance(value, Absent) else value for value in values)
        return (Row((self._campaign_id, "", ""), known),)

    @property
    def unreadable(self) -> tuple[Unreadable, ...]:
        """The present but unreadable values so far, without examples: the rows are about people."""
        self._settle()
        return super().unreadable


def report(campaign_id: str, start: datetime, end: datetime) -> Call:
    """Return the call for the machine codes by telephone, of one campaign or of "all".

    `start` and `end`, both inclusive, are sent as YYYYmmddHHiiss: the wall clock they show, which must
    be that of the operation's zone. The rows are what JSON gives.
    """
    return Call(_PATH, {"api": _VENDOR_NAME, **_query(campaign_id, start, end)})


def _query(campaign_id: str, start: datetime, end: datetime) -> Mapping[str, str]:
    return {"campaign_id": campaign_id, **report_range(start, end)}


UNREACHABLE_AFTER = Key(
    "unreachable_after",
    keys.whole(1),
    3,
    "A telephone is unreachable after at least this many machine codes, all congestion or failed.",
)

API = Api(
    NAME,
    path=_PATH,
    vendor_name=_VENDOR_NAME,
    title={"en": "Machine codes", "es": "Códigos de máquina"},
    description="Report campaign_8, one call for each campaign that dials.",
    enabled=False,
    about_people=True,
    interval=3600.0,
    columns=COLUMNS,
    families=FAMILIES,
    about=Scope.CAMPAIGN,
    by_campaign=True,
    query=lambda context: _query(context.campaign_id, context.day[0], context.now),
    decode=decode_rows,
    reader=MachineCodeReader,
    options=(UNREACHABLE_AFTER,),
    identity={"telephone": "3000000001"},
    evidence=Evidence.DOCUMENTED,
    source=f"{PAGE}; no real answer was seen",
    vendor_fields=(
        VendorField("telephone", Content.TEXT, Evidence.DOCUMENTED, PAGE, ("total",)),
        *fields_alike(Content.FIGURE, Evidence.DOCUMENTED, PAGE, *COUNTED),
    ),
)
