"""Which telephones of report campaign_8 are wanted, and how they and their sums stand in a table. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from exporter.apis.telephones import CODES, COUNTED, RECOGNITIONS, CodeSums, Telephone, unreachable

COLUMNS = ("telephone", RECOGNITIONS, *CODES)
SUM_COLUMNS = ("telephones", "unreachable", RECOGNITIONS, *CODES)


@dataclass(frozen=True, slots=True)
class Choice:
    """Which telephones are wanted: all conditions hold. Of each of `codes` it has at least one."""

    unreachable_after: int
    unreachable: bool = False
    min_attempts: int = 0
    codes: tuple[str, ...] = ()

    def wants(self, telephone: Telephone) -> bool:
        """Return whether a telephone is wanted; one with an unknown count that a condition needs is not."""
        if self.unreachable and not unreachable(telephone.counts, self.unreachable_after):
            return False
        if self.min_attempts and (telephone.attempts or 0) < self.min_attempts:
            return False
        return all((telephone.counts[code] or 0) > 0 for code in self.codes)


def cells(telephone: Telephone) -> Mapping[str, str | int | None]:
    """Return a telephone by column, as COLUMNS has them."""
    return {"telephone": telephone.number, **counts(telephone)}


def counts(telephone: Telephone) -> Mapping[str, int | None]:
    """Return the counts of a telephone by field; None is "not known"."""
    return {name: None if count is None else int(count) for name, count in telephone.counts.items()}


def sum_cells(sums: CodeSums) -> Mapping[str, int | None]:
    """Return the sums by column, as SUM_COLUMNS has them; without telephones they are a true 0."""
    nothing = None if sums.telephones else 0
    figures = {name: int(sums.counts[name]) if name in sums.counts else nothing for name in COUNTED}
    unreachable_telephones = sums.unreachable if sums.judged else nothing
    return {"telephones": sums.telephones, "unreachable": unreachable_telephones, **figures}
