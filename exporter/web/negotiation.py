"""Content negotiation by q-values (RFC 9110, sections 12.4.2, 12.5.1 and 12.5.3)."""

import re
from collections.abc import Sequence

from exporter.metrics import Format

_LONGEST_HEADER = 4096
_PARAMETER = re.compile(r"""\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*=\s*("[^"]*"|[^\s;"]*)\s*""")


def exposition_format(accept: str | None) -> Format:
    """Choose the exposition format by an Accept header: the one with the greater q-value.

    OpenMetrics only when it is named, also where both are wanted alike: a browser's `*/*` gets text, and so
    does who accepts neither, because Prometheus' protocol falls back to it ("Content negotiation" in its
    documentation).
    """
    wishes = dict.fromkeys(Format, 0.0)
    for name, parameters, quality in _ranges(accept or "*/*"):
        form = _format(name, parameters.get("version"))
        if form is not None:
            wishes[form] = max(wishes[form], quality)
    openmetrics = wishes[Format.OPENMETRICS]
    return Format.OPENMETRICS if openmetrics > 0 and openmetrics >= wishes[Format.TEXT] else Format.TEXT


def _format(name: str, version: str | None) -> Format | None:
    if name == "application/openmetrics-text":
        return Format.OPENMETRICS if version in {None, "1.0.0"} else None
    if name == "text/plain":
        return Format.TEXT if version in {None, "0.0.4"} else None
    return Format.TEXT if name in {"text/*", "*/*"} else None


def content_encoding(accept_encoding: str | None, offered: Sequence[str]) -> str:
    """Choose among the `offered` content encodings, the preferred first; "identity" when none is wanted."""
    wishes = {name: quality for name, _, quality in _ranges(accept_encoding or "identity")}
    rest = wishes.get("*", 0.0)
    ranked = [(wishes.get(name, rest), -place, name) for place, name in enumerate(offered)]
    quality, _, name = max(ranked, default=(0.0, 0, "identity"))
    return name if quality > 0 and quality >= wishes.get("identity", 0.0) else "identity"


def _ranges(header: str) -> list[tuple[str, dict[str, str], float]]:
    """Split a header into (name, parameters, quality); what cannot be read is left out."""
    ranges = []
    for item in header[:_LONGEST_HEADER].split(","):
        name, *rest = item.split(";")
        parameters = {}
        for part in rest:
            match = _PARAMETER.fullmatch(part)
            if match:
                parameters[match[1].lower()] = match[2].strip('"').lower()
        quality = _quality(parameters.pop("q", "1"))
        if name.strip() and quality is not None:
            ranges.append((name.strip().lower(), parameters, quality))
    return ranges


def _quality(text: str) -> float | None:
    return float(text) if re.fullmatch(r"(0(\.[0-9]{0,3})?|1(\.0{0,3})?)", text) else None
