"""Sums of the report campaign_8: telephones come in, figures come out, no telephone is kept."""

import operator
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC

from exporter import parsing
from exporter.api import Api
from exporter.families import COLUMNS
from exporter.families.campaigns import MACHINE_CODES
from exporter.parsing import Absent
from exporter.snapshot.model import CampaignRow, Tally
from exporter.snapshot.reading import Unreadable
from exporter.snapshot.telephone_rows import Counted, Noted

RECOGNITIONS = "total_machine_recognitions"
MACHINE_CODE_FIELDS = (*MACHINE_CODES, RECOGNITIONS)
_LIST_AT_FAULT = ("congestion", "failed")

_Codes = tuple[object, ...]
"""What stands in the fields of a row, in the order of MACHINE_CODE_FIELDS."""

_CODES = operator.attrgetter(*MACHINE_CODE_FIELDS)
_TELEPHONE = operator.attrgetter("telephone")
_MOST_WAITING = 4096


class MachineCodeSums:
    """Adds up the rows of one campaign's report, one row a telephone (vendor's page "campaign_8").

    A telephone is unreachable when it has at least `unreachable_after` machine codes and all of them are
    congestion or failed; one whose codes are not all readable is not called unreachable.
    """

    def __init__(self, unreachable_after: int) -> None:
        self._unreachable_after = unreachable_after
        self._sums: dict[str, float] = {}
        self._telephones = 0
        self._judged = 0
        self._unreachable = 0
        self._unreadable: Counter[str] = Counter()
        self._discarded: Counter[str] = Counter()
        self._waiting: Counter[_Codes] = Counter()

    def add(self, rows: Sequence[object]) -> None:
        """Add a batch of rows as they came, or as `decode_rows` has read them; never raises."""
        if rows and isinstance(rows[0], Counted):
            self._waiting.update(map(_CODES, rows))
        elif rows and isinstance(rows[0], Noted):
            # Most telephones are digits, and looking at all of them at once is quick.
            numbers = list(map(_TELEPHONE, rows))
            plain = all(numbers) and "".join(numbers).isdigit()
            good = (
                rows
                if plain
                else [row for row, number in zip(rows, numbers, strict=True) if self._is_telephone(number)]
            )
            self._waiting.update(map(_CODES, good))
        else:
            self._waiting.update(self._others(rows))
        if len(self._waiting) > _MOST_WAITING:
            self._settle()

    def _others(self, rows: Iterable[object]) -> Iterator[_Codes]:
        """Give the codes of rows of any kind."""
        for row in rows:
            if not isinstance(row, Mapping):
                self._discarded["shape"] += 1
            elif self._is_telephone(row.get("telephone")):
                # The types matter: to a dictionary true is 1, and a list cannot be looked up.
                yield tuple(_hashable(row.get(field)) for field in MACHINE_CODE_FIELDS)

    def _is_telephone(self, raw: object) -> bool:
        telephone = parsing.text(raw)
        if isinstance(telephone, str) and telephone.upper().startswith("TOTAL"):
            return False
        if isinstance(telephone, Absent) or not any(c.isdigit() for c in telephone):
            self._discarded["shape"] += 1
            return False
        return True

    def _settle(self) -> None:
        """Add up what waits: telephones with the same codes at once, because most have few and small ones."""
        for codes, telephones in self._waiting.items():
            self._add_telephones(codes, telephones)
        self._waiting.clear()

    def _add_telephones(self, raw: _Codes, telephones: int) -> None:
        self._telephones += telephones
        figures: dict[str, float] = {}
        for field, written in zip(MACHINE_CODE_FIELDS, raw, strict=True):
            value = parsing.count(written)
            if not isinstance(value, Absent):
                figures[field] = value
                self._sums[field] = self._sums.get(field, 0.0) + value * telephones
            elif value is Absent.UNREADABLE:
                self._unreadable[field] += telephones
        if all(code in figures for code in MACHINE_CODES):
            self._judged += telephones
            codes = sum(figures[code] for code in MACHINE_CODES)
            at_fault = sum(figures[code] for code in _LIST_AT_FAULT)
            if codes >= self._unreachable_after and codes == at_fault:
                self._unreachable += telephones

    def row(self, campaign_id: str) -> CampaignRow:
        """Return the sums of all rows so far as those of one campaign.

        What no telephone had a readable value for is not known. A report without rows is a true 0 of
        everything; one whose rows could not be used says nothing.
        """
        self._settle()
        sums: dict[str, object] = dict(self._sums)
        if self._telephones:
            sums["telephone"] = float(self._telephones)
            sums["congestion, failed"] = float(self._unreachable) if self._judged else None
        elif not self._discarded:
            sums = dict.fromkeys((*MACHINE_CODE_FIELDS, "telephone", "congestion, failed"), 0.0)
        values = (column.read(sums, UTC) for column in COLUMNS[Api.MACHINE_CODES])
        known = tuple(None if isinstance(value, Absent) else value for value in values)
        return CampaignRow(campaign_id, "", "", known)

    @property
    def unreadable(self) -> tuple[Unreadable, ...]:
        """The present but unreadable values so far, without examples: the rows are about people."""
        self._settle()
        return tuple(Unreadable(field, count, "") for field, count in self._unreadable.items())

    @property
    def discarded(self) -> Tally:
        """The rows that were not used so far, by reason."""
        return dict(self._discarded)


def _hashable(raw: object) -> object:
    """Return a value that counts as `raw` does and can be looked up."""
    if isinstance(raw, bool | list | dict):
        return "?"
    return raw
