"""What a campaign has dialled so far, by quarter hours, so that a date range can be reported."""

from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

QUARTER_STEPS = 15
"""Steps of one entry: a report counts whole quarter hours."""

_KEEP = 32 * 24 * 60 // QUARTER_STEPS
_WIDTH = 10


@dataclass(slots=True)
class Tally:
    """Counts since the beginning, which only ever rise.

    answer: people who picked up. abandoned: those of them whom no agent got. dead: calls that reached a dead
    telephone.
    """

    answer: int = 0
    no_answer: int = 0
    machine: int = 0
    busy: int = 0
    congestion: int = 0
    failed: int = 0
    dead: int = 0
    hits: int = 0
    abandoned: int = 0

    @property
    def unreached(self) -> int:
        """The calls that the field `busy/congestion/failed` counts."""
        return self.busy + self.congestion + self.failed + self.dead

    @property
    def attempts(self) -> int:
        """All calls."""
        return self.answer + self.no_answer + self.machine + self.unreached

    def minus(self, other: "Tally") -> "Tally":
        """Return the difference, field by field."""
        # Written out: dataclasses.astuple is forty times slower, and every answer asks this of all campaigns.
        return Tally(
            self.answer - other.answer,
            self.no_answer - other.no_answer,
            self.machine - other.machine,
            self.busy - other.busy,
            self.congestion - other.congestion,
            self.failed - other.failed,
            self.dead - other.dead,
            self.hits - other.hits,
            self.abandoned - other.abandoned,
        )


class Outcomes(NamedTuple):
    """What calls gave, as in `Tally`: the dead telephones are not among the congested and the failed."""

    answer: int
    no_answer: int
    machine: int
    busy: int
    congestion: int
    failed: int
    dead: int
    abandoned: int


class Stretch(NamedTuple):
    """The calls of one entry: places [first, last) of the running order, and what the calls gave."""

    first: int
    last: int
    gave: Outcomes


class Ledger:
    """The cumulative figures at the end of each quarter hour with calls, in 88 bytes each."""

    def __init__(self) -> None:
        self._steps = array("l", [-1])
        self._rows = array("L", [0] * _WIDTH)
        self._begin = 0

    def keep(self, step: int, place: int, tally: Tally) -> None:
        """Store the figures at the end of `step`, unless no place was passed since the last entry."""
        if place == self._begin:
            return
        self._steps.append(step)
        self._rows.extend(_row(self._begin, place, tally))
        self._begin = place
        if len(self._steps) > 2 * _KEEP:
            del self._steps[:-_KEEP]
            del self._rows[: -_KEEP * _WIDTH]

    def skip(self, place: int) -> None:
        """Set where the next entry begins: the places before it were not dialled. For right after `keep`."""
        self._begin = place

    def between(self, after: int, until: int, now: tuple[int, int, Tally]) -> Iterator[Stretch]:
        """Yield the calls of the entries that end in (after, until].

        now: step, place and tally of the entry that has not ended.
        """
        for number in range(max(1, bisect_right(self._steps, after)), len(self._steps)):
            if self._steps[number] > until:
                return
            yield _stretch(self._kept(number - 1), self._kept(number))
        step, place, tally = now
        if after < step <= until and place > self._begin:
            yield _stretch(self._kept(len(self._steps) - 1), _row(self._begin, place, tally))

    def outcomes(self, after: int, until: int, now: tuple[int, int, Tally]) -> tuple[Outcomes, Outcomes]:
        """Return what the calls had given before and after the entries that end in (after, until].

        now: as for `between`.
        """
        first = max(1, bisect_right(self._steps, after))
        last = max(first - 1, bisect_right(self._steps, until) - 1)
        step, place, tally = now
        end = _row(self._begin, place, tally) if after < step <= until else self._kept(last)
        return Outcomes(*self._kept(first - 1)[2:]), Outcomes(*end[2:])

    def _kept(self, number: int) -> tuple[int, ...]:
        return tuple(self._rows[number * _WIDTH : (number + 1) * _WIDTH])


def _row(begin: int, place: int, tally: Tally) -> tuple[int, ...]:
    reached = (tally.answer, tally.no_answer, tally.machine, tally.busy, tally.congestion, tally.failed)
    return (begin, place, *reached, tally.dead, tally.abandoned)


def _stretch(before: tuple[int, ...], after: tuple[int, ...]) -> Stretch:
    begin, place, *outcomes = after
    gave = (new - old for new, old in zip(outcomes, before[2:], strict=True))
    return Stretch(begin, place, Outcomes(*gave))
