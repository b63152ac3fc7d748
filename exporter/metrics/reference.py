"""The metric reference, docs/metrics.md: made from the tables of families."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from exporter.apis import APIS
from exporter.families import Column, Family, Scope
from exporter.metrics.table import FAMILIES
from exporter.metrics.text import labels, number

_INTRODUCTION = """\
# Metrics

Made by `wolkvox-exporter metrics` from the tables of families; do not edit.

Figures of campaigns are cached: they come from the last good answer of wolkvox, whose age is
`time() - wolkvox_last_success_timestamp_seconds`. A figure that is not known has no sample; it is never 0.
A label that is not known is empty, which to Prometheus is the same as no label. Times in the examples are
those of Bogotá.
"""

_TITLES = {
    Scope.CAMPAIGN: "Campaigns",
    Scope.SKILL: "Skills",
    Scope.API: "Polling",
    Scope.OPERATION: "Operations",
    Scope.PROCESS: "The exporter itself",
}

_COLUMNS = ("family", "type", "labels", "meaning")
_COLUMNS_FROM_WOLKVOX = ("source", "as wolkvox writes it", "published as")

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
| `cause` | `auth`, `quota`, `concurrency`, `forbidden`, `timeout`, `connection`, `tls`, `http_status`, \
`redirect`, `too_large`, `decode`, `shape`: [what each means](troubleshooting.md#by-cause-of-a-failure) |
| `reason` of skipped polls | `quota`, `overlap`, `lease`: \
[what each means](troubleshooting.md#polls-are-skipped) |
| `reason` of discarded rows | `duplicate`, `shape`, `limit`: the same campaign twice, a row that is none, \
more campaigns than `campaigns.limit` |

Beside these the exporter publishes `process_*` and `python_*` of the Python client library.
"""


def reference() -> str:
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
            yield from _table(
                _COLUMNS + _COLUMNS_FROM_WOLKVOX * told, [_cells(f, told=told) for f in families]
            )
            yield ""


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    for cells in (head, ["---"] * len(head), *rows):
        yield f"| {' | '.join(cells)} |"


def _cells(family: Family, *, told: bool) -> Sequence[str]:
    names = ", ".join(f"`{name}`" for name in family.label_names)
    cells = [f"`{family.name}`", family.kind, names, _cell(family.help)]
    return [*cells, _source(family), *_examples(family)] if told else cells


def _examples(family: Family) -> tuple[str, str]:
    """Return what wolkvox writes and what is published of it, from the columns' examples."""
    written = (", ".join(f"`{text}`" for text in column.example[0]) for column in family.columns)
    published = (_published(family, column) for column in family.columns)
    return _cell("<br>".join(written)), _cell("<br>".join(published))


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


def _cell(text: str) -> str:
    return text.replace("|", r"\|")
