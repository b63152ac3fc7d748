"""The usual hours of an operation: campaigns with the same hours together, and what is undecided."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, tzinfo

from exporter.usual_hours.calendar_days import (
    CalendarDay,
    LeftOut,
    calendar_days,
    chosen_days,
    quietest_slot,
)
from exporter.usual_hours.campaign_history import (
    DIALLING_MASK,
    LISTED_MASK,
    STARTED_MASK,
    FloorHistory,
    SeenCampaign,
)
from exporter.usual_hours.slot_sets import (
    DAY_SLOTS,
    WEEK_SLOTS,
    alike,
    in_at_least,
    runs,
    turned,
    week_of,
)
from exporter.usual_hours.weekly_hours import (
    ON_GAP_SLOTS,
    Days,
    has_enough,
    is_regular,
    usual_days,
    whole_stretches,
)

_ALIKE_CAMPAIGN_SLOTS = 2
"""Campaigns whose hours differ nowhere by more than ten minutes have the same hours."""
_GONE_DAYS = 7
_ALWAYS_RATIO = 0.9
_HALF_HOURS_NUMBER = 48
_HALF_HOUR_SLOTS = DAY_SLOTS // _HALF_HOURS_NUMBER


def _table(flag: int) -> bytes:
    return bytes(ord("1") if byte & flag else ord("0") for byte in range(256))


_OBSERVED = _table(1)
_TABLES: Mapping[int, bytes] = {flag: _table(flag) for flag in (LISTED_MASK, STARTED_MASK, DIALLING_MASK)}


@dataclass(frozen=True, slots=True)
class Extent:
    """From when to when was worked on days of some weekdays: the earliest and the latest, in minutes.

    They count from midnight of the day to which the work belongs. `days` is on how many it was worked.
    """

    days: int
    begins: tuple[int, int]
    ends: tuple[int, int]


@dataclass(frozen=True, slots=True)
class CampaignGroup:
    """Campaigns with the same hours.

    week: slots of a week, Monday 00:00 first. shares: by weekday, of each half hour how much of it is worked
    on the days that count, 0 to 1. patterns: what matches these campaigns and no others. extents: by weekday.
    counted: the days that count, by weekday. when_started: campaigns whose hours are those in which they are
    started, because their calls end at changing times.
    """

    names: tuple[str, ...]
    patterns: tuple[str, ...]
    week: int
    shares: Sequence[Sequence[float]]
    extents: Mapping[int, Extent]
    counted: Mapping[int, int]
    when_started: int = 0


@dataclass(frozen=True, slots=True)
class Undecided:
    """A campaign of which no hours can be told: how people know it, and why."""

    campaign: str
    reason: str


@dataclass(frozen=True, slots=True)
class UsualHours:
    """What a history says of an operation: groups of campaigns, the largest first."""

    groups: tuple[CampaignGroup, ...]
    undecided: tuple[Undecided, ...]
    counted: tuple[date, ...]
    left_out: tuple[LeftOut, ...]
    rests_on_holidays: bool = False


@dataclass(slots=True, eq=False)
class _Candidate:
    """A campaign with its usual week, and with the slots of a week in which it usually is started."""

    campaign: SeenCampaign
    days: Days
    week: int
    started: int
    when_started: bool = False


@dataclass(slots=True)
class _Members:
    first: int
    candidates: list[_Candidate] = field(default_factory=list)


def find_usual_hours(
    history: FloorHistory, zone: tzinfo, holidays: Collection[date] = frozenset()
) -> UsualHours:
    """Return the usual hours of an operation's campaigns by its own clock; `holidays` are public ones."""
    begins = quietest_slot(_work_by_slot(history, zone))
    days = calendar_days(history.first, len(history.observed), zone, begins)
    worked = {id(one): _sets(one, DIALLING_MASK, days) for one in history.campaigns}
    floors = dict.fromkeys((day.date for day in days), 0)
    work = dict.fromkeys(floors, 0)
    for sets in worked.values():
        for day, slots in sets.items():
            floors[day] |= slots
            work[day] += slots.bit_count()
    chosen, left_out = chosen_days(
        days, floors, work, lambda day: day.take(history.observed, _OBSERVED), holidays
    )
    candidates: list[_Candidate] = []
    undecided: list[Undecided] = []
    for campaign in history.campaigns:
        judged = _judged(campaign, worked[id(campaign)], days, chosen, begins)
        if isinstance(judged, _Candidate):
            candidates.append(judged)
        else:
            undecided.append(Undecided(_known_as(campaign), judged))
    groups, ambiguous = _groups(candidates, history.campaigns, chosen, begins)
    rested = {day.date for day in left_out} & set(holidays)
    return UsualHours(
        tuple(groups),
        (*undecided, *ambiguous),
        tuple(day.date for day in chosen),
        tuple(left_out),
        rests_on_holidays=bool(rested) and not any(day.date in holidays for day in chosen),
    )


def _work_by_slot(history: FloorHistory, zone: tzinfo) -> list[int]:
    """Return by the slot of the calendar's day how many campaigns make calls in it, on all days together."""
    work = [0] * DAY_SLOTS
    days = calendar_days(history.first, len(history.observed), zone, 0)
    for campaign in history.campaigns:
        for day in days:
            for first, end in runs(day.take(campaign.slots, _TABLES[DIALLING_MASK])):
                for slot in range(first, end):
                    work[slot] += 1
    return work


def _sets(campaign: SeenCampaign, flag: int, days: Iterable[CalendarDay]) -> dict[date, int]:
    return {
        day.date: whole_stretches(
            day.take(campaign.slots, _TABLES[flag]), day.take(campaign.slots, _TABLES[STARTED_MASK])
        )
        for day in days
    }


def _judged(
    campaign: SeenCampaign,
    worked: Mapping[date, int],
    days: Sequence[CalendarDay],
    chosen: Sequence[CalendarDay],
    begins: int,
) -> _Candidate | str:
    """Return a campaign with its usual hours, or why they cannot be told."""
    if campaign.preview:
        return "a preview: agents dial when they are ready"
    on = _sets(campaign, STARTED_MASK, days)
    if why := _gone(campaign, on, chosen):
        return why
    first_call = next((day.date for day in chosen if worked[day.date]), chosen[0].date)
    own = [day for day in chosen if first_call <= day.date]
    calls, started = _by_weekday(own, worked), _by_weekday(own, on)
    if why := _too_little(calls, started, len(own)):
        return why
    by_calls, by_status = usual_days(calls), usual_days(started)
    week, on_week = (turned(week_of(usual.items()), begins) for usual in (by_calls, by_status))
    if is_regular(calls, by_calls):
        return _Candidate(campaign, calls, week, on_week)
    if is_regular(started, by_status) and on_week.bit_count() <= _ALWAYS_RATIO * WEEK_SLOTS:
        return _Candidate(campaign, started, on_week, on_week, when_started=True)
    return f"irregular: it made calls on {_on(calls)} of {len(own)} days, at changing hours"


def _gone(campaign: SeenCampaign, started: Mapping[date, int], chosen: Sequence[CalendarDay]) -> str:
    """Return since when a campaign is not there any more, or not started; "" if it is.

    `started` has all days, also those that do not count.
    """
    listed = [day.date for day in chosen if day.take(campaign.slots, _TABLES[LISTED_MASK])]
    if not listed:
        return "not listed on any day that counts"
    last = chosen[-1].date
    if (last - listed[-1]).days >= _GONE_DAYS:
        return f"gone: last listed on {listed[-1]}"
    counted = {day.date for day in chosen}
    on = [day for day, slots in started.items() if slots and day in counted]
    if not on and any(started.values()):
        return "started only on days that are left out"
    if not on:
        return "never started"
    return f"last started on {on[-1]}" if (last - on[-1]).days >= _GONE_DAYS else ""


def _too_little(days: Days, started: Days, count: int) -> str:
    """Return why there are too few days to say anything, "" if there are enough."""
    calls, on = _on(days), _on(started)
    if 2 * calls < on:
        return f"made calls on {calls} of the {on} days on which it was started"
    return "" if has_enough(days) else f"too little history (days that count: {count}), no weekday twice"


def _on(days: Days) -> int:
    return sum(bool(one) for sets in days.values() for one in sets)


def _by_weekday(days: Iterable[CalendarDay], sets: Mapping[date, int]) -> Days:
    found: dict[int, list[int]] = defaultdict(list)
    for day in days:
        found[day.weekday].append(sets[day.date])
    return found


def _together(candidates: Sequence[_Candidate]) -> list[_Members]:
    """Return the campaigns with the same hours, the most first."""
    groups: list[_Members] = []
    for candidate in candidates:
        near = (one for one in groups if alike(one.first, candidate.week, _ALIKE_CAMPAIGN_SLOTS))
        members = next(near, None)
        if members is None:
            members = _Members(candidate.week)
            groups.append(members)
        members.candidates.append(candidate)
    groups.sort(key=lambda one: -len(one.candidates))
    for number, members in enumerate(groups):
        larger = [one for one in groups[:number] if len(one.candidates) > len(members.candidates)]
        for candidate in tuple(members.candidates):
            if wider := next((one for one in larger if _joins(candidate, one.first)), None):
                wider.candidates.append(candidate)
                members.candidates.remove(candidate)
    return sorted((one for one in groups if one.candidates), key=lambda one: -len(one.candidates))


def _joins(candidate: _Candidate, week: int) -> bool:
    """Return whether a campaign has hours of others but for a while in which it is started without calls.

    So it is where its list often ends a little before the day does.
    """
    if not alike(candidate.week & ~week, 0, _ALIKE_CAMPAIGN_SLOTS):
        return False
    missing = week & ~candidate.week
    return alike(missing, 0, ON_GAP_SLOTS) and alike(missing & ~candidate.started, 0, _ALIKE_CAMPAIGN_SLOTS)


def _groups(
    candidates: Sequence[_Candidate],
    campaigns: Sequence[SeenCampaign],
    chosen: Sequence[CalendarDay],
    begins: int,
) -> tuple[list[CampaignGroup], list[Undecided]]:
    groups = _together(candidates)
    carriers = Counter(text for one in campaigns for text in {one.name, one.campaign_id} if text)
    found: list[CampaignGroup] = []
    undecided: list[Undecided] = []
    for members in groups:
        own = Counter(
            text
            for one in members.candidates
            for text in {one.campaign.name, one.campaign.campaign_id}
            if text
        )
        patterns: dict[str, None] = {}
        told: list[_Candidate] = []
        for one in members.candidates:
            texts = (one.campaign.name, one.campaign.campaign_id)
            text = next((text for text in texts if text and carriers[text] == own[text]), None)
            if text is None:
                undecided.append(
                    Undecided(_known_as(one.campaign), "its name and its id are also those of others")
                )
                continue
            patterns[text] = None
            told.append(one)
        if told:
            found.append(_group(told, tuple(patterns), chosen, begins))
    return found, undecided


def _group(
    members: Sequence[_Candidate], patterns: tuple[str, ...], chosen: Sequence[CalendarDay], begins: int
) -> CampaignGroup:
    by_weekday: dict[int, list[int]] = defaultdict(list)
    for one in members:
        for weekday, sets in one.days.items():
            by_weekday[weekday] += sets
    sums = [[0.0] * _HALF_HOURS_NUMBER for _ in range(7)]
    numbers = [[0] * _HALF_HOURS_NUMBER for _ in range(7)]
    extents: dict[int, Extent] = {}
    mask = (1 << _HALF_HOUR_SLOTS) - 1
    for weekday, sets in by_weekday.items():
        edges = [(one & -one, one.bit_length()) for one in sets if one]
        if edges:
            firsts = [(low.bit_length() - 1 + begins) * 5 for low, _ in edges]
            ends = [(high + begins) * 5 for _, high in edges]
            extents[weekday] = Extent(len(edges), (min(firsts), max(firsts)), (min(ends), max(ends)))
        for half in range(_HALF_HOURS_NUMBER):
            at = weekday * _HALF_HOURS_NUMBER + half + begins // _HALF_HOUR_SLOTS
            on, place = divmod(at, _HALF_HOURS_NUMBER)
            total = sum(((one >> (half * _HALF_HOUR_SLOTS)) & mask).bit_count() for one in sets)
            sums[on % 7][place] += total
            numbers[on % 7][place] += len(sets) * _HALF_HOUR_SLOTS
    shares = [
        [one / number if number else 0.0 for one, number in zip(row, counts, strict=True)]
        for row, counts in zip(sums, numbers, strict=True)
    ]
    return CampaignGroup(
        names=tuple(_known_as(one.campaign) for one in members),
        patterns=patterns,
        week=in_at_least([one.week for one in members], len(members) // 2 + 1),
        shares=shares,
        extents=extents,
        counted=Counter(day.weekday for day in chosen),
        when_started=sum(one.when_started for one in members),
    )


def _known_as(campaign: SeenCampaign) -> str:
    return " ".join(filter(None, (campaign.campaign_id, campaign.name))) or "a campaign without id and name"
