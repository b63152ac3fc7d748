"""The whole exposition in one format and coding, put together of what is finished."""

import functools
import math
import operator
from collections.abc import Sequence
from dataclasses import dataclass

from exporter.clock import Moment
from exporter.families import Family
from exporter.metrics.coding import Coding, Packed
from exporter.metrics.piece import Piece
from exporter.metrics.share import SHARE_FAMILIES, Share
from exporter.metrics.text import Format, header


@dataclass(frozen=True, slots=True)
class Edition:
    """A finished body but for its end and for what each scrape adds, and the shares that it was made of."""

    shares: tuple[Share, ...]
    packed: Packed

    def holds(self, now: Moment) -> bool:
        """Tell whether it is still right at `now`, as far as the time decides that."""
        return all(share.holds(now) for share in self.shares)


class Binder:
    """Makes editions in one coding; used by one thread at a time.

    Operations are put together in groups, and families of groups in families, so that one operation's news
    costs little more than itself however many others there are::

        family 1: header | group 1: op 1, op 2, ... | group 2: ... |
        family 2: header | ...
    """

    def __init__(self, coding: Coding) -> None:
        self._coding = coding
        self._groups: dict[int, tuple[tuple[Share, ...], list[Packed | None]]] = {}
        self._families: dict[int, tuple[list[Packed], Packed]] = {}

    def bind(self, form: Format, shares: tuple[Share, ...]) -> Edition:
        """Return the edition of the shares, one an operation."""
        width = max(math.isqrt(len(shares)), 1)
        groups = [
            self._group(number, shares[start : start + width])
            for number, start in enumerate(range(0, len(shares), width))
        ]
        parts = []
        for place, family in enumerate(SHARE_FAMILIES):
            runs = [run for group in groups if (run := group[place])]
            if runs:
                parts += [headline(family, form).packed(self._coding), self._family(place, runs)]
        return Edition(shares, self._coding.run(parts, squeeze=False))

    def _group(self, number: int, shares: tuple[Share, ...]) -> list[Packed | None]:
        """Return the lines of some operations, a run a family, None where there are none."""
        before, runs = self._groups.get(number, ((), []))
        if before != shares:
            runs = [
                runs[place]
                if runs and [s.pieces[place] for s in before] == [s.pieces[place] for s in shares]
                else self._run([piece for share in shares if (piece := share.pieces[place]).text])
                for place in range(len(SHARE_FAMILIES))
            ]
            self._groups[number] = (shares, runs)
        return runs

    def _run(self, pieces: Sequence[Piece]) -> Packed | None:
        return self._coding.run([piece.packed(self._coding) for piece in pieces]) if pieces else None

    def _family(self, place: int, runs: list[Packed]) -> Packed:
        before, family = self._families.get(place, ([], None))
        if family is None or len(before) != len(runs) or not all(map(operator.is_, before, runs)):
            # Not copied once more: the groups are few and large enough to be sent one by one.
            family = self._coding.run(runs, squeeze=False)
            self._families[place] = (runs, family)
        return family


@functools.cache
def headline(family: Family, form: Format) -> Piece:
    """Return the lines that announce a family."""
    return Piece(header(family, form))
