"""Public holidays, by the `holidays` library."""

import functools
import itertools
import re
from dataclasses import dataclass
from datetime import date
from importlib import metadata
from typing import Any, NamedTuple

_CODE = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")

_LANGUAGE = "en_US"
"""Of the names, for the library would ask the environment; where it has no English they are the country's."""


class Holiday(NamedTuple):
    """One public holiday; `name` is in English, or as the country calls it."""

    day: date
    name: str


class CalendarError(ValueError):
    """A country, or a part of one, whose holidays are not known; the message is for people."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """The public holidays of a country (ISO 3166-1, `CO`) or of a part of one (ISO 3166-2, `ES-MD`)."""

    code: str

    def __contains__(self, day: date) -> bool:
        """Return whether a day is a public holiday."""
        return day in _of_year(self.code, day.year)

    def within(self, code: str) -> bool:
        """Return whether it is the calendar of a code, or of a part of that country."""
        return self.code == code or self.code.startswith(f"{code}-")

    def next_holidays(self, today: date, count: int) -> list[Holiday]:
        """Return the first `count` public holidays from a day on, that day included.

        Fewer are returned where the library knows no more of them in this year and the three after.
        """
        years = [*range(today.year, today.year + 4)]
        known = (Holiday(day, name) for day, name in sorted(_days(self.code, years).items()) if day >= today)
        return [*itertools.islice(known, count)]

    @classmethod
    def of(cls, code: str) -> "Calendar":
        """Return the calendar of a code; raises CalendarError when its holidays are not known."""
        try:
            if _CODE.fullmatch(code):
                _days(code, [])
                return cls(code)
        except NotImplementedError:
            pass
        raise CalendarError(f"unknown country {code!r}: a code such as CO or ES-MD is expected")


@functools.lru_cache(maxsize=256)
def _of_year(code: str, year: int) -> frozenset[date]:
    """Return the holidays of a whole year: the library's own calendars are filled while they are read."""
    return frozenset(_days(code, [year]))


def _days(code: str, years: list[int]) -> Any:  # noqa: ANN401 - the library's mapping of days
    # Loading the library costs as much as the rest of the start: only schedules with holidays pay.
    from holidays import country_holidays  # noqa: PLC0415

    country, _, part = code.partition("-")
    return country_holidays(country, subdiv=part or None, years=years, language=_LANGUAGE)


def library_version() -> str:
    """Return the version of the `holidays` library, on which it depends which days are known."""
    return metadata.version("holidays")
