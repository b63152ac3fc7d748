"""Sets of slots of a day, or of a week, as integers with a bit for each slot, the earliest first."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

SLOT_MINUTES = 5
DAY_SLOTS = 24 * 60 // SLOT_MINUTES
WEEK_SLOTS = 7 * DAY_SLOTS
_WEEK_MASK = (1 << WEEK_SLOTS) - 1


def runs(slots: int) -> list[tuple[int, int]]:
    """Return the runs of a set: the first slot of each, and the one after its last."""
    found, at = [], 0
    while slots:
        skipped = (slots & -slots).bit_length() - 1
        slots >>= skipped
        length = (~slots & (slots + 1)).bit_length() - 1
        slots >>= length
        found.append((at + skipped, at + skipped + length))
        at += skipped + length
    return found


def stretch(first: int, end: int) -> int:
    """Return the set of the slots from `first` up to, but not including, `end`."""
    return ((1 << (end - first)) - 1) << first


def closed(slots: int, longest: int) -> int:
    """Return a set without its gaps of at most so many slots."""
    found = runs(slots)
    for (_, before), (after, _) in pairwise(found):
        if after - before <= longest:
            slots |= stretch(before, after)
    return slots


def without_short(slots: int, longest: int) -> int:
    """Return a set without its runs of at most so many slots."""
    for first, end in runs(slots):
        if end - first <= longest:
            slots &= ~stretch(first, end)
    return slots


def in_at_least(sets: Sequence[int], least: int) -> int:
    """Return the slots that are in at least so many of the sets, 1 or more."""
    # Counts as planes of bits: plane n holds bit n of how many of the sets a slot is in.
    planes: list[int] = []
    for one in sets:
        carry = one
        for number, plane in enumerate(planes):
            planes[number], carry = plane ^ carry, plane & carry
            if not carry:
                break
        if carry:
            planes.append(carry)
    greater, equal = 0, -1
    for number in range(max(len(planes), least.bit_length()) - 1, -1, -1):
        plane = planes[number] if number < len(planes) else 0
        if least >> number & 1:
            equal &= plane
        else:
            greater |= equal & plane
            equal &= ~plane
    return greater | (max(equal, 0))


def majority(sets: Sequence[int]) -> int:
    """Return the slots that are in more than half of the sets: its edges are the medians of theirs.

    Between its edges there is a gap only where more than half of the sets have one.
    """
    strict = in_at_least(sets, len(sets) // 2 + 1)
    if not strict:
        return 0
    first, end = (strict & -strict).bit_length() - 1, strict.bit_length()
    return strict | (in_at_least(sets, max((len(sets) + 1) // 2, 1)) & stretch(first, end))


def alike(one: int, other: int, slack: int) -> bool:
    """Return whether two sets differ nowhere for longer than so many slots."""
    differing = one ^ other
    for _ in range(slack):
        differing &= differing >> 1
    return not differing


def similarity(one: int, other: int) -> float:
    """Return what two sets have in common, as a part of what they have together; 1 where both are empty."""
    together = (one | other).bit_count()
    return (one & other).bit_count() / together if together else 1.0


def turned(slots: int, by: int) -> int:
    """Return a set of slots of a week so many slots later; what passes Sunday begins on Monday."""
    slots <<= by % WEEK_SLOTS
    return (slots & _WEEK_MASK) | (slots >> WEEK_SLOTS)


def week_of(days: Iterable[tuple[int, int]]) -> int:
    """Return the set of a week of sets of days, each with its weekday."""
    week = 0
    for weekday, slots in days:
        week |= slots << (weekday * DAY_SLOTS)
    return week
