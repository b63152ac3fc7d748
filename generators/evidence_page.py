"""Makes docs/evidence.md: what is known of wolkvox's API, and what that rests on."""

import importlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from exporter.apis import APIS, Api
from exporter.evidence import Evidence, Statement, VendorField
from exporter.metrics.table import FAMILIES
from exporter.wolkvox.refusals import REFUSALS
from generators.metric_reference import cell, table

_ROOT = Path(__file__).resolve().parents[1]
_HAS_STATEMENTS = re.compile(r"^STATEMENTS\b", re.MULTILINE)

_INTRODUCTION = """\
# What is known of wolkvox

Made by `make generate` from the tables in the code; do not edit.

Nobody who built this exporter had an account with wolkvox. What it expects from wolkvox was put together from
what can be found in public. For each API, field and refusal, and for whatever else the exporter relies on,
this page says how certain it is, in one of three words:

| word | means | so |
| --- | --- | --- |
| seen | It appears in real answers or logs that somebody has published, or other people's working programs \
depend on it. | Trust it as far as one operation is like another. |
| documented | The vendor's pages say so; no real answer was seen. | It is likely, but real answers can \
differ from such pages. |
| assumed | Nothing says so. It was decided here, as the likeliest. | Compare it with wolkvox's own screens \
before you rely on it. |

A value that cannot be read has no sample, is counted in `wolkvox_field_errors_total` and is named in the log.
A value that is misread gives no such sign, so what is assumed deserves a look.

## If you have an account

`wolkvox-exporter doctor` says what is as described here and what is not. Please [send what it
captures](first-hour.md#4-send-what-was-not-expected): one such file can turn many a "documented" on this page
into "seen".
"""

_FIELDS = """\
## Fields

"Holds" says what kind of value the field has: a *figure* (a count, percentage or duration), a *time*, a
*word* of wolkvox's own such as `started`, or a *text* such as a name, an id or a telephone number. "Rests on"
is about how the value is written. "Read for" says what the exporter makes of it.
"""

_REFUSALS = """\
## Refusals

The exporter recognises a refusal by words in the answer's message, and [gives it a
cause](troubleshooting.md#by-cause-of-a-failure). On the left are wolkvox's own words where they are known, on
the right the regular expression that is looked for, whatever the case; the first that is found counts.
`too_large` is only looked for in a 404 without rows.
"""

_STATEMENTS = """\
## What else is relied on
"""

_ROOMS = {
    "wolkvox": "Calls and answers",
    "parsing": "How values are written",
    "apis": "Lists and reports",
    "traffic": "Quota and pace",
    "judgement": "Campaigns and their operation",
}
"""What the statements of each room are about, in the order of the page."""


def render() -> str:
    """Return the page as Markdown."""
    return "\n".join([_INTRODUCTION, *_apis(), _FIELDS, *_fields(), _REFUSALS, *_refusals(), *_told()])


def statements() -> Mapping[str, list[Statement]]:
    """Return the statements of all modules, by room. Raises KeyError where a room has no title."""
    found: dict[str, list[Statement]] = {room: [] for room in _ROOMS}
    for file in sorted((_ROOT / "exporter").rglob("*.py")):
        if _HAS_STATEMENTS.search(file.read_text(encoding="utf-8")):
            name = ".".join(file.relative_to(_ROOT).with_suffix("").parts)
            found[name.split(".")[1]] += importlib.import_module(name).STATEMENTS
    return found


def _apis() -> Iterator[str]:
    yield "## APIs\n"
    head = (
        "API",
        "call",
        "its shape rests on",
        "where that was found",
        *(f"fields {one}" for one in Evidence),
    )
    yield from table(head, map(_api, APIS))
    yield ""


def _api(api: Api) -> tuple[str, ...]:
    counts = Counter(field.evidence for field in api.vendor_fields)
    call = f"`{api.path}?api={api.vendor_name}`"
    found = (str(counts[one]) for one in Evidence)
    return (f"[{api.name}](#{api.name})", call, api.evidence, cell(api.source), *found)


def _fields() -> Iterator[str]:
    for api in APIS:
        yield f"### {api.name}\n"
        head = ("field", "holds", "rests on", "where that was found", "words in it", "read for")
        yield from table(head, (_field(api, field) for field in api.vendor_fields))
        yield ""
        if api.more_fields:
            yield "wolkvox sends more fields than these; their names were not found.\n"


def _field(api: Api, field: VendorField) -> tuple[str, ...]:
    words = dict.fromkeys(unicodedata.normalize("NFC", word) for word in field.words)
    return (
        f"`{field.name}`",
        field.content,
        field.evidence,
        cell(field.source),
        ", ".join(f"`{word}`" for word in words),
        _reads(api, field.name),
    )


def _reads(api: Api, name: str) -> str:
    """Return what a field is read for."""
    columns = [column for column in api.columns if name in column.fields]
    families = [family.name for family in FAMILIES if any(one in family.sources for one in columns)]
    if families:
        return "<br>".join(f"`{family}`" for family in dict.fromkeys(families))
    if name in api.identity:
        return "what the row is about"
    return "the exporter's own figures" if columns else "not read"


def _refusals() -> Iterator[str]:
    head = ("wolkvox's words", "cause", "rests on", "where that was found", "looked for")
    yield from table(
        head,
        (
            (
                "<br>".join(f"`{text}`" for text in known.words) or "not known",
                f"`{known.cause}`",
                known.evidence,
                cell(known.source),
                cell(f"`{known.pattern.pattern}`"),
            )
            for known in REFUSALS
        ),
    )
    yield ""


def _told() -> Iterator[str]:
    yield _STATEMENTS
    for room, told in statements().items():
        yield f"### {_ROOMS[room]}\n"
        rows = ((cell(one.text), one.evidence, cell(one.source)) for one in told)
        yield from table(("statement", "rests on", "where that was found"), rows)
        yield ""
