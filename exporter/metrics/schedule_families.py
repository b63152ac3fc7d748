"""The table of the families about schedules, and their lines; to add one, add an entry here."""

from collections.abc import Callable
from dataclasses import dataclass

from exporter.families import CAMPAIGN_LABELS, Family, Scope
from exporter.metrics.text import labels, samples
from exporter.metrics.view import View
from exporter.schedules import ScheduleSet, ScheduleState

ReadState = Callable[[ScheduleState], bool | None]
"""Takes what a schedule says at a time; None is "no sample"."""

SCHEDULE_FAMILIES: tuple[tuple[Family, ReadState], ...] = (
    (
        Family(
            "wolkvox_campaign_expected",
            "1 when the campaign is expected to dial now by its schedule, 0 when not; absent without one.",
            Scope.CAMPAIGN,
        ),
        lambda state: state.expected,
    ),
    (
        Family(
            "wolkvox_campaign_permitted",
            "1 when the campaign may dial now by its schedule, 0 when not; absent without one.",
            Scope.CAMPAIGN,
        ),
        lambda state: state.permitted,
    ),
)
"""Every family whose samples follow from a campaign's schedule and the clock, and how it is read."""


_NO_LINES = (b"",) * len(SCHEDULE_FAMILIES)


@dataclass(frozen=True, slots=True)
class _Made:
    """Lines, and what they were made of."""

    view: View
    states: tuple[ScheduleState, ...]
    prefixes: tuple[tuple[str, int], ...]
    lines: tuple[bytes, ...]


class ScheduleLines:
    """The lines of one operation's campaigns, rewritten when the campaigns or the states change."""

    def __init__(self, schedules: ScheduleSet) -> None:
        self._schedules = schedules
        self._made: _Made | None = None

    def lines(self, view: View, wall: float) -> tuple[bytes, ...]:
        """Return the lines of each family at a Unix time, in the order of SCHEDULE_FAMILIES."""
        states = self._schedules.states(wall)
        if not states:
            return _NO_LINES
        made = self._made
        if made is not None and made.view is view and made.states is states:
            return made.lines
        prefixes = made.prefixes if made is not None and made.view is view else self._prefixes(view)
        lines = tuple(_lines(family, read, prefixes, states) for family, read in SCHEDULE_FAMILIES)
        self._made = _Made(view, states, prefixes, lines)
        return lines

    def _prefixes(self, view: View) -> tuple[tuple[str, int], ...]:
        """Return the label pairs of each campaign that has a schedule, with the index of that."""
        found = ((c.labels, self._schedules.index_of(*c.labels[1:3])) for c in view.campaigns)
        return tuple((labels(CAMPAIGN_LABELS, values), index) for values, index in found if index is not None)


def _lines(
    family: Family, read: ReadState, prefixes: tuple[tuple[str, int], ...], states: tuple[ScheduleState, ...]
) -> bytes:
    figures = [read(state) for state in states]
    return "".join(
        line
        for prefix, index in prefixes
        if (figure := figures[index]) is not None
        for line in samples(family, prefix, float(figure))
    ).encode()
