"""How CONTRACT section 4 has the vendor's values read: a second reading, which shares no code with the first.

A reader takes one JSON value and returns a figure, MISSING or UNREADABLE. Figures are made with decimal
arithmetic and rounded once. Where the contract leaves a form open, `answers.py` does not draw it.
"""

import math
import re
import unicodedata
from datetime import datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

MISSING: Final = "missing"
UNREADABLE: Final = "unreadable"

Reading = float | str
"""A figure, or one of the two words."""

_YES = {"yes", "si", "sí", "1", "active", "on"}
_NO = {"no", "0", "inactive", "off"}
_LINE = re.compile(r"(?:tel|phone)[0-9]*|autopilot|strategy", re.IGNORECASE)
_MOST_CHARACTERS = 1024


def text(raw: object) -> str:
    """Return what a label shows: "" for what is missing or is no text."""
    return _line(raw)[:_MOST_CHARACTERS]


def _line(raw: object) -> str:
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        return ""
    if isinstance(raw, float):
        raw = int(raw) if math.isfinite(raw) and raw == int(raw) else ""
    # Controls and line separators become a blank, several of them one; other blanks stay as they are.
    marked = "".join("\0" if unicodedata.category(one) in {"Cc", "Zl", "Zp"} else one for one in str(raw))
    line = " ".join(part for part in marked.split("\0") if part).strip()
    return "" if line == "-" else line


def _blank(raw: object) -> bool:
    return raw is None or (isinstance(raw, str) and raw.strip() in {"", "-"})


def _decimal(written: str, *, point: bool) -> Decimal | None:  # noqa: PLR0911 - form after form
    """Return the figure in a text without sign; `point`: a single point is the decimal point."""
    digits = "0123456789"
    if not written or written[0] not in digits or written[-1] not in digits:
        return None
    if any(one not in digits + ".," for one in written):
        return None
    marks = [one for one in written if one in ".,"]
    if not marks:
        return Decimal(written)
    whole, last, fraction = written.rpartition(marks[-1])
    groups = whole.replace(".", ",").split(",")
    if len(marks) == 1:
        grouped = len(fraction) == 3 and 1 <= len(whole) <= 3 and whole[0] != "0"
        if grouped and not (point and last == "."):
            return Decimal(whole + fraction)
        return Decimal(f"{whole}.{fraction}") if whole == "0" or whole[0] != "0" else None
    if any(len(group) != 3 for group in groups[1:]) or not 1 <= len(groups[0]) <= 3 or groups[0][0] == "0":
        return None
    if len(set(marks)) == 1:
        return Decimal("".join(groups) + fraction) if len(fraction) == 3 else None
    return Decimal("".join(groups) + "." + fraction) if len(set(marks[:-1])) == 1 else None


def _number(raw: object) -> Decimal | None:
    """Return a JSON number; None for everything else, and for those that are none."""
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        return None
    exact = Decimal(repr(raw))
    return exact if exact.is_finite() else None


def count(raw: object) -> Reading:
    """Read a count."""
    if _blank(raw):
        return MISSING
    figure = _decimal(raw.strip(), point=False) if isinstance(raw, str) else _number(raw)
    if figure is None or figure < 0 or figure != figure.to_integral_value():
        return UNREADABLE
    return float(figure)


def rate(raw: object) -> Reading:
    """Read `calls_x_min`."""
    if _blank(raw):
        return MISSING
    figure = _decimal(raw.strip(), point=True) if isinstance(raw, str) else _number(raw)
    return UNREADABLE if figure is None or figure < 0 else float(figure)


def percent(raw: object) -> Reading:
    """Read a percentage as a ratio."""
    if _blank(raw):
        return MISSING
    if isinstance(raw, str):
        written = raw.strip().removesuffix("%").strip()
        minus = written.startswith("-")
        figure = _decimal(written.removeprefix("-"), point=True)
        figure = -figure if figure is not None and minus else figure
    else:
        figure = _number(raw)
    return UNREADABLE if figure is None else float(figure.scaleb(-2)) + 0.0


def hits(raw: object) -> tuple[Reading, Reading]:
    """Read `hits`: how many, and their share."""
    if isinstance(raw, str) and raw.strip().endswith(")"):
        head, _, inside = raw.strip()[:-1].partition("(")
        many, share = count(head), percent(inside)
        if many == MISSING and share != MISSING:
            return UNREADABLE, UNREADABLE
        return (many, UNREADABLE) if many == UNREADABLE else (many, share)
    many = count(raw)
    return many, UNREADABLE if many == UNREADABLE else MISSING


def started(raw: object) -> Reading:
    """Read `status`."""
    if _blank(raw):
        return MISSING
    word = raw.strip().lower() if isinstance(raw, str) else ""
    return {"started": 1.0, "stopped": 0.0}.get(word, UNREADABLE)


def switch(raw: object) -> Reading:
    """Read `turbo_dial`."""
    if _blank(raw):
        return MISSING
    word = str(raw).strip().lower() if isinstance(raw, str | int) and not isinstance(raw, bool) else ""
    return 1.0 if word in _YES else 0.0 if word in _NO else UNREADABLE


def last_use(raw: object, zone: ZoneInfo) -> Reading:
    """Read a local time, to the second, the hour or the day."""
    if _blank(raw):
        return MISSING
    written = raw.strip() if isinstance(raw, str) else ""
    for form in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d-%H", "%Y-%m-%d %H", "%Y-%m-%d"):
        try:
            return datetime.strptime(written, form).replace(tzinfo=zone).timestamp()
        except ValueError:
            continue
    return UNREADABLE


def ring(raw: object) -> dict[str, float] | str:
    """Read the ring time in `dial_mode`, by line."""
    if _blank(raw):
        return MISSING
    if not isinstance(raw, str):
        return UNREADABLE
    if "ring" not in raw:
        return MISSING
    line, _, rest = raw.strip().replace("\u2013", "-").partition(" - ring: ")
    seconds = rest.removesuffix("(seg)").removesuffix("(sec)")
    good = seconds.isdigit() and seconds != rest and line.isalnum()
    return {line: float(seconds)} if good else UNREADABLE


def campaign(raw: object) -> tuple[str, str, dict[str, float] | str]:
    """Read a text of `campaigns`: id, name, and the dialling shares by line."""
    line = _line(raw)
    if not line:
        return "", "", MISSING
    digits = line[: len(line) - len(line.lstrip("0123456789"))]
    rest = line[len(digits) :]
    if digits and rest.strip() and not rest.startswith((" ", "-")):
        digits, rest = "", line  # a name that begins with a figure
    name = rest.strip()
    name = name.removeprefix("-").strip() if digits else name
    shares: dict[str, float] = {}
    broken = False
    while (group := _last_group(name)) is not None:
        start, word, inside = group
        share = percent(inside) if "%" in inside[-1:] else MISSING
        if isinstance(share, float):
            shares.setdefault(word, share)
        elif word.lower() != "strategy":
            broken = True
        name = name[:start].strip().rstrip(",").strip()
    # A group may follow another without a dash; that of the first was taken off with it.
    name = name.removesuffix("-").strip()
    return digits, name[:_MOST_CHARACTERS], shares or (UNREADABLE if broken else MISSING)


def _last_group(name: str) -> tuple[int, str, str] | None:
    """Return where the group of a line at the end begins, its word, and what its brackets hold."""
    if not name.endswith(")"):
        return None
    depth = 0
    for at in range(len(name) - 1, -1, -1):
        depth += (name[at] == ")") - (name[at] == "(")
        if depth == 0:
            break
    else:
        return None
    before = name[:at].rstrip()
    word = before.replace(",", " ").split(" ")[-1]
    if not _LINE.fullmatch(word):
        return None
    start = len(before) - len(word)
    return start - (2 if name[:start].endswith("- ") else 0), word, name[at + 1 : -1]
