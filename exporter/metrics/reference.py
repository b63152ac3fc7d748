"""The metric reference, docs/metrics.md: made from the tables of families."""

from collections.abc import Iterator

from exporter.apis import APIS
from exporter.families import Family, Scope
from exporter.metrics.table import FAMILIES

_INTRODUCTION = """\
# Metrics

Made by `wolkvox-exporter metrics` from the tables of families; do not edit.

Figures of campaigns are cached: they come from the last good answer of wolkvox, whose age is
`time() - wolkvox_last_success_timestamp_seconds`. A figure that is not known has no sample; it is never 0.
A label that is not known is empty, which to Prometheus is the same as no label.
"""

_TITLES = {
    Scope.CAMPAIGN: "Campaigns",
    Scope.API: "Polling",
    Scope.OPERATION: "Operations",
    Scope.PROCESS: "The exporter itself",
}

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
            yield "| family | type | labels | meaning | source |\n|---|---|---|---|---|"
            yield from (_row(family) for family in families)
            yield ""


def _row(family: Family) -> str:
    names = ", ".join(f"`{name}`" for name in family.label_names)
    return f"| `{family.name}` | {family.kind} | {names} | {_cell(family.help)} | {_source(family)} |"


def _source(family: Family) -> str:
    columns = [*family.columns, *([family.fallback] if family.fallback else [])]
    fields = dict.fromkeys(f"{column.api}: `{column.field}`" for column in columns)
    return ", else ".join(fields) if family.fallback else "<br>".join(fields)


def _cell(text: str) -> str:
    return text.replace("|", r"\|")
