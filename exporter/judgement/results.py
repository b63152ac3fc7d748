"""What a campaign's latest calls came to, beside what they usually come to. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from exporter.judgement.chance import few_calls, other_share
from exporter.snapshot.memories import CampaignMemory, Figures, Interval, Pace, Share

RESULTS = ("answer", "busy_congestion_failed", "answer_machine", "hit")
"""The results whose shares are told: of dials, and of hits per answer."""

_RECENT_INTERVALS, _MAX_RECENT_INTERVALS, _MAX_INTERVALS = 2, 6, 24
"""Answers whose calls are recent: at least, at most for dials, at most for hits, which are coded later."""
_RECENT_SECONDS, _RECENT_HITS_SECONDS = 2100.0, 4 * 3600.0
_ENOUGH_CALLS, _ENOUGH_ANSWERS = 100.0, 50.0
_MAX_INTERVAL_SECONDS = 1800.0
"""Longer gaps between answers say nothing of a pace."""

_MAX_INTERVAL_CALLS = 1e6

_PACE_HALF_LIFE_SECONDS, _SHARE_HALF_LIFE_SECONDS = 3 * 3600.0, 8 * 3600.0
_MIN_PACE_SECONDS, MIN_CALLS = 1800.0, 10.0
_LAST_SECONDS = 3600.0
_LEAST_OF_USUAL_RATIO = 1 / 3
_MAX_HELD_SECONDS = 12 * 3600.0
"""After so long what is unusual is the new usual."""
_IMPROBABLE_RATIO = 1e-3
_FALLEN_RATIO = 0.3
_MIN_REFILL_RECORDS, _MIN_REFILL_RATIO = 20.0, 0.05


def interval_between(
    before: Figures, after: Figures, end: float, seconds: float, *, whole_list: bool
) -> Interval | None:
    """Return what came between two answers, None where it cannot be told.

    `whole_list` is whether all records were dialled, so that calls are retries, which dialled records do not
    show.
    """
    if not (before.running and after.running) or not 0 < seconds <= _MAX_INTERVAL_SECONDS:
        return None
    if _rise(before.recycles, after.recycles):
        return None
    dials = _difference(before.dialed, after.dialed)
    found = [
        _difference(getattr(before, name), getattr(after, name))
        for name in ("answer", "failed", "machine", "hits")
    ]
    if any(figure is not None and not 0 <= figure <= _MAX_INTERVAL_CALLS for figure in (dials, *found)):
        return None  # the list was reset, or the figures are no figures of calls
    calls = dials
    if dials is None or (whole_list and not dials):
        known = [c for c in (before.calls_per_minute, after.calls_per_minute) if c is not None]
        mean = max(sum(known) / len(known), 0.0) if known else 0.0
        calls = min(mean * seconds / 60, _MAX_INTERVAL_CALLS) if known else dials
    counts = (None if figure is None else round(figure) for figure in (dials, *found))
    return Interval(end, seconds, calls, *counts)


def is_refill(before: Figures, after: Figures) -> bool:
    """Return whether a list was filled again between two answers, and not only recycled."""
    more = _difference(before.clean, after.clean)
    if more is None or _rise(before.recycles, after.recycles):
        return False
    return more >= max(_MIN_REFILL_RECORDS, _MIN_REFILL_RATIO * (after.records or 0.0))


def with_interval(memory: CampaignMemory, interval: Interval, *, in_hours: bool) -> CampaignMemory:
    """Return the memory with what came between the last two answers; `in_hours` is whether it should dial."""
    intervals = (*memory.intervals, interval)[-_MAX_INTERVALS - 1 :]
    memory = replace(memory, intervals=intervals)
    leaving = intervals[-_MAX_RECENT_INTERVALS - 1] if len(intervals) > _MAX_RECENT_INTERVALS else None
    oldest = intervals[0] if len(intervals) > _MAX_INTERVALS else None
    shares = dict(memory.shares)
    for result in RESULTS:
        # What is compared with the usual must not be part of it.
        old = oldest if result == "hit" else leaving
        of, counted = (None, None) if old is None else _counts(old, result)
        share = _held(memory, result, shares.get(result, Share()), interval.end)
        if of and counted is not None and _learns(share.held_since, interval.end):
            fade = 0.5 ** (interval.seconds / _SHARE_HALF_LIFE_SECONDS)
            share = replace(share, of=share.of * fade + of, counted=share.counted * fade + counted)
        shares[result] = share
    if interval.dials and interval.failed is not None:
        listed = memory.listed
        memory = replace(
            memory,
            listed=Share(listed.of + interval.dials, listed.counted + min(interval.failed, interval.dials)),
        )
    pace = _paced(memory, interval) if in_hours else memory.pace
    return replace(memory, intervals=intervals[-_MAX_INTERVALS:], shares=shares, pace=pace)


def _held(memory: CampaignMemory, result: str, share: Share, now: float) -> Share:
    """Return the usual share with the time since which the recent one is improbable beside it."""
    chance = share_chance(memory, result)
    if chance is None or chance >= _IMPROBABLE_RATIO:
        return share if share.held_since is None else replace(share, held_since=None)
    return share if share.held_since is not None else replace(share, held_since=now)


def _learns(held_since: float | None, now: float) -> bool:
    return held_since is None or now - held_since > _MAX_HELD_SECONDS


def _paced(memory: CampaignMemory, interval: Interval) -> Pace:
    pace, calls = memory.pace, interval.calls
    if calls is None:
        return pace
    usual = usual_calls_per_minute(memory)
    expected = 0.0 if usual is None else usual * interval.seconds / 60
    missed = 0.0 if usual is None else usual * memory.confirmed / 60 if memory.calling is False else 0.0
    unusual = (expected >= MIN_CALLS and calls < _FALLEN_RATIO * expected) or missed >= MIN_CALLS / 2
    held_since = (pace.held_since or interval.end) if unusual else None
    if not _learns(held_since, interval.end):
        return replace(pace, held_since=held_since)
    fade = 0.5 ** (interval.seconds / _PACE_HALF_LIFE_SECONDS)
    return Pace(pace.seconds * fade + interval.seconds, pace.calls * fade + calls, held_since)


def usual_calls_per_minute(memory: CampaignMemory) -> float | None:
    """Return the pace of the last hours in which it dialled; None while too little is known."""
    pace = memory.pace
    if pace.seconds < _MIN_PACE_SECONDS or pace.calls < MIN_CALLS:
        return None
    return 60 * pace.calls / pace.seconds


def least_calls_per_minute(memory: CampaignMemory, before: float) -> float | None:
    """Return the usual pace, or a lesser one of the hour `before` a Unix time; None while not known.

    In the evening a campaign may call less than in the hours before; an hour without a call is no pace.
    """
    usual = usual_calls_per_minute(memory)
    last = [one for one in memory.intervals if before - _LAST_SECONDS <= one.end < before]
    calls = sum(one.calls or 0.0 for one in last)
    seconds = sum(one.seconds for one in last)
    if usual is None or not seconds:
        return usual
    return max(min(usual, 60 * calls / seconds), _LEAST_OF_USUAL_RATIO * usual)


def _latest(memory: CampaignMemory, seconds: float) -> Sequence[Interval]:
    """Return the intervals of the last seconds, the latest first; none unless it is started."""
    intervals = memory.intervals
    if not memory.running or not intervals or intervals[-1].end != memory.at:
        return ()
    return [one for one in reversed(intervals) if memory.at - one.end < seconds]


def recent_calls_per_minute(memory: CampaignMemory) -> float | None:
    """Return the pace between the last answers; None when it is not known."""
    latest = _latest(memory, _RECENT_SECONDS)[:_RECENT_INTERVALS]
    calls = [one.calls for one in latest if one.calls is not None]
    if len(calls) < _RECENT_INTERVALS:
        return None
    return 60 * sum(calls) / sum(one.seconds for one in latest)


def calls_chance(memory: CampaignMemory) -> float | None:
    """Return a bound of the probability that it makes as few calls as recently at its usual pace."""
    usual, recent = usual_calls_per_minute(memory), recent_calls_per_minute(memory)
    if usual is None or recent is None:
        return None
    minutes = sum(one.seconds for one in memory.intervals[-_RECENT_INTERVALS:]) / 60
    return few_calls(recent * minutes, usual * minutes)


def _counts(interval: Interval, result: str) -> tuple[float | None, float | None]:
    """Return of how many, and how many, had a result in an interval."""
    if result == "hit":
        return interval.answer, interval.hits
    counted = {
        "answer": interval.answer,
        "busy_congestion_failed": interval.failed,
        "answer_machine": interval.machine,
    }
    return interval.dials, counted[result]


def recent_counts(memory: CampaignMemory, result: str) -> tuple[float, float] | None:
    """Return of how many of the latest dials (of a hit: answers), and how many of them, had a result.

    They are those of at least two answers, and of more until there are enough to count.
    """
    is_hit = result == "hit"
    most = _MAX_INTERVALS if is_hit else _MAX_RECENT_INTERVALS
    enough = _ENOUGH_ANSWERS if is_hit else _ENOUGH_CALLS
    total = number = taken = 0.0
    for one in _latest(memory, _RECENT_HITS_SECONDS if is_hit else _RECENT_SECONDS)[:most]:
        of, counted = _counts(one, result)
        if of is None or counted is None:
            return None
        total, number, taken = total + of, number + min(counted, of), taken + 1
        if taken >= _RECENT_INTERVALS and total >= enough and not is_hit:
            break
    return (total, number) if taken >= _RECENT_INTERVALS and total > 0 else None


def recent_dials(memory: CampaignMemory) -> float | None:
    """Return how many dials the recent shares are about."""
    counts = recent_counts(memory, "answer")
    return None if counts is None else counts[0]


def usual_counts(memory: CampaignMemory, result: str) -> tuple[float, float] | None:
    """Return the same of what is usual; None while too little is known."""
    share = memory.shares.get(result)
    enough = _ENOUGH_ANSWERS if result == "hit" else _ENOUGH_CALLS
    return None if share is None or share.of < enough else (share.of, share.counted)


def share_chance(memory: CampaignMemory, result: str) -> float | None:
    """Return how likely the recent share is by chance beside the usual one; None when one is not known."""
    return _compared(memory, result).chance


class Comparison(NamedTuple):
    """A share as it is recently and usually, and how likely the difference is by chance; None: not known."""

    recent: float | None
    usual: float | None
    chance: float | None


def shares(memory: CampaignMemory) -> Mapping[str, Comparison]:
    """Return how the share of each result compares with the usual one."""
    return {result: _compared(memory, result) for result in RESULTS}


def _compared(memory: CampaignMemory, result: str) -> Comparison:
    return _comparison(recent_counts(memory, result), usual_counts(memory, result))


def _comparison(recent: tuple[float, float] | None, usual: tuple[float, float] | None) -> Comparison:
    """Return how two shares compare; each is of how many, and how many of them."""
    chance = None if recent is None or usual is None else other_share(*recent[::-1], *usual[::-1])
    return Comparison(_ratio(recent), _ratio(usual), chance)


def together(memories: Iterable[CampaignMemory]) -> Mapping[str, Comparison]:
    """Return how the shares of the last two answers' dials of all campaigns compare with the usual ones.

    None of a result of which fewer than a hundred dials are known.
    """
    found = {}
    started = [(one, _latest(one, _RECENT_SECONDS)[:_RECENT_INTERVALS]) for one in memories]
    for result in (one for one in RESULTS if one != "hit"):
        of = number = usual_of = usual_number = 0.0
        for memory, latest in started:
            counts = [_counts(interval, result) for interval in latest]
            dials = sum(dialled for dialled, _ in counts if dialled is not None)
            usual = usual_counts(memory, result)
            of += dials
            number += sum(min(counted, dialled or 0) for dialled, counted in counts if counted is not None)
            if usual is not None:
                usual_of += dials
                usual_number += dials * usual[1] / usual[0]
        recent = (of, number) if of >= _ENOUGH_CALLS else None
        expected = (usual_of, usual_number) if usual_of >= _ENOUGH_CALLS else None
        found[result] = _comparison(recent, expected)
    return found


def list_failed(memory: CampaignMemory) -> Mapping[str, float]:
    """Return the share of dials that failed, of the present list and of the one before, as far as known."""
    found = {"present": memory.listed, "previous": memory.listed_before}
    return {name: one.counted / one.of for name, one in found.items() if one.of >= _ENOUGH_CALLS}


def _ratio(counts: tuple[float, float] | None) -> float | None:
    return None if counts is None else counts[1] / counts[0]


def _difference(before: float | None, after: float | None) -> float | None:
    return None if before is None or after is None else after - before


def _rise(before: float | None, after: float | None) -> bool:
    more = _difference(before, after)
    return more is not None and more > 0
