"""Sums of the report campaign_8: telephones come in, figures come out, no telephone is kept."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC

from exporter import parsing
from exporter.endpoint import Endpoint
from exporter.families import COLUMNS
from exporter.families.campaigns import MACHINE_CODES
from exporter.parsing import Absent
from exporter.snapshot.model import CampaignRow, Tally
from exporter.snapshot.reading import Unreadable

RECOGNITIONS = "total_machine_recognitions"
MACHINE_CODE_FIELDS = (*MACHINE_CODES, RECOGNITIONS)
_LIST_AT_FAULT = ("congestion", "failed")


class MachineCodeSums:
    """Adds up the rows of one campaign's report, one row a telephone (vendor's page "campaign_8").

    A telephone is unreachable when it has at least `unreachable_after` machine codes and all of them are
    congestion or failed; one with an unreadable code is not called unreachable.
    """

    def __init__(self, unreachable_after: int) -> None:
        self._unreachable_after = unreachable_after
        self._sums: dict[str, float] = {}
        self._telephones = 0
        self._unreachable = 0
        self._unreadable: Counter[str] = Counter()
        self._discarded: Counter[str] = Counter()

    def add(self, rows: Iterable[object]) -> None:
        """Add a batch of rows as they came; never raises."""
        for row in rows:
            if not isinstance(row, Mapping):
                self._discarded["shape"] += 1
                continue
            telephone = parsing.text(row.get("telephone"))
            if isinstance(telephone, str) and telephone.upper().startswith("TOTAL"):
                continue
            if isinstance(telephone, Absent) or not any(c.isdigit() for c in telephone):
                self._discarded["shape"] += 1
                continue
            self._add_telephone(row)

    def _add_telephone(self, row: Mapping[str, object]) -> None:
        self._telephones += 1
        figures: dict[str, float] = {}
        for field in MACHINE_CODE_FIELDS:
            value = parsing.count(row.get(field))
            if not isinstance(value, Absent):
                figures[field] = value
                self._sums[field] = self._sums.get(field, 0.0) + value
            elif value is Absent.UNREADABLE:
                self._unreadable[field] += 1
        if all(code in figures for code in MACHINE_CODES):
            codes = sum(figures[code] for code in MACHINE_CODES)
            at_fault = sum(figures[code] for code in _LIST_AT_FAULT)
            self._unreachable += codes >= self._unreachable_after and codes == at_fault

    def row(self, campaign_id: str) -> CampaignRow:
        """Return the sums of all rows so far as those of one campaign.

        A field that no telephone had a readable value for is not known; without telephones every sum is
        a true 0.
        """
        sums: dict[str, object] = dict(self._sums)
        if not self._telephones:
            sums = dict.fromkeys(MACHINE_CODE_FIELDS, 0.0)
        sums["telephone"] = float(self._telephones)
        sums["congestion, failed"] = float(self._unreachable)
        values = (column.read(sums, UTC) for column in COLUMNS[Endpoint.MACHINE_CODES])
        known = tuple(None if isinstance(value, Absent) else value for value in values)
        return CampaignRow(campaign_id, "", "", known)

    @property
    def unreadable(self) -> tuple[Unreadable, ...]:
        """The present but unreadable values so far, without examples: the rows are about people."""
        return tuple(Unreadable(field, count, "") for field, count in self._unreadable.items())

    @property
    def discarded(self) -> Tally:
        """The rows that were not used so far, by reason."""
        return dict(self._discarded)
