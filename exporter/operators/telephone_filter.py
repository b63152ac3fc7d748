"""Which telephones of report campaign_8 are wanted, and they and their sums by column. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from exporter.apis.telephones import CODES, COUNTED, RECOGNITIONS, CodeSums, Telephone, unreachable

TELEPHONE_COLUMNS = ("telephone", RECOGNITIONS, *CODES)
SUM_COLUMNS = ("telephones", "unreachable", RECOGNITIONS, *CODES)


@dataclass(frozen=True, slots=True)
class TelephoneFilter:
    """Which telephones are wanted: those that meet all conditions; `codes` are those that it has had."""

    unreachable_after: int
    unreachable: bool = False
    min_attempts: int = 0
    codes: tuple[str, ...] = ()

    @property
    def conditions(self) -> Sequence[str]:
        """The conditions as flags of the commands."""
        flags = ["--unreachable"] if self.unreachable else []
        flags += [f"--min-attempts {self.min_attempts}"] if self.min_attempts else []
        return [*flags, *(f"--code {code}" for code in self.codes)]

    def matches(self, telephone: Telephone) -> bool:
        """Return whether a telephone meets all conditions; not if a count that one needs is not known."""
        if self.unreachable and not unreachable(telephone.counts, self.unreachable_after):
            return False
        if self.min_attempts and (telephone.attempts or 0) < self.min_attempts:
            return False
        return all((telephone.counts[code] or 0) > 0 for code in self.codes)


def telephone_cells(telephone: Telephone) -> Mapping[str, str | int | None]:
    """Return a telephone by column, as TELEPHONE_COLUMNS has them."""
    return {"telephone": telephone.number, **known_counts(telephone)}


def known_counts(telephone: Telephone) -> Mapping[str, int | None]:
    """Return the counts of a telephone by field; None is "not known"."""
    return {name: None if count is None else int(count) for name, count in telephone.counts.items()}


def sum_cells(sums: CodeSums) -> Mapping[str, int | None]:
    """Return the sums by column, as SUM_COLUMNS has them; None is "not known"."""
    figures = {name: int(sums.counts[name]) if name in sums.counts else None for name in COUNTED}
    unreachable_telephones = sums.unreachable if sums.judged else None
    return {"telephones": sums.telephones, "unreachable": unreachable_telephones, **figures}
