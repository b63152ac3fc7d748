"""Reads the texts in which the vendor puts several things about a campaign."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from exporter.evidence import ANSWERS, PAGE, Evidence, Statement
from exporter.parsing.figures import MAX_LABEL_CHARACTERS, Absent, line, percent


@dataclass(frozen=True, slots=True)
class CampaignText:
    """The parts of `campaigns`'s `campaign` text: "4875 - MY CAMPAIGN - tel1 (100%)" (DOC)."""

    campaign_id: str
    """The leading digits, "" without any."""
    name: str
    """The rest, without id and dialling tail, so that it does not depend on the shares; "" without any."""
    shares: Mapping[str, float]
    """The dialling share of each line as written, a ratio (100% is 1.0)."""
    unreadable_share: bool
    """Whether a line of the tail has a percentage that could not be read."""


class _Group(NamedTuple):
    """One `WORD (inside)` at the end of a campaign text."""

    start: int
    """Where it begins, including its separator and the blanks before that."""
    dash: bool
    """Whether there is a dash before it, not only a comma or blanks."""
    word: str
    known: bool
    """Whether the word is the name of a line, whatever is in the brackets."""
    share: float | Absent


_MAX_CAMPAIGN_CHARACTERS: Final = 4096
_MAX_DIAL_MODE_CHARACTERS: Final = 1024
_DASH: Final = r"\-\u2013\u2014"

_RING_WORD: Final = re.compile(r"(?<![^\W\d_])ring", re.IGNORECASE)
_RING: Final = re.compile(
    rf"[\s,;/|{_DASH}]*"
    rf"([^\s,;:/|(){_DASH}]+(?:\s[0-9]+)?)"
    rf"\s*[{_DASH}]\s*ring\s*:?\s*"
    r"([0-9]{1,4})(?![0-9])\s*"
    rf"(?:\(\s*s(?:e[gc][a-z]*)?\.?\s*\)|(?:s(?:e[gc][a-z]*)?\.?)?(?=[\s,;/|{_DASH}]|\Z))",
    re.IGNORECASE,
)
_CAMPAIGN_ID: Final = re.compile(rf"([0-9]+)(?:\s*[{_DASH}]\s*|\s+|\Z)")
# A group read backwards: the inside of its brackets, its word, its separator. Nothing in it backtracks.
_TRAILING_GROUP_REVERSED: Final = re.compile(
    r"\s*+\)((?:[^()]++|\)[^()]*+\()*+)\(\s*+"
    rf"([^\s,(){_DASH}]++)"
    rf"\s*+([,{_DASH}]?)\s*+",
)
_LINE_WORD: Final = re.compile(
    r"(?:tel|phone|tel(?:[e\u00e9]|e\u0301)fono)[0-9]*|autopilot|(strategy|estrategia)",
    re.IGNORECASE,
)

STATEMENTS: Final = (
    Statement(
        "A row of campaigns has no field for the campaign's id: it is the digits with which its text begins.",
        Evidence.SEEN,
        ANSWERS,
    ),
    Statement(
        'After the name come the shares of the dialling: " - tel1 (60%) - tel2 (40%)", or " - Strategy '
        "(...)\" with names of the floor's own in the brackets.",
        Evidence.SEEN,
        f"names of campaigns in {ANSWERS}",
    ),
    Statement(
        "Blanks or commas may stand for the dashes between shares, and any single word with a percentage "
        "after it is a share; a number in brackets without a percent sign belongs to the name.",
        Evidence.ASSUMED,
        "names are free text, and no answer with such a text was seen",
    ),
    Statement(
        'A ring time may also have the unit "(sec)" or none, and any dash; there may be several in a row.',
        Evidence.ASSUMED,
        f"{PAGE} of campaign_settings has one only",
    ),
)


def campaign(raw: object) -> CampaignText | Absent:
    """Read `campaigns`'s `campaign` text: id, name and the dialling share of each line.

    The id is the leading digits before a dash, a blank or the end (OBS: a row has no field for it). The
    tail is groups ` - WORD (N%)` at the end, where blanks or commas may stand for further dashes, or ` -
    Strategy (...)` with anything in the brackets. RULES:

    - a share has its percent sign, else the "Promo (2024)" of a name would be one;
    - when the last word is a known line (tel1, phone1, telefono1, autopilot, strategy), only known ones are
      taken; else any single words with a percentage are, but never the whole of a name;
    - a known line with a broken percentage, "tel1 (x %)", is tail all the same, so that the name stays as
      it is;
    - anything else in brackets belongs to the name; of a line named twice the last share counts;
    - a text that no campaign has, of thousands of characters, is a name alone, and cut.
    """
    whole = line(raw)
    if isinstance(whole, Absent):
        return whole
    too_long = len(whole) > _MAX_CAMPAIGN_CHARACTERS
    whole = whole[:MAX_LABEL_CHARACTERS] if too_long else whole
    match = _CAMPAIGN_ID.match(whole)
    campaign_id, id_end, name_start = (match[1], match.end(1), match.end()) if match else ("", 0, 0)
    groups, tail_start = ([], len(whole)) if too_long else _tail(whole, id_end, name_start)
    shares: dict[str, float] = {}
    unreadable = too_long
    for group in reversed(groups):
        if isinstance(group.share, Absent):
            unreadable |= group.share is Absent.UNREADABLE
        else:
            shares[group.word] = group.share
    name = whole[name_start:tail_start].strip()
    return CampaignText(campaign_id, "" if name == "-" else name[:MAX_LABEL_CHARACTERS], shares, unreadable)


def ring_seconds(raw: object) -> Mapping[str, float] | Absent:
    """Read the ring times in `dial_mode`, from the line as written to seconds: {"phone1": 60.0}.

    The text is "phone1 - ring: 60(seg)" or "(sec)" with any dash (DOC, OBS). RULE: the unit may be left out;
    several lines are separated by blanks, commas, semicolons, slashes or dashes. A text without the word ring
    ("autopilot", "strategy": DOC) is missing; one with it must be understood to its end, or it is unreadable.
    """
    mode = line(raw) if raw is None or isinstance(raw, str) else Absent.UNREADABLE
    if isinstance(mode, Absent):
        return mode
    if _RING_WORD.search(mode) is None:
        return Absent.MISSING
    if len(mode) > _MAX_DIAL_MODE_CHARACTERS:
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


def _tail(whole: str, id_end: int, name_start: int) -> tuple[list[_Group], int]:
    """Return the groups of the tail, the last one first, and where the tail starts.

    Groups without a dash wait until the dash before them is found, and belong to the name when there is none.
    Every character is read once, backwards, so that a hostile text costs linear time.
    """
    taken: list[_Group] = []
    waiting: list[_Group] = []
    backwards = whole[::-1]
    start = len(whole)
    group = _last_group(backwards, start)
    known_only = group is not None and group.known
    while group is not None and (group.known or not known_only):
        if group.start < id_end or not (group.known or group.start > name_start):
            break
        waiting.append(group)
        if group.dash:
            taken += waiting
            waiting.clear()
            start = group.start
        group = _last_group(backwards, group.start)
    return taken, start


def _last_group(backwards: str, end: int) -> _Group | None:
    """Return the group that ends at `end` of the line and has something before it; None without one."""
    match = _TRAILING_GROUP_REVERSED.match(backwards, len(backwards) - end)
    if match is None or match.end() == match.end(2) or match.end() == len(backwards):
        return None
    start = len(backwards) - match.end()
    inside, word, separator = match[1][::-1].strip(), match[2][::-1], match[3]
    share = percent(inside) if inside.endswith("%") else Absent.MISSING
    line_word = _LINE_WORD.fullmatch(word)
    known = line_word is not None
    if line_word is not None and line_word[1]:
        # A strategy's brackets may hold any text, so that nothing in them is a broken percentage.
        share = Absent.MISSING if isinstance(share, Absent) else share
    elif share is Absent.MISSING or (not known and share is Absent.UNREADABLE):
        return None
    return _Group(start, separator not in {"", ","}, word, known, share)
