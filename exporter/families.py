"""What a metric family is made of: name, help, labels, and the vendor's fields that it is read from."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from enum import StrEnum

from exporter.parsing import Absent

Labelled = Mapping[tuple[str, ...], float]
"""Several samples of one row: the values of the family's extra labels -> figure."""

Value = float | Labelled
"""What one column of one row holds: a figure, or figures told apart by extra labels."""

Reader = Callable[[Mapping[str, object], tzinfo], Value | Absent]
"""Takes one row of the vendor's answer and the operation's time zone; never raises."""


class MetricType(StrEnum):
    """Metric type as the exposition formats write it (Prometheus: exposition formats)."""

    GAUGE = "gauge"
    COUNTER = "counter"


class Scope(StrEnum):
    """What one sample of a family is about; it decides the labels that every sample carries."""

    CAMPAIGN = "campaign"
    SKILL = "skill"
    OPERATION = "operation"
    API = "api"
    PROCESS = "process"


SCOPE_LABELS: Mapping[Scope, tuple[str, ...]] = {
    Scope.CAMPAIGN: ("operation", "campaign_id", "campaign", "skill_id"),
    Scope.SKILL: ("operation", "skill_id", "skill"),
    Scope.OPERATION: ("operation",),
    Scope.API: ("operation", "api"),
    Scope.PROCESS: (),
}

CAMPAIGN_LABELS = SCOPE_LABELS[Scope.CAMPAIGN]


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """Where a figure comes from: an API of wolkvox, the fields of its rows, and how they are read.

    `example` is what wolkvox writes, a value for each of the `fields`, and the figure that it comes to.
    `labels` are the values of the family's extra labels when the column itself stands for one of them.
    """

    api: str
    fields: tuple[str, ...]
    read: Reader
    example: tuple[tuple[object, ...], Value]
    labels: tuple[str, ...] = ()

    @property
    def field(self) -> str:
        """The fields as text."""
        return ", ".join(self.fields)


def column(
    api: str,
    field: str,
    read: Callable[[object], Value | Absent],
    *labels: str,
    example: tuple[object, Value],
) -> Column:
    """Return the column of one field; `read` takes what stands in it and never raises."""

    def read_field(row: Mapping[str, object], _zone: tzinfo) -> Value | Absent:
        return read(row.get(field))

    return Column(api, (field,), read_field, ((example[0],), example[1]), labels)


@dataclass(frozen=True, slots=True)
class Family:
    """One metric family.

    `labels` are the labels beyond those of the scope. `columns` feed families about what wolkvox says.
    `fallback` is read from a good answer of its API for a campaign that the columns' API does not list, or
    lists in an answer that is over age.
    """

    name: str
    help: str
    scope: Scope
    metric_type: MetricType = MetricType.GAUGE
    labels: tuple[str, ...] = ()
    unit: str = ""
    columns: tuple[Column, ...] = ()
    fallback: Column | None = None

    @property
    def label_names(self) -> tuple[str, ...]:
        """All label names of a sample, in the order in which they are written."""
        return SCOPE_LABELS[self.scope] + self.labels

    @property
    def sources(self) -> tuple[Column, ...]:
        """The columns, and after them the fallback where there is one."""
        return self.columns if self.fallback is None else (*self.columns, self.fallback)

    @property
    def help_text(self) -> str:
        """HELP as published: of a cached family it names the vendor's field and says that it is cached."""
        if not self.columns:
            return self.help
        fields = ", ".join(dict.fromkeys(column.field for column in self.columns))
        return f"{self.help} Cached from wolkvox {self.columns[0].api}: {fields}."


def columns_of(families: Iterable[Family]) -> tuple[Column, ...]:
    """Return the columns of families, in their order."""
    return tuple(one for family in families for one in family.columns)
