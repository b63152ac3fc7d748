"""The kinds of values in config.yaml: from what YAML gives to what is meant.

Each function takes any YAML value and raises ValueError with a message for people. None repeats the value of
a secret.
"""

import math
import re
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

from exporter.settings.durations import parse_duration

_LONGEST_NAME = 200
_HALF_A_CHARACTER = re.compile("[\ud800-\udfff]")
"""What JSON's escapes of characters beyond the first 65,536 are to YAML: no file has such a name."""


def flag(raw: object) -> bool:
    """Read true or false."""
    if not isinstance(raw, bool):
        raise ValueError("true or false is expected")  # noqa: TRY004 - a problem of the file, gathered
    return raw


def text(raw: object) -> str:
    """Read a text of at least one character."""
    if not isinstance(raw, str):
        raise ValueError("text is expected: put it in quotes")  # noqa: TRY004 - as above
    if not raw:
        raise ValueError("is empty")
    if _HALF_A_CHARACTER.search(raw):
        raise ValueError("holds half a character: write it as it is, or like \\U0001F600, not \\uD83D\\uDE00")
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


def share(raw: object) -> float:
    """Read a number of 0 or more and under 1."""
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise ValueError("a number is expected")  # noqa: TRY004 - as above
    if math.isnan(raw) or not 0 <= raw < 1:
        raise ValueError("a share of 0 or more and under 1 is expected")
    return float(raw)


def file_name(raw: object) -> Path:
    """Read the name of a file, relative or absolute; it is not looked for."""
    name = text(raw)
    if "\0" in name:
        raise ValueError("a file name is expected")
    return Path(name)


def duration(raw: object) -> float:
    """Read a Prometheus duration over 0, in seconds."""
    if not isinstance(raw, str):
        raise ValueError("a duration such as 90s, 5m or 1h30m is expected")  # noqa: TRY004 - as above
    seconds = parse_duration(raw)
    if seconds <= 0:
        raise ValueError("a duration over 0 is expected")
    return seconds


def pattern(raw: object) -> re.Pattern[str]:
    """Read a regular expression."""
    if not isinstance(raw, str):
        raise ValueError("a regular expression is expected: put it in quotes")  # noqa: TRY004 - as above
    try:
        # A name may hold line breaks, and ".*" is meant to match all names.
        return re.compile(raw, re.DOTALL)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"not a regular expression: {error}") from None


def zone(raw: object) -> ZoneInfo:
    """Read a time zone of the IANA database."""
    if not isinstance(raw, str) or not raw:
        raise ValueError("a time zone such as America/Bogota is expected")
    try:
        return ZoneInfo(raw)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"unknown time zone {raw!r}") from None


def name(raw: object) -> str:
    """Read a name that is shown to people and stands in labels."""
    value = text(raw)
    if value != value.strip() or not value.isprintable() or len(value) > _LONGEST_NAME:
        raise ValueError(
            f"a name of at most {_LONGEST_NAME} characters, without blanks at its ends and without control "
            "characters, is expected"
        )
    return value
