"""Readers of the kinds of values that settings have: from what YAML yields to what is meant.

Each takes any YAML value and raises ValueError with a message for people. None of them repeats the value of a
secret.
"""

import math
import re
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

from exporter.settings.durations import parse_duration

MAX_NAME_CHARACTERS = 200
_SURROGATE = re.compile("[\ud800-\udfff]")
"""How YAML reads JSON's escapes of characters beyond U+FFFF: no file or variable has such a name."""


def flag(raw: object) -> bool:
    """Return a boolean."""
    if not isinstance(raw, bool):
        raise ValueError("true or false is expected")  # noqa: TRY004 - a problem of the file, collected
    return raw


def text(raw: object) -> str:
    """Return a text of at least one character."""
    if not isinstance(raw, str):
        raise ValueError("text is expected: put it in quotes")  # noqa: TRY004 - as above
    if not raw:
        raise ValueError("is empty")
    if _SURROGATE.search(raw):
        raise ValueError(
            "contains an unpaired surrogate escape: write the character itself, or \\U0001F600 instead of "
            "\\uD83D\\uDE00"
        )
    return raw


def whole(least: int, most: int | None = None) -> Callable[[object], int]:
    """Return the reader of a whole number within limits, both inclusive."""

    def read(raw: object) -> int:
        if isinstance(raw, bool) or not isinstance(raw, int):
            raise ValueError("a whole number is expected")  # noqa: TRY004 - as above
        if raw < least or (most is not None and raw > most):
            limits = f"of {least} or more" if most is None else f"from {least} to {most}"
            raise ValueError(f"a whole number {limits} is expected")
        return raw

    return read


def fraction(raw: object) -> float:
    """Return a number of at least 0 and less than 1."""
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise ValueError("a number is expected")  # noqa: TRY004 - as above
    if math.isnan(raw) or not 0 <= raw < 1:
        raise ValueError("a number of at least 0 and less than 1 is expected")
    return float(raw)


def file_name(raw: object) -> Path:
    """Return the name of a file, relative or absolute; whether it exists is not checked."""
    name = text(raw)
    if "\0" in name:
        raise ValueError("a file name is expected")
    return Path(name)


def duration(raw: object) -> float:
    """Return a Prometheus duration greater than 0, in seconds."""
    if not isinstance(raw, str):
        raise ValueError("a duration such as 90s, 5m or 1h30m is expected")  # noqa: TRY004 - as above
    seconds = parse_duration(raw)
    if seconds <= 0:
        raise ValueError("a duration over 0 is expected")
    return seconds


def pattern(raw: object) -> re.Pattern[str]:
    """Return a compiled regular expression."""
    if not isinstance(raw, str):
        raise ValueError("a regular expression is expected: put it in quotes")  # noqa: TRY004 - as above
    try:
        # A name may contain line breaks, and ".*" is meant to match all names.
        return re.compile(raw, re.DOTALL)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"invalid regular expression: {error}") from None


def zone(raw: object) -> ZoneInfo:
    """Return a time zone of the IANA database."""
    if not isinstance(raw, str) or not raw:
        raise ValueError("a time zone such as America/Bogota is expected")
    try:
        return ZoneInfo(raw)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"unknown time zone {raw!r}: use a name such as America/Bogota") from None


def name(raw: object) -> str:
    """Return a name that is shown to people and used as the value of a label."""
    value = text(raw)
    if value != value.strip() or not value.isprintable() or len(value) > MAX_NAME_CHARACTERS:
        raise ValueError(
            f"a name of at most {MAX_NAME_CHARACTERS} characters, without leading or trailing blanks and "
            "without control characters, is expected"
        )
    return value
