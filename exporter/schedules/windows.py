"""Weekly windows of time, such as `Mon-Fri 08:00-12:00`, as sets of minutes of the week.

A set is one integer with a bit for each minute of the week, Monday 00:00 first: windows are compared and
asked by arithmetic on bits.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
"""The days as they are written, in the order of `datetime.weekday`."""

_BEGINNINGS = {
    **{day.casefold(): day for day in DAYS},
    **dict(zip(("lun", "mar", "mié", "jue", "vie", "sáb", "dom"), DAYS, strict=True)),
    "mie": "Wed",
    "sab": "Sat",
}

MINUTES_PER_DAY = 24 * 60
MINUTES_PER_WEEK = len(DAYS) * MINUTES_PER_DAY

_MAX_PAST_MIDNIGHT_MINUTES = 12 * 60
_WINDOW = re.compile(r"(?P<days>\S+)\s+(?P<start>\S+?)\s*[-–]\s*(?P<end>\S+)")  # noqa: RUF001 - people paste dashes
_TIME = re.compile(r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})")
_WEEK_MASK = (1 << MINUTES_PER_WEEK) - 1


class WindowError(ValueError):
    """A window that cannot be used; the message is for people."""


@dataclass(frozen=True, slots=True)
class Window:
    """The minutes from `start` up to, but not including, `end`, counted from midnight of each of its days.

    `days` are numbers as of `datetime.weekday`. An `end` over 1440 lies on the next day; the window belongs
    to the day on which it starts all the same. `text` is what the user wrote.
    """

    days: frozenset[int]
    start: int
    end: int
    text: str

    def same_day(self) -> int:
        """Return the minutes that lie on the days on which the window starts."""
        length = min(self.end, MINUTES_PER_DAY) - self.start
        return _bits((day * MINUTES_PER_DAY + self.start, length) for day in self.days)

    def next_day(self) -> int:
        """Return the minutes that lie on the days after those."""
        length = max(self.end - MINUTES_PER_DAY, 0)
        return _bits(((day + 1) % len(DAYS) * MINUTES_PER_DAY, length) for day in self.days)

    def minutes(self) -> int:
        """Return all of its minutes."""
        return self.same_day() | self.next_day()


@dataclass(frozen=True, slots=True)
class Week:
    """The minutes of the week at which windows are open, on the days on which they start and on the next."""

    same_day: int
    next_day: int

    @classmethod
    def of(cls, windows: Iterable[Window]) -> "Week":
        """Return the minutes of all windows together."""
        same_day = next_day = 0
        for window in windows:
            same_day |= window.same_day()
            next_day |= window.next_day()
        return cls(same_day, next_day)

    def minutes(self) -> int:
        """Return all minutes."""
        return self.same_day | self.next_day

    def longest(self) -> int:
        """Return how many minutes it is open at a stretch, at most; those of a week where it never closes."""
        left, length = self.minutes(), 0
        while left and length < MINUTES_PER_WEEK:
            left &= left << 1 | left >> (MINUTES_PER_WEEK - 1)
            length += 1
        return length

    def texts(self) -> tuple[str, ...]:
        """Return windows that have these minutes, as people write them, those of the same hours as one."""
        days: dict[str, list[str]] = {}
        for day, name in enumerate(DAYS):
            for hours in _hours(
                _day_bits(self.same_day, day), _day_bits(self.next_day, (day + 1) % len(DAYS))
            ):
                days.setdefault(hours, []).append(name)
        return tuple(f"{','.join(names)} {hours}" for hours, names in days.items())

    def opens(self, weekday: int, minute: int, *, today: bool, yesterday: bool) -> bool:
        """Return whether a window is open at a minute.

        `today` and `yesterday` are whether that day counts at all: nothing is open on a day that does not
        count, nor after its midnight by a window that would have started on it.
        """
        bit = 1 << (weekday * MINUTES_PER_DAY + minute)
        if not today:
            return False
        return bool(self.same_day & bit) or (yesterday and bool(self.next_day & bit))


def _day_bits(minutes: int, day: int) -> int:
    """Return the minutes of one day of a set, from the bit of its midnight on."""
    return minutes >> (day * MINUTES_PER_DAY) & ((1 << MINUTES_PER_DAY) - 1)


def _hours(today: int, tomorrow: int) -> Iterable[str]:
    """Yield from when to when a day's windows are open; those of them that pass midnight, until tomorrow."""
    end = 0
    while left := today >> end:
        start = end + (left & -left).bit_length() - 1
        stretch = today >> start
        end = start + (~stretch & (stretch + 1)).bit_length() - 1
        past = tomorrow.bit_length() if end == MINUTES_PER_DAY else 0
        # A window past midnight is at most so long: what is before it is a window of its own.
        cut = max(start, MINUTES_PER_DAY + past - _MAX_PAST_MIDNIGHT_MINUTES) if past else end
        if cut > start:
            yield f"{_clock(start)}-{_clock(cut)}"
        if past:
            yield f"{_clock(cut)}-{_clock(past)}"


def _bits(stretches: Iterable[tuple[int, int]]) -> int:
    minutes = 0
    for start, length in stretches:
        minutes |= ((1 << length) - 1) << start
    return minutes & _WEEK_MASK


def moment_text(minutes: int) -> str:
    """Return the first minute of a set as people write it, such as `Sat 15:00`; the set is not empty."""
    first = (minutes & -minutes).bit_length() - 1
    day, minute = divmod(first, MINUTES_PER_DAY)
    return f"{DAYS[day]} {_clock(minute)}"


def parse_window(text: str) -> Window:
    """Read a window: days (`Mon`, `Mon-Fri`, `Mon,Wed,Fri`), then from when to when (`08:00-12:00`).

    It may end at `24:00`, or pass midnight (`Fri 22:00-06:00`). Raises WindowError.
    """
    match = _WINDOW.fullmatch(text.strip())
    if not match:
        raise WindowError(f"{text!r} is not a window such as 'Mon-Fri 08:00-12:00'")
    days = _days(match["days"])
    start, end = _minute(match["start"]), _minute(match["end"])
    if start == MINUTES_PER_DAY:
        raise WindowError(f"{text!r} starts at 24:00: write 00:00 of the next day")
    if end == start:
        raise WindowError(f"{text!r} ends when it starts: a whole day is 00:00-24:00")
    if end < start:
        end += MINUTES_PER_DAY
        if end - start > _MAX_PAST_MIDNIGHT_MINUTES:
            raise WindowError(
                f"{text!r} ends before it starts, and is too long for a window past midnight (at most 12 "
                f"hours): did you mean {_clock(end - MINUTES_PER_DAY)}-{_clock(start)}?"
            )
    return Window(days, start, end, text)


def _days(text: str) -> frozenset[int]:
    days: list[int] = []
    for part in text.split(","):
        first, dash, last = part.partition("-")
        start = _day(first)
        end = _day(last) if dash else start
        count = (end - start) % len(DAYS) + 1
        days += ((start + ahead) % len(DAYS) for ahead in range(count))
    if len(set(days)) != len(days):
        raise WindowError(f"{text!r} lists a day twice")
    return frozenset(days)


def _day(text: str) -> int:
    try:
        return DAYS.index(text.capitalize())
    except ValueError:
        # The first letters of a day's name, in English or Spanish ("Lunes", "sáb."), say which one is meant.
        meant = _BEGINNINGS.get(text.casefold()[:3])
        raise WindowError(f"unknown day {text!r}: use {meant or ', '.join(DAYS)}") from None


def _minute(text: str) -> int:
    match = _TIME.fullmatch(text)
    minute = int(match["hour"]) * 60 + int(match["minute"]) if match else -1
    if not match or int(match["minute"]) > 59 or minute > MINUTES_PER_DAY:  # noqa: PLR2004 - minutes of an hour
        raise WindowError(f"{text!r} is not a time of day such as 08:00")
    return minute


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
