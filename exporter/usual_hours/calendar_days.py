"""The days of a history by the operation's own clock, and which of them tell of usual hours."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from statistics import median_low

from exporter.usual_hours.campaign_history import SLOT_SECONDS
from exporter.usual_hours.slot_sets import DAY_SLOTS, SLOT_MINUTES, in_at_least, stretch

_MISSING_SLOTS = 4
"""Slots that may be missing in the hours of the floor: more than 20 minutes are an outage."""
_MARGIN_SLOTS = 6
_QUIET_RATIO = 0.25
"""What a day's work is at most of the usual on a day on which the floor does not work."""
_SHORTEST_DAY_SLOTS = DAY_SLOTS - 24
"""A day on which the clock is set ahead is shorter, by two hours at most."""
_NIGHT_WORK_RATIO = 0.05
_NOON_SLOT_NUMBER = DAY_SLOTS // 2


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """A day, which may begin at another hour than midnight, and its slots of the history.

    `places` are the slots of the day, by the clock on the wall, of the slots of the history from `first` on.
    """

    date: date
    first: int
    places: Sequence[int]

    @property
    def weekday(self) -> int:
        """The day of the week, as `datetime.weekday` counts."""
        return self.date.weekday()

    @property
    def even(self) -> bool:
        """Whether the clock was not set on that day."""
        return len(self.places) == DAY_SLOTS and self.places[-1] == DAY_SLOTS - 1

    def take(self, slots: bytes | bytearray, table: bytes) -> int:
        """Return the set of the day's slots; `table` maps the bytes of the history to b"0" and b"1"."""
        part = slots[self.first : self.first + len(self.places)].translate(table)
        if self.even:
            return int(part[::-1], 2)
        found = 0
        for place, byte in zip(self.places, part, strict=True):
            if byte == ord("1"):
                found |= 1 << place
        return found

    def all_slots(self) -> int:
        """Return the set of the slots that the day has: some are not there where the clock is set ahead."""
        return stretch(0, DAY_SLOTS) if self.even else sum(1 << place for place in set(self.places))


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A day that does not tell of usual hours, and why, for people."""

    date: date
    reason: str


def calendar_days(first: float, count: int, zone: tzinfo, begins: int) -> list[CalendarDay]:
    """Return the whole days of a history that begins at `first` (Unix time) and has `count` slots.

    begins: the slot of the calendar's day at which a day begins.
    """
    shift = timedelta(minutes=begins * SLOT_MINUTES)
    days: list[CalendarDay] = []
    for index in range(count):
        local = (
            datetime.fromtimestamp(first + index * SLOT_SECONDS, UTC).astimezone(zone).replace(tzinfo=None)
            - shift
        )
        place = (local.hour * 60 + local.minute) // SLOT_MINUTES
        if not days or days[-1].date != local.date():
            days.append(CalendarDay(local.date(), index, []))
        places = days[-1].places
        assert isinstance(places, list)  # noqa: S101 - as made above
        places.append(place)
    return [day for day in days if len(day.places) >= _SHORTEST_DAY_SLOTS]


def quietest_slot(work: Sequence[int]) -> int:
    """Return the slot at which days begin, by how much is done in each slot: midnight if it is quiet.

    A floor that works past midnight has days that begin at its quietest hour, so that a night is one day.
    """

    def around(slot: int) -> int:
        return sum(work[(slot + near) % DAY_SLOTS] for near in range(-_MARGIN_SLOTS, _MARGIN_SLOTS))

    most = max(map(around, range(DAY_SLOTS)))
    if around(0) <= most * _NIGHT_WORK_RATIO:
        return 0
    hours = range(0, DAY_SLOTS, 12)
    # Of equally quiet hours, the one that is nearest to noon: the night is what must stay whole.
    best = min(hours, key=lambda slot: (around(slot), abs(slot - _NOON_SLOT_NUMBER)))
    return best if around(best) < around(0) / 2 else 0


def chosen_days(
    days: Sequence[CalendarDay],
    floors: Mapping[date, int],
    work: Mapping[date, int],
    observed: Callable[[CalendarDay], int],
    holidays: Collection[date],
) -> tuple[list[CalendarDay], list[LeftOut]]:
    """Return the days that tell of usual hours, and those that are left out.

    floors: the slots of each day in which anybody works. work: how much is done on each day. observed: gives
    the slots of a day of which anything is known. holidays: public ones.
    """
    seen = {day.date: observed(day) for day in days}
    begun = [day for day in days if seen[day.date]]
    days = [day for day in days if begun and day.date >= begun[0].date]
    chosen: list[CalendarDay] = []
    left_out: list[LeftOut] = []
    needed = {
        weekday: _widened(_quarter([floors[day.date] for day in days if day.weekday == weekday]))
        for weekday in {day.weekday for day in days}
    }
    whole: list[CalendarDay] = []
    for day in days:
        missing = (needed[day.weekday] & day.all_slots() & ~seen[day.date]).bit_count()
        if not seen[day.date]:
            left_out.append(LeftOut(day.date, "no samples at all"))
        elif missing > _MISSING_SLOTS:
            first = "the history begins on it" if day is days[0] else ""
            left_out.append(LeftOut(day.date, first or f"no samples for {_duration(missing)}"))
        else:
            whole.append(day)
    for day in whole:
        like = [other for other in whole if other.weekday == day.weekday]
        ordinary = [other for other in like if other.date not in holidays] or like
        # Where half of them are quiet, that is no exception: every second Saturday is worked.
        usual = median_low(work[other.date] for other in ordinary)
        if work[day.date] >= usual * _QUIET_RATIO:
            chosen.append(day)
        else:
            holiday = "a public holiday on which" if day.date in holidays else ""
            left_out.append(LeftOut(day.date, f"{holiday} the floor did not work".strip()))
    return chosen, sorted(left_out, key=lambda one: one.date)


def _quarter(sets: Sequence[int]) -> int:
    """Return the slots that are in at least a quarter of the sets."""
    return in_at_least(sets, max(-(-len(sets) // 4), 1))


def _widened(slots: int) -> int:
    """Return a set with the half hours before and after its slots."""
    wide = slots
    for _ in range(_MARGIN_SLOTS):
        wide |= (wide << 1) | (wide >> 1)
    return wide & stretch(0, DAY_SLOTS)


def _duration(slots: int) -> str:
    hours, minutes = divmod(slots * SLOT_MINUTES, 60)
    return f"{hours} h {minutes} min" if hours and minutes else f"{hours} h" if hours else f"{minutes} min"
