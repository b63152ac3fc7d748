"""The results of single calls, as report campaign_4 tells them."""

from collections.abc import Iterable
from typing import NamedTuple

from exporter.simulator.ledger import Outcomes


class Attempts(NamedTuple):
    """The calls of a time, by result; the names are the vendor's, with "_" for "-".

    `answer` and `abandon` together are what `campaigns` counts as `answer`; `busy`, `congestion` and `failed`
    are what it counts as `busy/congestion/failed`.
    """

    answer: int
    abandon: int
    no_answer: int
    answer_machine: int
    busy: int
    congestion: int
    failed: int


def attempts_between(before: Outcomes, after: Outcomes) -> Attempts:
    """Return the calls between two entries of a ledger."""
    return Attempts(*(new - old for old, new in zip(_attempts(before), _attempts(after), strict=True)))


def together(several: Iterable[Attempts]) -> Attempts:
    """Return the sums by result."""
    return Attempts(*map(sum, zip(Attempts(0, 0, 0, 0, 0, 0, 0), *several, strict=True)))


def _attempts(all_: Outcomes) -> tuple[int, ...]:
    return (
        all_.answer - all_.abandoned,
        all_.abandoned,
        all_.no_answer,
        all_.machine,
        all_.busy,
        all_.congestion + all_.dead - all_.dead // 2,
        all_.failed + all_.dead // 2,
    )
