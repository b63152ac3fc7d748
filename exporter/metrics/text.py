r"""The two exposition formats: Prometheus text 0.0.4 and OpenMetrics 1.0.

Sources: Prometheus documentation, "Exposition formats"; OpenMetrics specification, "ABNF". A sample line
is the same in both; they differ in how counters are announced, in the escaping of HELP, in UNIT and EOF.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from functools import lru_cache

from exporter.families import Family, MetricType, Value

_MAX_EXACT_NUMBER = 2.0**53
_ESCAPES = str.maketrans({"\\": r"\\", "\n": r"\n", '"': r"\""})
_ESCAPED = re.compile(r'[\\\n"]')
_TEXT_HELP_ESCAPES = str.maketrans({"\\": r"\\", "\n": r"\n"})


class Format(Enum):
    """An exposition format; the value is its Content-Type."""

    TEXT = "text/plain; version=0.0.4; charset=utf-8"
    OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"

    @property
    def end(self) -> bytes:
        """What follows the last family."""
        return b"# EOF\n" if self is Format.OPENMETRICS else b""


def number(value: float) -> str:
    """Return a finite figure as both formats write it, without loss: 5.0 -> "5"."""
    # To the type checker an int is a float, too.
    value = float(value)
    return str(int(value)) if value.is_integer() and abs(value) < _MAX_EXACT_NUMBER else repr(value)


def labels(names: Sequence[str], values: Sequence[str]) -> str:
    """Return label pairs as written between the braces; the values may contain any character."""
    return ",".join([f'{name}="{_escaped(value)}"' for name, value in zip(names, values, strict=True)])


_known_labels = lru_cache(maxsize=1024)(labels)
"""Those that many samples share, such as the causes of failed calls."""


def _escaped(value: str) -> str:
    # Hardly any value needs it, and looking is faster than translating.
    return value.translate(_ESCAPES) if _ESCAPED.search(value) else value


def header(family: Family, format_: Format) -> bytes:
    """Return the lines that announce a family."""
    if format_ is Format.TEXT:
        help_text = family.help_text.translate(_TEXT_HELP_ESCAPES)
        return f"# HELP {family.name} {help_text}\n# TYPE {family.name} {family.metric_type}\n".encode()
    name = family.name.removesuffix("_total") if family.metric_type is MetricType.COUNTER else family.name
    unit = f"# UNIT {name} {family.unit}\n" if family.unit else ""
    help_text = family.help_text.translate(_ESCAPES)
    return f"# HELP {name} {help_text}\n# TYPE {name} {family.metric_type}\n{unit}".encode()


def samples(family: Family, prefix: str, value: Value, fixed: tuple[str, ...] = ()) -> Iterable[str]:
    """Return the lines of one value.

    `prefix` are the label pairs of the scope as text. A labelled value brings the values of the family's
    extra labels with it; `fixed` are those of a column that stands for one of them.
    """
    if isinstance(value, Mapping):
        for extra, figure in value.items():
            yield f"{family.name}{{{prefix},{_known_labels(family.labels, extra)}}} {number(figure)}\n"
    elif fixed:
        yield f"{family.name}{{{prefix},{_known_labels(family.labels, fixed)}}} {number(value)}\n"
    else:
        yield f"{family.name}{{{prefix}}} {number(value)}\n"


def lines(family: Family, values: Iterable[tuple[str, Value | None]]) -> bytes:
    """Return the lines of a family from label pairs as text, each with what is known; None is nothing."""
    known = ((prefix, value) for prefix, value in values if value is not None)
    return "".join(line for prefix, value in known for line in samples(family, prefix, value)).encode()
