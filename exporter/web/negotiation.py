"""Content negotiation by q-values (RFC 9110, sections 12.4.2, 12.5.1, 12.5.3 and 12.5.4)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from exporter.metrics import IDENTITY, Format

_MAX_HEADER_CHARACTERS = 4096
_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 - the syntax of a word, not a secret
_ITEM, _PART = (re.compile(rf'(?:[^"{sep}]|"(?:[^"\\]|\\.)*"?)++') for sep in ",;")
"""What separators part; those in quotes are text (RFC 9110, section 5.6.4)."""
_PARAMETER = re.compile(rf"""({_TOKEN})\s*=\s*("(?:[^"\\]|\\.)*"|[^\s;"]*)""")
_NAME = re.compile(rf"{_TOKEN}(/{_TOKEN})?")
_QUALITY = re.compile(r"[0-9]{1,10}(\.[0-9]{0,20})?|\.[0-9]{1,20}")
"""More than RFC 9110 allows, section 12.4.2: clients write `.2`, and more digits than three."""

_NAMED: Mapping[Format, tuple[str, str]] = {
    Format.OPENMETRICS: ("application/openmetrics-text", "1.0.0"),
    Format.TEXT: ("text/plain", "0.0.4"),
}
_WITHIN: Mapping[tuple[Format, str], int] = {
    (Format.OPENMETRICS, "application/*"): 2,
    (Format.TEXT, "text/*"): 2,
    **{(format_, name): 1 for format_ in Format for name in ("*/*", "*")},
}
"""How precisely a range names a format. Java's own client writes `*` for `*/*`."""


@dataclass(frozen=True, slots=True)
class _Range:
    name: str
    parameters: Mapping[str, str]
    quality: float


def exposition_format(accept: str | None) -> Format | None:
    """Return the exposition format by Accept, the one with the greater q-value; None if both are ruled out.

    The most precise range decides about a format. OpenMetrics is preferred only when it is named, and then
    also where both have the same q-value: a browser, which accepts everything, cannot show it. Text is the
    last resort where nothing fits, but for `q=0` (Prometheus' documentation, "Content negotiation").
    """
    ranges = list(_ranges(accept or ""))
    openmetrics, text = (_wish(format_, ranges) for format_ in (Format.OPENMETRICS, Format.TEXT))
    named = openmetrics.precision > 1 and openmetrics.quality > 0
    if named and openmetrics.quality >= text.quality:
        return Format.OPENMETRICS
    if text.quality > 0 or not text.precision:
        return Format.TEXT
    return Format.OPENMETRICS if openmetrics.quality > 0 else None


class _Wish(NamedTuple):
    """What the most precise range says of a format; all 0 when none does."""

    precision: int = 0
    quality: float = 0.0


def _wish(format_: Format, ranges: Sequence[_Range]) -> _Wish:
    wishes = [_Wish(_precision(format_, r), r.quality) for r in ranges]
    return max((wish for wish in wishes if wish.precision), default=_Wish())


def _precision(format_: Format, wanted: _Range) -> int:
    """Return how precisely a range names a format, 0 when it does not."""
    name, version = _NAMED[format_]
    if wanted.name != name:
        return _WITHIN.get((format_, wanted.name), 0)
    asked = wanted.parameters.get("version")
    return 3 if asked is None else 4 if asked == version else 0


def content_encoding(accept_encoding: str | None, offered: Sequence[str]) -> str | None:
    """Return one of the `offered` encodings (the preferred first) or "identity"; None if none will do."""
    qualities = {r.name.removeprefix("x-"): r.quality for r in _ranges(accept_encoding or "")}
    rest = qualities.get("*", 0.0)
    ranked = [(qualities.get(name, rest), -index, name) for index, name in enumerate(offered)]
    quality, _, name = max(ranked, default=(0.0, 0, IDENTITY))
    if quality > 0 and quality >= qualities.get(IDENTITY, 0.0):
        return name
    # "identity" is acceptable unless it is ruled out (RFC 9110, section 12.5.3).
    return IDENTITY if qualities.get(IDENTITY, qualities.get("*", 1.0)) > 0 else None


def language(accept_language: str | None, offered: Sequence[str]) -> str:
    """Return one of the `offered` languages by Accept-Language; the first of them when none will do.

    A range such as es-CO means its language (RFC 4647, section 3.4).
    """
    qualities: dict[str, float] = {}
    for wanted in _ranges(accept_language or ""):
        name = wanted.name.partition("-")[0]
        qualities[name] = max(wanted.quality, qualities.get(name, 0.0))
    rest = qualities.get("*", 0.0)
    return max(offered, key=lambda name: qualities.get(name, rest))


def _ranges(header: str) -> Iterator[_Range]:
    """Return the ranges of a header; what cannot be read is left out."""
    if len(header) > _MAX_HEADER_CHARACTERS:
        # Without the last one, which may be cut: `q=0.5` would say `q=0`.
        header = header[:_MAX_HEADER_CHARACTERS].rpartition(",")[0]
    for item in _ITEM.findall(header):
        name, *rest = _PART.findall(item) or [""]
        parameters = {}
        for part in rest:
            # Stripped here: a pattern with blanks on both sides of a value that may be empty would backtrack.
            match = _PARAMETER.fullmatch(part.strip())
            if match:
                parameters[match[1].lower()] = match[2].strip('"').lower()
        quality = parameters.pop("q", "1")
        if _NAME.fullmatch(name.strip()) and _QUALITY.fullmatch(quality):
            yield _Range(name.strip().lower(), parameters, min(float(quality), 1.0))
