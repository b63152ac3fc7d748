"""What Grafana's data source makes of a panel's query before Prometheus gets it, and of its answer."""

import re
from collections.abc import Mapping


def interpolated(expression: str, step_ms: int, scrape_ms: int, range_ms: int) -> str:
    """Return PromQL with Grafana's own variables filled in: $__interval, $__rate_interval and $__range."""
    rate_ms = max(step_ms + scrape_ms, 4 * scrape_ms)
    values = {
        "rate_interval_ms": str(rate_ms),
        "rate_interval": _duration(rate_ms),
        "interval_ms": str(step_ms),
        "interval": _duration(step_ms),
        "range_ms": str(range_ms),
        "range_s": str(range_ms // 1000),
        "range": f"{range_ms // 1000}s",
    }
    names = "|".join(sorted(values, key=len, reverse=True))
    return re.sub(
        rf"\$(?:\{{__({names})\}}|__({names})\b)", lambda found: values[found[1] or found[2]], expression
    )


def legend(template: str, labels: Mapping[str, str], expression: str) -> str:
    """Return the name of a series: by its template, else as Prometheus writes it, else the expression."""
    if template and template != "__auto":
        return re.sub(r"\{\{\s*(.+?)\s*\}\}", lambda found: labels.get(found[1], ""), template)
    rest = ", ".join(f'{name}="{text}"' for name, text in sorted(labels.items()) if name != "__name__")
    return labels.get("__name__", "") + (f"{{{rest}}}" if rest else "") or expression


def _duration(milliseconds: int) -> str:
    return f"{milliseconds}ms" if milliseconds % 1000 else f"{milliseconds // 1000}s"
