"""Rules for another poll interval: the waits, intervals, ranges and offsets of a rule file times a factor."""

import re

from exporter.settings.durations import format_duration, parse_duration

RULES_POLL_SECONDS = 300.0
"""Seconds between polls that the bundled rules are written for."""

_MINUTE_SECONDS, _DAY_SECONDS = 60.0, 86400.0
_DURATION = r"((?:[0-9]+(?:ms|[smhdwy]))+)"
_PLACES = (
    re.compile(rf"^(\s*(?:for|keep_firing_for|interval):\s+){_DURATION}(\s*)$", re.MULTILINE),
    re.compile(rf"(\[){_DURATION}(\])"),
    re.compile(rf"(\boffset\s+){_DURATION}(\b)"),
)


def rescaled(text: str, factor: float, *, shortest: float = 0.0, below: float = _DAY_SECONDS) -> str:
    """Return a rule file with every duration from `shortest` up to `below` seconds times a factor.

    Durations of a day and more compare with another day or week, whatever the poll interval.
    """

    def scale(match: re.Match[str]) -> str:
        seconds = parse_duration(match[2])
        if not shortest <= seconds < below:
            return match[0]
        return f"{match[1]}{format_duration(seconds * factor)}{match[3]}"

    for place in _PLACES:
        text = place.sub(scale, text)
    return text


def fit_to_polls(text: str, interval: float) -> str:
    """Return a rule file for a poll interval in seconds.

    In the bundled rules durations of 10 to 29 minutes count polls; shorter ones count scrapes, and longer
    ones are times of the work on the floor.
    """
    return rescaled(
        text, interval / RULES_POLL_SECONDS, shortest=10 * _MINUTE_SECONDS, below=30 * _MINUTE_SECONDS
    )
