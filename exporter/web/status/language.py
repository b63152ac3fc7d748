"""The texts of the page in each language, with figures and times as they are written in it."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

_NO_BREAK = "\N{NO-BREAK SPACE}"
_MINUTE_SECONDS, _HOUR_SECONDS, _DAY_SECONDS = 60, 3600, 86400
_JUST_NOW_SECONDS = 5
"""Ages below count as now."""

_SMALL_RATIO = 0.001
"""Below it one decimal of a percent is not enough."""

_MIN_WHOLE_NUMBER = 100
"""From here on the decimals of a number are of no use."""


class Language:
    """One language; every text is plain text, never markup."""

    def __init__(self, code: str, texts: Mapping[str, object]) -> None:
        self.code = code
        self._texts = texts
        self._decimal = str(texts["decimal"])
        self._group = str(texts["group"])

    def text(self, key: str, **values: object) -> str:
        """Return the text of a dotted key with the values filled in; raises KeyError when there is none."""
        found = self._find(key)
        assert isinstance(found, str), key  # noqa: S101 - a wrong key in a template is a bug
        return found.format(**values) if values else found

    def word(self, kind: str, name: str) -> str:
        """Return the vendor's word `name` in this language, unchanged when there is no text for it."""
        known = self._texts[kind]
        return str(known.get(name.lower(), name)) if isinstance(known, Mapping) else name

    def counted(self, key: str, count: int, **values: object) -> str:
        """Return the text for a count, in the singular or the plural."""
        plural = "one" if count == 1 else "other"
        return self.text(f"{key}.{plural}", count=self.number(count), **values)

    def _find(self, key: str) -> object:
        found: object = self._texts
        for part in key.split("."):
            if not isinstance(found, Mapping):
                raise KeyError(key)
            found = found[part]
        return found

    def number(self, value: float, digits: int = 0) -> str:
        """Return a number with at most `digits` decimals, and none from 100 on."""
        shown = f"{value:,.{0 if abs(value) >= _MIN_WHOLE_NUMBER else digits}f}"
        if "." in shown:
            shown = shown.rstrip("0").rstrip(".")
        # Both separators at once, so that no comma becomes a point and then a comma again.
        return shown.translate(str.maketrans(",.", self._group + self._decimal))

    def percent(self, ratio: float) -> str:
        """Return a ratio as percent."""
        number = self.number(ratio * 100, 1 if ratio >= _SMALL_RATIO else 2)
        return self.text("percent", number=number).replace(" ", _NO_BREAK)

    def duration(self, seconds: float) -> str:
        """Return a duration in words, in one or two units."""
        whole = round(seconds)
        if whole < _MINUTE_SECONDS:
            return self._unit("second", whole)
        if whole < _HOUR_SECONDS:
            return self._unit("minute", whole // _MINUTE_SECONDS)
        if whole < _DAY_SECONDS:
            hours, minutes = whole // _HOUR_SECONDS, whole % _HOUR_SECONDS // _MINUTE_SECONDS
            rest = f" {self._unit('minute', minutes)}" if minutes else ""
            return self._unit("hour", hours) + rest
        return self.counted("unit.day", whole // _DAY_SECONDS).replace(" ", _NO_BREAK)

    def _unit(self, name: str, count: int) -> str:
        return self.text(f"unit.{name}", count=self.number(count)).replace(" ", _NO_BREAK)

    def took(self, seconds: float) -> str:
        """Return the duration of a call in words, with decimals."""
        return self.text("unit.second", count=self.number(seconds, 1)).replace(" ", _NO_BREAK)

    def ago(self, seconds: float) -> str:
        """Return an age in words."""
        if seconds < _JUST_NOW_SECONDS:
            return self.text("ago.now")
        return self.text("ago.some", duration=self.duration(seconds))

    def time(self, wall: float, zone: str, now: float, *, seconds: bool = True) -> str:
        """Return a Unix time as local time of a zone, with the date when it is not that of `now` there."""
        at = datetime.fromtimestamp(wall, ZoneInfo(zone))
        clock = at.strftime("%H:%M:%S" if seconds else "%H:%M")
        if _same_day(wall, now, zone):
            return clock
        months = self._texts["months"]
        assert isinstance(months, list)  # noqa: S101 - for the type checker: the file is ours
        return self.text("date_time", day=at.day, month=months[at.month - 1], time=clock).replace(
            " ", _NO_BREAK
        )

    def moment(self, wall: float, zone: str, now: float) -> str:
        """Return when something happened, as the end of a sentence: "at 10:04", "on 25 Nov 10:04"."""
        key = "moment.today" if _same_day(wall, now, zone) else "moment.another_day"
        return self.text(key, time=self.time(wall, zone, now, seconds=False))


def _same_day(wall: float, other: float, zone: str) -> bool:
    tz = ZoneInfo(zone)
    return datetime.fromtimestamp(wall, tz).date() == datetime.fromtimestamp(other, tz).date()


@cache
def language_of(code: str) -> Language:
    """Return the language of a code, which is one of `glossary.LANGUAGES`."""
    import tomllib  # noqa: PLC0415 - only the page needs it, which may never be asked for

    source = resources.files("exporter.web.status").joinpath("texts", f"{code}.toml")
    return Language(code, tomllib.loads(source.read_text(encoding="utf-8")))
