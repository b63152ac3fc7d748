"""Machine codes of each campaign that dials (vendor's page "machine codes grouped by telephone").

The report campaign_8 has a row a telephone: telephones come in, sums go out, no telephone is kept.
"""

import operator
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import cast

from exporter import parsing
from exporter.apis.model import Api, PollContext, Unreadable
from exporter.apis.rows import CountingReader
from exporter.apis.telephones import (
    COUNTED,
    RECOGNITIONS,
    CodeSums,
    TelephoneRow,
    decode_rows,
    number_of,
)
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

_Codes = tuple[object, ...]
"""What stands in the fields COUNTED of a row."""

_codes_of = operator.attrgetter(*COUNTED)
_MAX_WAITING_ROWS = 4096


class MachineCodeReader(CountingReader):
    """Adds up the rows of one campaign's report; never raises."""

    def __init__(self, context: PollContext) -> None:
        super().__init__()
        self._campaign_id = context.campaign_id
        self._zone = context.zone
        self._sums = CodeSums(UNREACHABLE_AFTER.of(context.options))
        # Telephones with the same codes are added up at once, because most have few and small ones.
        self._waiting: Counter[_Codes] = Counter()

    def add(self, rows: Sequence[object]) -> None:
        """Add a batch of rows as they came, or as `decode_rows` has read them."""
        if rows and isinstance(rows[0], TelephoneRow):
            written = cast("Sequence[TelephoneRow]", rows)
            # Most telephones are digits, and looking at all of them at once is quick.
            plain = (
                all(row.telephone for row in written)
                and "".join(row.telephone or "" for row in written).isdigit()
            )
            good = written if plain else [row for row in written if self._is_one(row.telephone)]
            self._waiting.update(map(_codes_of, good))
        else:
            self._waiting.update(self._others(rows))
        if len(self._waiting) > _MAX_WAITING_ROWS:
            self._settle()

    def _others(self, rows: Sequence[object]) -> Iterator[_Codes]:
        for row in rows:
            if not isinstance(row, Mapping):
                self._discarded["shape"] += 1
            elif self._is_one(row.get("telephone")):
                # The types matter: to a dictionary true is 1, and a list cannot be looked up.
                yield tuple(_hashable(row.get(name)) for name in COUNTED)

    def _is_one(self, raw: object) -> bool:
        number = number_of(raw)
        self._discarded["shape"] += number is None
        return bool(number)

    def _settle(self) -> None:
        for raw, telephones in self._waiting.items():
            counts: dict[str, float | None] = {}
            for name, written in zip(COUNTED, raw, strict=True):
                value = parsing.count(written)
                if value is Absent.UNREADABLE:
                    self._count_unreadable(name, count=telephones)
                counts[name] = None if isinstance(value, Absent) else value
            self._sums.add(counts, telephones)
        self._waiting.clear()

    def rows(self) -> tuple[Row, ...]:
        """Return the sums of all rows so far, as one row about the campaign.

        What no telephone had a readable value for is not known. A report without rows is a true 0 of
        everything; one whose rows could not be used says nothing.
        """
        self._settle()
        sums: dict[str, object] = dict(self._sums.counts)
        if self._sums.telephones:
            sums["telephone"] = float(self._sums.telephones)
            sums[_UNREACHABLE] = float(self._sums.unreachable) if self._sums.judged else None
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


def _hashable(raw: object) -> object:
    """Return a value that counts as `raw` does and can be looked up."""
    if isinstance(raw, bool | list | dict):
        return "?"
    return raw


def report(campaign_id: str, start: datetime, end: datetime) -> Call:
    """Return the call for the machine codes by telephone, of one campaign or of "all".

    `start` and `end`, both inclusive, are sent as YYYYmmddHHiiss: the wall clock they show, which must
    be that of the operation's zone. The rows are what JSON gives.
    """
    return Call(_PATH, {"api": _VENDOR_NAME, **_query(campaign_id, start, end)})


def _query(campaign_id: str, start: datetime, end: datetime) -> Mapping[str, str]:
    stamp = "%Y%m%d%H%M%S"
    return {"campaign_id": campaign_id, "date_ini": start.strftime(stamp), "date_end": end.strftime(stamp)}


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
    interval=3600.0,
    columns=COLUMNS,
    families=FAMILIES,
    by_campaign=True,
    query=lambda context: _query(context.campaign_id, context.day[0], context.now),
    decode=decode_rows,
    reader=MachineCodeReader,
    options=(UNREACHABLE_AFTER,),
    identity={"telephone": "3000000001"},
)
