"""Makes docs/metrics.md, the metric reference, of the tables of families."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from exporter.apis import APIS
from exporter.evidence import Evidence
from exporter.families import Column, Family, Scope
from exporter.metrics.table import FAMILIES
from exporter.metrics.text import labels, number

_INTRODUCTION = """\
# Metrics

Made by `make generate` from the tables of families, and printed by `wolkvox-exporter metrics`; do not edit.

Figures of campaigns are cached: they come from the last good answer of wolkvox, whose age is
`time() - wolkvox_last_success_timestamp_seconds`. A figure that is not known has no sample; it is never 0.
A label that is not known is empty, which to Prometheus is the same as no label. Times in the examples are
those of Bogotá.

"Rests on" says how certain it is that wolkvox writes the field like this: whether that was *seen*, is
*documented* by the vendor, or was *assumed* here; of several fields, the least certain counts.
[Evidence](evidence.md) explains the words and has the same for every field.
"""

_TITLES = {
    Scope.CAMPAIGN: "Campaigns",
    Scope.SKILL: "Skills",
    Scope.API: "Polling",
    Scope.OPERATION: "Operations",
    Scope.PROCESS: "The exporter itself",
}

_COLUMNS = ("family", "type", "labels", "meaning")
_COLUMNS_FROM_WOLKVOX = ("source", "rests on", "as wolkvox writes it", "published as")

_LABELS = """\
## Values of labels

| label | values |
|---|---|
| `operation` | the name of the operation in the configuration |
| `api` | {apis} |
| `campaign` | the clean name: of `campaign_settings`, else of `campaigns` without id and dialling share |
| `line` | as wolkvox writes it: `tel1`, `phone1`, `Strategy`, ... |
| `outcome` | `answer`, `no_answer`, `busy_congestion_failed`, `answer_machine` |
| `code` | `no_answer`, `answer_machine`, `busy`, `congestion`, `failed` |
| `result` of attempts | wolkvox's word, in small letters with `_`: `answer`, `abandon`, ... |
| `result` of shares | `answer`, `busy_congestion_failed`, `answer_machine`, `hit` |
| `list` | `present`, `previous` |
| `state` | [the states](campaign-states.md#the-states) |
| `reason` of a campaign | [the reasons](campaign-states.md#why), but for those of the page alone |
| `finding` | [the findings](glossary.md#findings-about-an-operation) |
| `status` | the agents' status as wolkvox writes it, in small letters |
| `cause` | `auth`, `quota`, `concurrency`, `forbidden`, `timeout`, `connection`, `tls`, `http_status`, \
`redirect`, `too_large`, `decode`, `shape`: [what each means](troubleshooting.md#by-cause-of-a-failure) |
| `reason` of skipped polls | `quota`, `overlap`, `lease`: \
[what each means](troubleshooting.md#polls-are-skipped) |
| `reason` of discarded rows | `duplicate`, `shape`, `limit`: the same campaign twice, a row of another \
shape, more campaigns than `campaigns.limit` |

Beside these the exporter publishes `process_*` and `python_*` of the Python client library.
"""


def render() -> str:
    """Return the reference as Markdown."""
    apis = ", ".join(f"`{api.name}`" for api in APIS)
    return "\n".join([_INTRODUCTION, *_sections(), _LABELS.replace("{apis}", apis)])


def _sections() -> Iterator[str]:
    for scope, title in _TITLES.items():
        families = [family for family in FAMILIES if family.scope is scope]
        if families:
            yield f"## {title}\n"
            # What the exporter knows by itself comes from no field of wolkvox.
            told = any(family.columns for family in families)
            yield from table(
                _COLUMNS + _COLUMNS_FROM_WOLKVOX * told, [_cells(f, told=told) for f in families]
            )
            yield ""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table of Markdown."""
    for cells in (head, ["---"] * len(head), *rows):
        yield f"| {' | '.join(cells)} |"


def _cells(family: Family, *, told: bool) -> Sequence[str]:
    names = ", ".join(f"`{name}`" for name in family.label_names)
    cells = [f"`{family.name}`", family.metric_type, names, cell(family.help)]
    return [*cells, _source(family), _evidence(family), *_examples(family)] if told else cells


def _examples(family: Family) -> tuple[str, str]:
    """Return what wolkvox writes and what is published of it, from the columns' examples."""
    written = (", ".join(f"`{text}`" for text in column.example[0]) for column in family.columns)
    published = (_published(family, column) for column in family.columns)
    return cell("<br>".join(written)), cell("<br>".join(published))


def _published(family: Family, column: Column) -> str:
    value = column.example[1]
    if isinstance(value, Mapping):
        return "<br>".join(f"`{_labels(family, own)}` {number(figure)}" for own, figure in value.items())
    return f"`{_labels(family, column.labels)}` {number(value)}" if column.labels else number(value)


def _labels(family: Family, texts: Sequence[str]) -> str:
    return f"{{{labels(family.labels, texts)}}}"


def _source(family: Family) -> str:
    columns = [*family.columns, *([family.fallback] if family.fallback else [])]
    fields = dict.fromkeys(f"{column.api}: `{column.field}`" for column in columns)
    return ", else ".join(fields) if family.fallback else "<br>".join(fields)


def _evidence(family: Family) -> str:
    """Return what the fields of a family rest on, the weakest of each alternative; "" without any."""
    fallback = [] if family.fallback is None else [family.fallback]
    return ", else ".join(map(weakest, filter(None, (family.columns, fallback))))


def weakest(columns: Iterable[Column]) -> Evidence:
    """Return the weakest evidence of the fields that columns read, of which there is at least one."""
    known = {(api.name, field.name): field.evidence for api in APIS for field in api.vendor_fields}
    found = (known[column.api, name] for column in columns for name in column.fields)
    return max(found, key=list(Evidence).index)


def cell(text: str) -> str:
    """Return a text that can stand in a cell of a table."""
    return text.replace("|", r"\|")
