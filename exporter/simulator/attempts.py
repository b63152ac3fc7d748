"""The results of single calls, as report campaign_4 tells them."""

from collections.abc import Iterable
from typing import NamedTuple

from exporter.simulator.ledger import Stretch


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


def attempts_of(stretches: Iterable[Stretch]) -> Attempts:
    """Return the sums over all stretches."""
    sums = [0] * len(Attempts._fields)
    for one in stretches:
        counts = (
            one.answer - one.abandoned,
            one.abandoned,
            one.no_answer,
            one.machine,
            one.busy,
            one.congestion + one.dead - one.dead // 2,
            one.failed + one.dead // 2,
        )
        sums = [before + count for before, count in zip(sums, counts, strict=True)]
    return Attempts(*sums)
