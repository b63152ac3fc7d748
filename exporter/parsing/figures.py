"""Reads one value of the vendor's: labels, counts, percentages, switches and times."""

import math
import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime, tzinfo
from enum import Enum
from typing import Final

from exporter.evidence import ANSWERS, PAGES, Evidence, Statement


class Absent(Enum):
    """Why a field has no sample."""

    MISSING = "missing"
    """There is no value: null, an empty or blank text, "-". No sample and no error."""
    UNREADABLE = "unreadable"
    """The value was not understood. No sample, and counted as an error of the field."""


MAX_LABEL_CHARACTERS: Final = 1024

_MAX_FIGURE_CHARACTERS: Final = 64
_MAX_EXACT_INTEGER: Final = 2**53
_MINUSES: Final = ("-", "\u2212")

_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_BREAKS: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
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

_STATUS: Final[Mapping[str, float]] = {"started": 1.0, "stopped": 0.0}
_SWITCH: Final[Mapping[str, float]] = {
    **dict.fromkeys(("1", "on", "true", "y", "yes", "s", "si", "s\u00ed", "si\u0301"), 1.0),
    **dict.fromkeys(("active", "activo", "activa", "enabled", "habilitado", "encendido"), 1.0),
    **dict.fromkeys(("0", "off", "false", "n", "no"), 0.0),
    **dict.fromkeys(("inactive", "inactivo", "inactiva", "disabled", "deshabilitado", "apagado"), 0.0),
}

STATUS_WORDS: Final = tuple(_STATUS)
"""The words that `started` reads, in small letters."""
SWITCH_WORDS: Final = tuple(_SWITCH)
"""The words and figures that `switch` reads, in small letters."""

STATEMENTS: Final = (
    Statement(
        "Everything is written as a text, figures too. JSON numbers are read all the same.",
        Evidence.SEEN,
        f"all {ANSWERS} that were published",
    ),
    Statement('"" and " " stand for "no value".', Evidence.DOCUMENTED, f"{PAGES} have both in examples"),
    Statement('"-" and null stand for "no value".', Evidence.ASSUMED, "no page and no answer says otherwise"),
    Statement(
        "A percentage has a point before its decimals, a comma between thousands, and perhaps a blank before "
        'its sign: "34.64 %", "15,233.33 %", "1.62%". It may be over 100 %.',
        Evidence.SEEN,
        f"{ANSWERS} of several APIs",
    ),
    Statement(
        'A percentage may have a comma before its decimals ("12,5 %"), or no sign.',
        Evidence.ASSUMED,
        "a server with Spanish settings could write that",
    ),
    Statement(
        "In a count, one to three digits and after them groups of three (after a comma, point or blank) are "
        'thousands: "1,234" and "1.234" are 1234. In percentages and calls_x_min a single point stands '
        "before decimals.",
        Evidence.ASSUMED,
        "no count with a separator was seen",
    ),
    Statement(
        "A time is the operation's local time, hence the setting timezone.",
        Evidence.ASSUMED,
        f"{PAGES} do not name a zone",
    ),
    Statement(
        'Of a time that is given to the day, hour or minute, the rest is zero; "0000-00-00 00:00:00" is no '
        "time.",
        Evidence.ASSUMED,
        "how precise last_use is, is not known",
    ),
)


def text(raw: object) -> str | Absent:
    """Read a label: trimmed, controls and line breaks inside kept, always encodable as UTF-8.

    RULE: a whole JSON number stands for its digits (an id that came as a number); one with decimals or too
    large to be exact is unreadable, and so is any other JSON value. A lone surrogate becomes U+FFFD.
    """
    if isinstance(raw, str):
        trimmed = raw.strip()
        if trimmed in {"", "-"}:
            return Absent.MISSING
        return trimmed if trimmed.isascii() else _SURROGATE.sub("\ufffd", trimmed)
    if raw is None:
        return Absent.MISSING
    if isinstance(raw, float) and raw.is_integer() and abs(raw) <= _MAX_EXACT_INTEGER:
        return str(int(raw))
    if isinstance(raw, int) and not isinstance(raw, bool) and abs(raw) < 10**_MAX_FIGURE_CHARACTERS:
        return str(raw)
    return Absent.UNREADABLE


def line(raw: object) -> str | Absent:
    """Read a text on one line.

    RULE: a control character or line separator becomes a blank, several one. Readers of metrics that split
    lines generously, as `str.splitlines` does, would lose the whole scrape otherwise.
    """
    whole = text(raw)
    # Hardly any text has one, and looking is faster than replacing.
    if isinstance(whole, Absent) or whole.isprintable() or not _BREAKS.search(whole):
        return whole
    return text(_BREAKS.sub(" ", whole))


def label(raw: object) -> str | Absent:
    """Read a text for a label: one line, cut to MAX_LABEL_CHARACTERS characters.

    RULE: it stands in dozens of lines of every scrape, so that a megabyte of a description would be a
    hundred megabytes of metrics.
    """
    whole = line(raw)
    return whole if isinstance(whole, Absent) else whole[:MAX_LABEL_CHARACTERS]


def folded(text: str) -> str:
    """Return a text without case and accents, for searching, sorting and comparing."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).casefold()


def count(raw: object) -> float | Absent:
    """Read a count of things: "1", "1,234", "1.234", "1 234", "1,234.00", 12.

    RULE: groups of three after one kind of separator (comma, point, blank) are thousands when the first
    group has one to three digits and no leading zero. A fraction must be zero. A JSON number is taken as it
    is, so that 1.234 is no count. Negatives, signs, exponents and other digits than ASCII are unreadable.
    """
    if isinstance(raw, str):
        figure = _trimmed(raw)
        if isinstance(figure, Absent):
            return figure
        if figure.isdecimal() and figure.isascii():
            return float(figure)
        parts = _split_separators(figure)
        return Absent.UNREADABLE if parts is None or parts[1].strip("0") else float(parts[0])
    value = _json_number(raw)
    if isinstance(value, Absent):
        return value
    return abs(value) if value >= 0 and value.is_integer() else Absent.UNREADABLE


def number(raw: object) -> float | Absent:
    """Read a figure of 0 or more that may have decimals (`calls_x_min`): "12.5", "12,5", "1,234.5", 12.5.

    RULE: a single point starts the decimals, for the vendor writes points for decimals: five calls in three
    minutes are "1.667" a minute, and not 1667. Else thousands are as in `count`.
    """
    if isinstance(raw, str):
        figure = _trimmed(raw)
        if isinstance(figure, Absent):
            return figure
        if _POINTED.fullmatch(figure):
            return float(figure)
        parts = _split_separators(figure)
        return Absent.UNREADABLE if parts is None else float(f"{parts[0]}.{parts[1]}")
    value = _json_number(raw)
    if isinstance(value, Absent):
        return value
    return abs(value) if value >= 0 else Absent.UNREADABLE


def percent(raw: object) -> float | Absent:
    """Read a percentage as a ratio: "14.29 %" is 0.1429, "110%" (DOC) 1.1, "15,233.33 %" (OBS) 152.3333.

    The sign may be left out, and a JSON number is a percentage too. Negative ones are read, nothing is
    clamped. RULE: a single point is the decimal point ("34.640 %" is 0.3464, for the vendor writes points
    for decimals); a comma before exactly three digits is thousands ("1,234 %" is 12.34) unless a lone zero
    stands before it ("0,123 %" is 0.00123).
    """
    if isinstance(raw, str):
        figure = _trimmed(raw)
        return figure if isinstance(figure, Absent) else _ratio(figure)
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
    records = count(head)
    ratio = percent(inside)
    if not isinstance(records, Absent):
        return records, ratio
    return Absent.MISSING if records is ratio is Absent.MISSING else Absent.UNREADABLE


def hits_count(raw: object) -> float | Absent:
    """Read the number of records of `hits`."""
    both = hits(raw)
    return both if isinstance(both, Absent) else both[0]


def hits_ratio(raw: object) -> float | Absent:
    """Read the percentage of `hits` as a ratio."""
    both = hits(raw)
    return both if isinstance(both, Absent) else both[1]


def started(raw: object) -> float | Absent:
    """Read `status`: 1.0 for "started" and 0.0 for "stopped" in any case (OBS, DOC: there are no others)."""
    return _word_value(raw, _STATUS)


def switch(raw: object) -> float | Absent:
    """Read an on/off field (`turbo_dial`) as 1.0 or 0.0.

    RULE: its spelling is not documented, so English and Spanish words, 1/0 and JSON booleans are all taken.
    """
    if isinstance(raw, int | float):
        return float(bool(raw)) if raw in {0, 1} else Absent.UNREADABLE
    return _word_value(raw, _SWITCH)


def timestamp(raw: object, zone: tzinfo) -> float | Absent:
    """Read a wall-clock time in `zone` as Unix seconds.

    "2026-08-12 08:02:08" (OBS), to the minute, to the hour (also "2026-08-12-08": DOC) or the day
    "2026-08-12". RULE: what is left out is zero; a fraction of a second is dropped; of an hour that the
    clock shows twice, the first is meant. All zeros (MySQL's "0000-00-00 00:00:00") are missing, for the
    campaign was never used. Texts with a zone of their own and JSON numbers are unreadable.
    """
    figure = _short_text(raw)
    if isinstance(figure, Absent):
        return figure
    match = _WHEN.fullmatch(figure)
    if match is None:
        return Absent.UNREADABLE
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
    if not any((year, month, day, hour, minute, second)):
        return Absent.MISSING
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=zone).timestamp()
    except (ValueError, OverflowError):
        return Absent.UNREADABLE


def _trimmed(raw: str) -> str | Absent:
    """Return a trimmed text that should hold a figure; one that is far too long is unreadable."""
    trimmed = raw.strip()
    if trimmed in {"", "-"}:
        return Absent.MISSING
    return trimmed if len(trimmed) <= _MAX_FIGURE_CHARACTERS else Absent.UNREADABLE


def _short_text(raw: object) -> str | Absent:
    """Return a trimmed short text; any other JSON value is unreadable."""
    if raw is None:
        return Absent.MISSING
    return _trimmed(raw) if isinstance(raw, str) else Absent.UNREADABLE


def _word_value(raw: object, words: Mapping[str, float]) -> float | Absent:
    """Return the value of a word, in any case."""
    word = _short_text(raw)
    return word if isinstance(word, Absent) else words.get(word.casefold(), Absent.UNREADABLE)


def _split_separators(figure: str) -> tuple[str, str] | None:
    """Return the whole digits of a figure, thousands joined, and its decimal digits; None when unreadable."""
    if figure.isdecimal() and figure.isascii():
        return figure, "0"
    match = _GROUPED.fullmatch(figure)
    if match is not None:
        return _NOT_DIGIT.sub("", match[1]), match[3] or "0"
    match = _DECIMAL.fullmatch(figure)
    return None if match is None else (match[1], match[2])


def _ratio(figure: str) -> float | Absent:
    """Return the ratio of a percentage as text."""
    figure = figure.removesuffix("%").rstrip()
    minus = "-" if figure.startswith(_MINUSES) else ""
    figure = figure[len(minus) :]
    if _POINTED.fullmatch(figure) is None:
        parts = _split_separators(figure)
        if parts is None:
            return Absent.UNREADABLE
        figure = f"{parts[0]}.{parts[1]}"
    # The point is moved in the text: a division would round a second time. Adding 0.0 turns -0.0 into 0.0.
    return float(f"{minus}{figure}e-2") + 0.0


def _json_number(raw: object) -> float | Absent:
    """Return a JSON number that a float can hold; any other JSON value is unreadable."""
    if raw is None:
        return Absent.MISSING
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        return Absent.UNREADABLE
    try:
        value = float(raw)
    except OverflowError:
        return Absent.UNREADABLE
    return value if math.isfinite(value) else Absent.UNREADABLE


def by_label(figures: Mapping[str, float] | Absent) -> Mapping[tuple[str, ...], float] | Absent:
    """Return figures by name as samples that are told apart by one label; none at all are missing."""
    if isinstance(figures, Absent):
        return figures
    return {(name,): figure for name, figure in figures.items()} or Absent.MISSING
