"""Prometheus durations: 90s, 5m, 1h30m (Prometheus documentation, "Configuration", <duration>)."""

import re

_UNIT_SECONDS = {
    "y": 365 * 86400.0,
    "w": 7 * 86400.0,
    "d": 86400.0,
    "h": 3600.0,
    "m": 60.0,
    "s": 1.0,
    "ms": 0.001,
}
_DURATION = re.compile("".join(rf"(?:(?P<{unit}>[0-9]+){unit})?" for unit in _UNIT_SECONDS))


def parse_duration(text: str) -> float:
    """Return a duration in seconds; each unit may occur once, from the largest to the smallest.

    Raises ValueError with a message for people.
    """
    match = _DURATION.fullmatch(text)
    if not match or not text:
        raise ValueError(f"{text!r} is not a duration such as 90s, 5m or 1h30m")
    try:
        return sum(int(number) * _UNIT_SECONDS[unit] for unit, number in match.groupdict().items() if number)
    except (OverflowError, ValueError):
        raise ValueError("the duration is too long") from None


def format_duration(seconds: float) -> str:
    """Return a duration as Prometheus writes it, to the millisecond: 5400 -> "1h30m"."""
    left = round(seconds * 1000)
    parts: list[str] = []
    for unit in ("d", "h", "m", "s", "ms"):
        number, left = divmod(left, round(_UNIT_SECONDS[unit] * 1000))
        if number:
            parts.append(f"{number}{unit}")
    return "".join(parts) or "0s"
