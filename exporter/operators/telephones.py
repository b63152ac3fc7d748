"""The rows of report campaign_8, one a telephone: read, chosen, summed. Pure; nothing of it is kept."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from exporter import parsing
from exporter.families.campaigns import MACHINE_CODES
from exporter.parsing import Absent

CODES = MACHINE_CODES
RECOGNITIONS = "total_machine_recognitions"
COLUMNS = ("telephone", RECOGNITIONS, *CODES)
_LIST_AT_FAULT = ("congestion", "failed")


@dataclass(frozen=True, slots=True)
class Telephone:
    """One row; a figure that is missing or unreadable is None, never 0."""

    number: str = field(repr=False)
    recognitions: int | None
    codes: Mapping[str, int | None]

    @property
    def attempts(self) -> int | None:
        """All codes together; None when one of them is not known."""
        known = [count for count in self.codes.values() if count is not None]
        return sum(known) if len(known) == len(self.codes) else None

    def unreachable(self, after: int) -> bool:
        """Tell whether it has at least `after` codes, and all of them are congestion or failed.

        The same rule as that of `wolkvox_campaign_unreachable_telephones`.
        """
        attempts = self.attempts
        at_fault = sum(self.codes[code] or 0 for code in _LIST_AT_FAULT)
        return attempts is not None and attempts >= after and attempts == at_fault

    def cells(self) -> Mapping[str, str | int | None]:
        """Return the row by column, as COLUMNS has them."""
        return {"telephone": self.number, RECOGNITIONS: self.recognitions, **self.codes}


@dataclass(slots=True)
class TelephoneReader:
    """Reads rows as JSON gave them; `discarded` were no telephones, `unreadable` are figures that were none.

    A TOTAL row, as reports in the vendor's screens end with, is neither a telephone nor discarded.
    """

    rows: int = 0
    telephones: int = 0
    discarded: int = 0
    unreadable: int = 0

    def read(self, rows: Iterable[object]) -> Iterator[Telephone]:
        """Give the telephones of a batch of rows."""
        for row in rows:
            self.rows += 1
            number = parsing.text(row.get("telephone")) if isinstance(row, Mapping) else Absent.MISSING
            if isinstance(number, str) and number.upper().startswith("TOTAL"):
                continue
            if (
                not isinstance(row, Mapping)
                or isinstance(number, Absent)
                or not any(c.isdigit() for c in number)
            ):
                self.discarded += 1
                continue
            self.telephones += 1
            codes = {code: self._count(row.get(code)) for code in CODES}
            yield Telephone(number, self._count(row.get(RECOGNITIONS)), codes)

    def _count(self, raw: object) -> int | None:
        value = parsing.count(raw)
        if isinstance(value, Absent):
            self.unreadable += value is Absent.UNREADABLE
            return None
        return int(value)


@dataclass(frozen=True, slots=True)
class Choice:
    """Which telephones are wanted: all conditions hold. Of each of `codes` it has at least one."""

    unreachable_after: int
    unreachable: bool = False
    min_attempts: int = 0
    codes: tuple[str, ...] = ()

    def wants(self, telephone: Telephone) -> bool:
        """Tell whether a telephone is wanted; one with an unknown figure that a condition needs is not."""
        if self.unreachable and not telephone.unreachable(self.unreachable_after):
            return False
        if self.min_attempts and (telephone.attempts or 0) < self.min_attempts:
            return False
        return all((telephone.codes[code] or 0) > 0 for code in self.codes)


SUM_COLUMNS = ("telephones", "unreachable", RECOGNITIONS, *CODES)


@dataclass(slots=True)
class Sums:
    """Adds telephones up; a column that no telephone had a figure for is not known."""

    unreachable_after: int
    telephones: int = 0
    judged: int = 0
    unreachable: int = 0
    figures: dict[str, int] = field(default_factory=dict)

    def add(self, telephone: Telephone) -> None:
        """Add one telephone."""
        self.telephones += 1
        self.judged += all(count is not None for count in telephone.codes.values())
        self.unreachable += telephone.unreachable(self.unreachable_after)
        for name, count in ((RECOGNITIONS, telephone.recognitions), *telephone.codes.items()):
            if count is not None:
                self.figures[name] = self.figures.get(name, 0) + count

    def cells(self) -> Mapping[str, int | None]:
        """Return the sums by column, as SUM_COLUMNS has them; without telephones they are a true 0."""
        nothing = None if self.telephones else 0
        figures = {name: self.figures.get(name, nothing) for name in (RECOGNITIONS, *CODES)}
        unreachable = self.unreachable if self.judged else nothing
        return {"telephones": self.telephones, "unreachable": unreachable, **figures}
