"""The usual hours of one campaign, by weekday, from sets of slots of its days."""

from collections.abc import Mapping, Sequence
from statistics import median

from exporter.usual_hours.slot_sets import alike, closed, majority, similarity, without_short

_OFF_GAP_SLOTS = 4
ON_GAP_SLOTS = 7
"""A day's gaps of at most 20 minutes are no break, nor those of 35 in which the campaign stays started.

Lists are used up and loaded, systems started anew, and a slow campaign may make no call for a while.
"""
_USUAL_GAP_SLOTS = 3
_USUAL_RUN_SLOTS = 2
_ALIKE_SLOTS = 3
"""Two weekdays whose hours differ nowhere by more than 15 minutes have the same hours."""
_ALIKE_DAY_SLOTS = 4
_MIN_SIMILARITY_RATIO = 0.7
_LIKE_DAYS = 2

Days = Mapping[int, Sequence[int]]
"""The sets of the days of each weekday: one for each day that counts, empty where it was off."""


def whole_stretches(slots: int, started: int) -> int:
    """Return the slots of a day without short gaps, in which a campaign only happened to make no call.

    started: the slots in which it was.
    """
    through_on = closed(slots, ON_GAP_SLOTS) & (slots | started)
    return closed(through_on, _OFF_GAP_SLOTS)


def has_enough(days: Days) -> bool:
    """Return whether there are two days of at least one weekday."""
    return any(len(sets) >= _LIKE_DAYS for sets in days.values())


def usual_days(days: Days) -> dict[int, int]:
    """Return the usual slots of each weekday that has some.

    Weekdays with the same hours are looked at together, so that a week in which one of them was odd does not
    count much. A weekday of which there is only one day must be like others.
    """
    pools: list[tuple[list[int], int]] = []
    order = sorted(days, key=lambda weekday: (-len(days[weekday]), weekday))
    for weekday in order:
        own = _usual(days[weekday])
        if not own and not any(days[weekday]):
            continue
        for number, (members, hours) in enumerate(pools):
            if _joins(days[weekday], own, hours):
                together = [*members, weekday]
                pools[number] = together, _usual([one for member in together for one in days[member]])
                break
        else:
            if own and len(days[weekday]) >= _LIKE_DAYS:
                pools.append(([weekday], own))
    return {weekday: hours for members, hours in pools for weekday in members if hours}


def is_regular(days: Days, usual: Mapping[int, int]) -> bool:
    """Return whether most days, of those with work or with usual hours, are much as the usual ones."""
    likeness = [
        similarity(one, usual.get(weekday, 0))
        for weekday, sets in days.items()
        for one in sets
        if one or usual.get(weekday)
    ]
    return bool(usual) and bool(likeness) and median(likeness) >= _MIN_SIMILARITY_RATIO


def _usual(sets: Sequence[int]) -> int:
    return without_short(closed(majority(sets), _USUAL_GAP_SLOTS), _USUAL_RUN_SLOTS)


def _joins(sets: Sequence[int], own: int, hours: int) -> bool:
    """Return whether a weekday has these hours: by its own usual ones, or by half of its days."""
    if alike(own, hours, _ALIKE_SLOTS):
        return True
    like = sum(alike(one, hours, _ALIKE_DAY_SLOTS) for one in sets)
    return 2 * like >= len(sets)
