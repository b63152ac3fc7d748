"""Reads the vendor's JSON values: from what a field may hold to a figure, a text, or the reason why there is none.

Pure functions, no input raises, and what is not understood is never turned into 0, NaN or infinity. Sources named
in the docstrings: DOC is a page of the vendor's, OBS was seen in real answers, RULE is decided here.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import Enum
from typing import Final


class Absent(Enum):
    """Why a field has no sample."""

    MISSING = "missing"
    """Nothing was said: null, an empty or blank text, "-". No sample and no error."""
    UNREADABLE = "unreadable"
    """Something was said and not understood. No sample, and counted as an error of the field."""


@dataclass(frozen=True, slots=True)
class CampaignText:
    """The parts of `real_time`'s `campaign` text: "4875 - MY CAMPAIGN - tel1 (100%)" (DOC)."""

    campaign_id: str
    """The leading digits, "" when there are none."""
    name: str
    """What is left without id and dialling tail; it does not depend on the shares."""
    shares: Mapping[str, float]
    """Line as written to its dialling share, as a ratio (100% is 1.0)."""
    unreadable_share: bool
    """A line of the tail has a percentage that could not be read."""


_LONGEST_FIGURE: Final = 64
_LARGEST_EXACT: Final = 2**53
_LONGEST_DIAL_MODE: Final = 1024
_DASHES: Final = "-\u2013\u2014"
_DASH: Final = r"\-\u2013\u2014"
_MINUSES: Final = ("-", "\u2212")
_WORD_ENDS: Final = _DASHES + ",()"

_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_GROUPED: Final = re.compile(
    r"([1-9][0-9]{0,2}([.,\x20\u00a0\u2009\u202f])[0-9]{3}(?:\2[0-9]{3})*)(?:(?!\2)[.,]([0-9]+))?",
)
_DECIMAL: Final = re.compile(r"(0|[1-9][0-9]*)[.,]([0-9]+)")
_POINTED: Final = re.compile(r"(?:0|[1-9][0-9]*)\.[0-9]+")
_NOT_DIGIT: Final = re.compile(r"[^0-9]")
_WHEN: Final = re.compile(
    r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})"
    r"(?:(?:\s+|\s*[Tt]\s*|-)([0-9]{1,2})(?::([0-9]{2})(?::([0-9]{2})(?:\.[0-9]{1,9})?)?)?)?",
)
_RING_WORD: Final = re.compile(r"(?<![^\W\d_])ring", re.IGNORECASE)
_RING: Final = re.compile(
    rf"[\s,;/|{_DASH}]*([^\s,;:/|(){_DASH}]+(?:\s[0-9]+)?)\s*[{_DASH}]\s*ring\s*:?\s*([0-9]{{1,4}})(?![0-9])"
    r"\s*(?:\(\s*se[gc][a-z]*\.?\s*\)|se[gc][a-z]*\.?)?(?=[\s,;/|\-\u2013\u2014]|\Z)",
    re.IGNORECASE,
)
_CAMPAIGN_ID: Final = re.compile(rf"([0-9]+)(?:\s*[{_DASH}]\s*|\s+|\Z)")
_LINE_WORD: Final = re.compile(
    r"(?:tel|phone|tel(?:[e\u00e9]|e\u0301)fono)[0-9]*|autopilot|(strategy|estrategia)",
    re.IGNORECASE,
)

_STATUS: Final[Mapping[str, float]] = {"started": 1.0, "stopped": 0.0}
_SWITCH: Final[Mapping[str, float]] = dict.fromkeys(
    "1 y yes s si s\u00ed si\u0301 on true active activo activa enabled habilitado encendido".split(),
    1.0,
) | dict.fromkeys(
    "0 n no off false inactive inactivo inactiva disabled deshabilitado apagado".split(),
    0.0,
)


def text(raw: object) -> str | Absent:
    """Read a label: trimmed, controls and line breaks inside kept, always encodable as UTF-8.

    RULE: a whole number stands for its digits (an id that came as a JSON number); another number, one too large to
    be exact and any other JSON value are unreadable. A lone surrogate becomes U+FFFD.
    """
    if isinstance(raw, str):
        trimmed = raw.strip()
        if trimmed in {"", "-"}:
            return Absent.MISSING
        return trimmed if trimmed.isascii() else _SURROGATE.sub("\ufffd", trimmed)
    if raw is None:
        return Absent.MISSING
    if isinstance(raw, float) and raw.is_integer() and abs(raw) <= _LARGEST_EXACT:
        return str(int(raw))
    if (
        isinstance(raw, int)
        and not isinstance(raw, bool)
        and -(10**_LONGEST_FIGURE) < raw < 10**_LONGEST_FIGURE
    ):
        return str(raw)
    return Absent.UNREADABLE


def count(raw: object) -> float | Absent:
    """Read a count of things: "1", "1,234", "1.234", "1 234", "1,234.00", 12.

    RULE: groups of three after one kind of separator (comma, point, blank) are thousands when the first group has
    one to three digits and no leading zero. A fraction must be zero; a JSON number is taken as it is, so that
    1.234 is no count. Negatives, signs, exponents and other digits than ASCII are unreadable.
    """
    if isinstance(raw, str):
        figure = _bare(raw)
        if isinstance(figure, Absent):
            return figure
        parts = _separated(figure)
        return Absent.UNREADABLE if parts is None or parts[1].strip("0") else float(parts[0])
    value = _json_number(raw)
    if isinstance(value, Absent):
        return value
    return abs(value) if value >= 0 and value.is_integer() else Absent.UNREADABLE


def number(raw: object) -> float | Absent:
    """Read a figure of 0 or more that may have decimals (`calls_x_min`): "12.5", "12,5", "1,234.5".

    RULE: thousands as in `count`, so that "12.500" is 12500; any other separator starts the decimals.
    """
    if isinstance(raw, str):
        figure = _bare(raw)
        if isinstance(figure, Absent):
            return figure
        parts = _separated(figure)
        return Absent.UNREADABLE if parts is None else float(f"{parts[0]}.{parts[1]}")
    value = _json_number(raw)
    if isinstance(value, Absent):
        return value
    return abs(value) if value >= 0 else Absent.UNREADABLE


def percent(raw: object) -> float | Absent:
    """Read a percentage as a ratio, exactly: "14.29 %" is 0.1429; "110%" (DOC), "15,233.33 %" (OBS), "12,5", 14.29.

    The sign may be left out, also in a JSON number; values are not clamped. RULE: a single point is the decimal
    point ("34.640 %" is 0.3464, the vendor writes points for decimals), a comma before exactly three digits is
    thousands ("1,234 %" is 12.34) unless only a zero stands before it ("0,123 %" is 0.00123). May be negative.
    """
    if isinstance(raw, str):
        figure = _bare(raw)
        if isinstance(figure, Absent):
            return figure
        figure = figure.removesuffix("%").rstrip()
        minus = "-" if figure.startswith(_MINUSES) else ""
        figure = figure[len(minus) :]
        if _POINTED.fullmatch(figure) is None:
            parts = _separated(figure)
            if parts is None:
                return Absent.UNREADABLE
            figure = f"{parts[0]}.{parts[1]}"
        # The shift is made in the text, for a division would round a second time. Adding 0.0 turns -0.0 into 0.0.
        return float(f"{minus}{figure}e-2") + 0.0
    value = _json_number(raw)
    if isinstance(value, Absent):
        return value
    digits, _, exponent = repr(value).partition("e")
    ratio = float(f"{digits}e{int(exponent or 0) - 2}") + 0.0
    return Absent.UNREADABLE if ratio == 0.0 != value else ratio


def hits(raw: object) -> tuple[float, float | Absent] | Absent:
    """Read `hits`, a count with its percentage in brackets: "6 (14.29 %)" is 6 and 0.1429 (DOC).

    Without brackets the ratio is missing. RULE: without a readable count there is no ratio either.
    """
    head: object = raw
    inside: str | None = None
    if isinstance(raw, str):
        trimmed = raw.strip()
        if trimmed.endswith(")"):
            head, _, inside = trimmed[:-1].partition("(")
    number_of_hits = count(head)
    ratio = percent(inside)
    if not isinstance(number_of_hits, Absent):
        return number_of_hits, ratio
    return Absent.MISSING if number_of_hits is ratio is Absent.MISSING else Absent.UNREADABLE


def hits_count(raw: object) -> float | Absent:
    """Read the number of records of `hits`."""
    both = hits(raw)
    return both if isinstance(both, Absent) else both[0]


def hits_ratio(raw: object) -> float | Absent:
    """Read the percentage of `hits` as a ratio."""
    both = hits(raw)
    return both if isinstance(both, Absent) else both[1]


def started(raw: object) -> float | Absent:
    """Read `status`: 1.0 for "started", 0.0 for "stopped" in any case (OBS, DOC); nothing else was ever seen."""
    return _word(raw, _STATUS)


def switch(raw: object) -> float | Absent:
    """Read an on/off field (`turbo_dial`) as 1.0 or 0.0.

    RULE: its spelling is not documented, so English and Spanish words, 1/0 and JSON booleans are all taken.
    """
    if isinstance(raw, int | float):
        return float(raw) if raw in {0, 1} else Absent.UNREADABLE
    return _word(raw, _SWITCH)


def timestamp(raw: object, zone: tzinfo) -> float | Absent:
    """Read a wall-clock time of `zone` as Unix seconds: "2026-08-12 08:02:08" (OBS), "2026-08-12-08" (DOC), a day.

    RULE: what is left out is zero; a fraction of a second is dropped; of an hour that the clock shows twice the first
    is meant. All zeros (MySQL's "0000-00-00 00:00:00") are missing: never used. Text with a zone of its own and
    JSON numbers are unreadable.
    """
    figure = _bare(raw) if isinstance(raw, str) else text(None if raw is None else [])
    if isinstance(figure, Absent):
        return figure
    match = _WHEN.fullmatch(figure)
    if match is None:
        return Absent.UNREADABLE
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
    if not (year or month or day or hour or minute or second):
        return Absent.MISSING
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=zone).timestamp()
    except (ValueError, OverflowError):
        return Absent.UNREADABLE


def ring_seconds(raw: object) -> Mapping[str, float] | Absent:
    """Read the ring times of `dial_mode`, line as written to seconds: "phone1 – ring: 60(seg)" is {"phone1": 60.0}.

    Any dash, "(sec)" or no unit, several lines separated by blanks, commas, semicolons, slashes or dashes. A text
    without the word ring ("autopilot", "strategy": DOC) is missing; one with it has to be understood as a whole.
    """
    mode = text(raw if raw is None or isinstance(raw, str) else [])
    if isinstance(mode, Absent):
        return mode
    if _RING_WORD.search(mode) is None:
        return Absent.MISSING
    if len(mode) > _LONGEST_DIAL_MODE:
        return Absent.UNREADABLE
    mode = mode.rstrip(" ,;/|.")
    seconds: dict[str, float] = {}
    end = 0
    while end < len(mode):
        match = _RING.match(mode, end)
        if match is None:
            return Absent.UNREADABLE
        seconds[match[1]] = float(match[2])
        end = match.end()
    return seconds


def campaign(raw: object) -> CampaignText | Absent:
    """Read `real_time`'s `campaign` text: id, name and the dialling share of each line.

    The id is the leading digits before a dash, a blank or the end (OBS: a row has no id of its own). The tail is what
    stands at the end in groups ` - WORD (N%)`, more groups of the same dash being separated by blanks or commas, or
    ` - Strategy (anything)`. RULES:
    - a percentage has its sign here, else "- Promo (2024)" would be a share;
    - when the last word is a known line (tel1, phone1, telefono1, strategy, autopilot), known ones alone are taken;
      when it is not, any single words with a percentage are, but never the whole name;
    - a known line with a broken percentage ("tel1 (x %)") is tail all the same, so that the name stays;
    - anything else in brackets is part of the name; of a line named twice the last share counts.
    """
    line = text(raw)
    if isinstance(line, Absent):
        return line
    match = _CAMPAIGN_ID.match(line)
    campaign_id, id_end, name_start = (match[1], match.end(1), match.end()) if match else ("", 0, 0)
    groups, tail_start = _tail(line, id_end, name_start)
    shares: dict[str, float] = {}
    for group in reversed(groups):
        if not isinstance(group.share, Absent):
            shares[group.word] = group.share
    unreadable = any(group.share is Absent.UNREADABLE for group in groups)
    name = line[name_start:tail_start].strip()
    return CampaignText(campaign_id, "" if name == "-" else name, shares, unreadable)


def integer_code(raw: object) -> int | None:
    """Read the envelope's `code`: 200, "200", "0"; None when it is empty, blank, null (all DOC) or anything else."""
    code = count(raw)
    return None if isinstance(code, Absent) else int(code)


def _bare(raw: str) -> str | Absent:
    """Trim a text that should hold a figure; one that is far too long is not looked at."""
    trimmed = raw.strip()
    if trimmed in {"", "-"}:
        return Absent.MISSING
    return trimmed if len(trimmed) <= _LONGEST_FIGURE else Absent.UNREADABLE


def _separated(figure: str) -> tuple[str, str] | None:
    """Split a figure in its whole and its decimal digits, thousands joined."""
    if figure.isdecimal() and figure.isascii():
        return figure, "0"
    match = _GROUPED.fullmatch(figure)
    if match is not None:
        return _NOT_DIGIT.sub("", match[1]), match[3] or "0"
    match = _DECIMAL.fullmatch(figure)
    return None if match is None else (match[1], match[2])


def _json_number(raw: object) -> float | Absent:
    """Take a JSON number that a float can hold."""
    if raw is None:
        return Absent.MISSING
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        return Absent.UNREADABLE
    try:
        value = float(raw)
    except OverflowError:
        return Absent.UNREADABLE
    return value if math.isfinite(value) else Absent.UNREADABLE


def _word(raw: object, words: Mapping[str, float]) -> float | Absent:
    """Look a word up, in any case."""
    if raw is None:
        return Absent.MISSING
    word = _bare(raw) if isinstance(raw, str) else Absent.UNREADABLE
    return word if isinstance(word, Absent) else words.get(word.casefold(), Absent.UNREADABLE)


@dataclass(frozen=True, slots=True)
class _Group:
    """One `WORD (inside)` of a campaign's tail."""

    start: int
    """Where it begins, its separator and the blanks before it included."""
    separator: str
    """The dash or comma before the word, "" for blanks alone."""
    word: str
    known: bool
    share: float | Absent


def _tail(line: str, id_end: int, name_start: int) -> tuple[list[_Group], int]:
    """Collect the groups of the tail, last first, and where the tail starts.

    Goes backwards and never looks at a character again once its group is taken, so that the time is linear.
    """
    taken: list[_Group] = []
    start = len(line)
    groups: list[_Group] = []
    group = _last_group(line, start)
    known_only = group is not None and group.known
    while group is not None and (group.known or not known_only):
        if group.start <= (id_end - 1 if known_only else name_start):
            break
        groups.append(group)
        if group.separator and group.separator in _DASHES:
            taken += groups
            groups.clear()
            start = group.start
        group = _last_group(line, group.start)
    return taken, start


def _last_group(line: str, end: int) -> _Group | None:
    """Find the group that ends at `end`, if there is one."""
    opening = _opening_bracket(line, end)
    word_end = _before_blanks(line, opening)
    word_start = word_end
    while word_start > 0 and not ((char := line[word_start - 1]).isspace() or char in _WORD_ENDS):
        word_start -= 1
    start = _before_blanks(line, word_start)
    separator = line[start - 1] if start > 0 and line[start - 1] in _DASHES + "," else ""
    start = _before_blanks(line, start - len(separator))
    if not word_start < word_end or not 0 < start < word_start:
        return None
    word = line[word_start:word_end]
    inside = line[opening + 1 : end - 1].strip()
    line_word = _LINE_WORD.fullmatch(word)
    share = percent(inside) if inside.endswith("%") else Absent.MISSING
    if line_word is None:
        return None if isinstance(share, Absent) else _Group(start, separator, word, False, share)
    if line_word[1]:
        share = Absent.MISSING if isinstance(share, Absent) else share
    elif share is Absent.MISSING:
        return None
    return _Group(start, separator, word, True, share)


def _opening_bracket(line: str, end: int) -> int:
    """Find the bracket that the one before `end` closes; 0 when there is none."""
    if not line.endswith(")", 0, end):
        return 0
    depth = 0
    for index in range(end - 1, 0, -1):
        depth += (line[index] == ")") - (line[index] == "(")
        if depth == 0:
            return index
    return 0


def _before_blanks(line: str, end: int) -> int:
    """Step back over the blanks before `end`."""
    while end > 0 and line[end - 1].isspace():
        end -= 1
    return end
