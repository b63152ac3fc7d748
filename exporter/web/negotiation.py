"""Content negotiation by q-values (RFC 9110, sections 12.4.2, 12.5.1, 12.5.3 and 12.5.4)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from exporter.metrics import IDENTITY, Format

_LONGEST_HEADER = 4096
_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 - the syntax of a word, not a secret
_PARAMETER = re.compile(rf"""({_TOKEN})\s*=\s*("[^"]*"|[^\s;"]*)""")
_NAME = re.compile(rf"{_TOKEN}(/{_TOKEN})?")
_QUALITY = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")

_NAMED: Mapping[Format, tuple[str, str]] = {
    Format.OPENMETRICS: ("application/openmetrics-text", "1.0.0"),
    Format.TEXT: ("text/plain", "0.0.4"),
}
_WITHIN: Mapping[tuple[Format, str], int] = {
    (Format.OPENMETRICS, "application/*"): 2,
    (Format.TEXT, "text/*"): 2,
    (Format.TEXT, "*/*"): 1,
}
"""How exactly a range names a format; `*/*` means text, because a browser cannot show OpenMetrics."""


@dataclass(frozen=True, slots=True)
class _Range:
    name: str
    parameters: Mapping[str, str]
    quality: float


def exposition_format(accept: str | None) -> Format | None:
    """Choose the exposition format by Accept: the one with the greater q-value; None if neither will do.

    The most exact range decides about a format. OpenMetrics only when it is named, and then also where both
    are wanted alike. A header that cannot be read at all counts as none.
    """
    ranges = list(_ranges(accept or "")) or [_Range("*/*", {}, 1.0)]
    openmetrics, text = (_wish(form, ranges) for form in (Format.OPENMETRICS, Format.TEXT))
    if openmetrics > 0 and openmetrics >= text:
        return Format.OPENMETRICS
    return Format.TEXT if text > 0 else None


def _wish(form: Format, ranges: Sequence[_Range]) -> float:
    matches = [(_exactness(form, r), r.quality) for r in ranges]
    return max((match for match in matches if match[0]), default=(0, 0.0))[1]


def _exactness(form: Format, wanted: _Range) -> int:
    """Return how exactly a range names a format, 0 when it does not."""
    name, version = _NAMED[form]
    if wanted.name != name:
        return _WITHIN.get((form, wanted.name), 0)
    asked = wanted.parameters.get("version")
    return 3 if asked is None else 4 if asked == version else 0


def content_encoding(accept_encoding: str | None, offered: Sequence[str]) -> str | None:
    """Choose among the `offered` encodings, the preferred first, and "identity"; None if none will do."""
    wishes = {r.name.removeprefix("x-"): r.quality for r in _ranges(accept_encoding or "")}
    rest = wishes.get("*", 0.0)
    ranked = [(wishes.get(name, rest), -place, name) for place, name in enumerate(offered)]
    quality, _, name = max(ranked, default=(0.0, 0, IDENTITY))
    if quality > 0 and quality >= wishes.get(IDENTITY, 0.0):
        return name
    # What is not compressed is acceptable unless it is ruled out (RFC 9110, section 12.5.3).
    return IDENTITY if wishes.get(IDENTITY, wishes.get("*", 1.0)) > 0 else None


def language(accept_language: str | None, offered: Sequence[str]) -> str:
    """Choose among the `offered` languages by Accept-Language; the first of them when none will do.

    A range such as es-CO means its language (RFC 4647, section 3.4).
    """
    wishes: dict[str, float] = {}
    for wanted in _ranges(accept_language or ""):
        name = wanted.name.partition("-")[0]
        wishes[name] = max(wanted.quality, wishes.get(name, 0.0))
    rest = wishes.get("*", 0.0)
    return max(offered, key=lambda name: wishes.get(name, rest))


def _ranges(header: str) -> Iterator[_Range]:
    """Split a header; what cannot be read is left out."""
    for item in header[:_LONGEST_HEADER].split(","):
        name, *rest = item.split(";")
        parameters = {}
        for part in rest:
            # Stripped here: blanks on both sides of a value that may be empty can be shared out in many ways.
            match = _PARAMETER.fullmatch(part.strip())
            if match:
                parameters[match[1].lower()] = match[2].strip('"').lower()
        quality = parameters.pop("q", "1")
        if _NAME.fullmatch(name.strip()) and _QUALITY.fullmatch(quality):
            yield _Range(name.strip().lower(), parameters, float(quality))
