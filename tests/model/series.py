"""Series, and what one of them may show."""

from typing import NamedTuple

Labels = tuple[tuple[str, str], ...]
"""Pairs in the order of their names, without empty ones."""

Series = tuple[str, Labels]

SECONDS_OF_TOLERANCE = 0.01


class Figure(NamedTuple):
    """What a series may show: from `low` to `high`; an optional one may be missing."""

    low: float
    high: float
    optional: bool = False

    def allows(self, value: float) -> bool:
        """Return whether a value is right."""
        return self.low <= value <= self.high


def exactly(value: float, *, optional: bool = False) -> Figure:
    """Return a figure without tolerance."""
    return Figure(value, value, optional)


def about(seconds: float, *, optional: bool = False) -> Figure:
    """Return a time, which may be off by what floats and rounding make of it."""
    return Figure(seconds - SECONDS_OF_TOLERANCE, seconds + SECONDS_OF_TOLERANCE, optional)


def labels(**pairs: str) -> Labels:
    """Return label pairs; an empty one is none."""
    return tuple(sorted((name, value) for name, value in pairs.items() if value))
