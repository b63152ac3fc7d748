"""What a metric family is made of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from enum import StrEnum

from exporter.api import Api
from exporter.parsing import Absent

Labelled = Mapping[tuple[str, ...], float]
"""Several samples of one row: the values of the family's extra labels -> figure."""

Value = float | Labelled
"""What one column of one row holds: a figure, or figures told apart by extra labels."""

Reader = Callable[[Mapping[str, object], tzinfo], Value | Absent]
"""Takes one row of the vendor's answer and the operation's time zone; never raises."""


class Kind(StrEnum):
    """Metric type as the exposition formats write it (Prometheus: exposition formats)."""

    GAUGE = "gauge"
    COUNTER = "counter"


class Scope(StrEnum):
    """What one sample of a family is about; it decides the labels that every sample carries."""

    CAMPAIGN = "campaign"
    API = "api"
    OPERATION = "operation"
    PROCESS = "process"


SCOPE_LABELS: Mapping[Scope, tuple[str, ...]] = {
    Scope.CAMPAIGN: ("operation", "campaign_id", "campaign", "skill_id"),
    Scope.API: ("operation", "api"),
    Scope.OPERATION: ("operation",),
    Scope.PROCESS: (),
}


@dataclass(frozen=True, slots=True)
class Column:
    """Where a campaign's figure comes from: the API, the vendor's field, and how to read it.

    `labels` are the values of the family's extra labels when the column itself stands for one of them.
    """

    api: Api
    field: str
    read: Reader
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Family:
    """One metric family.

    `labels` are the labels beyond those of the scope. `columns` feed families of the scope `campaign`.
    `fallback` is read from a good answer of its api for a campaign that the columns' api does not
    list, or lists in an answer that is over age.
    """

    name: str
    help: str
    scope: Scope
    kind: Kind = Kind.GAUGE
    labels: tuple[str, ...] = ()
    unit: str = ""
    columns: tuple[Column, ...] = ()
    fallback: Column | None = None

    @property
    def label_names(self) -> tuple[str, ...]:
        """All label names of a sample, in the order in which they are written."""
        return SCOPE_LABELS[self.scope] + self.labels

    @property
    def help_text(self) -> str:
        """HELP as published: of a cached family it names the vendor's field and says that it is cached."""
        if not self.columns:
            return self.help
        api = self.columns[0].api
        fields = ", ".join(dict.fromkeys(column.field for column in self.columns))
        return f"{self.help} Cached from wolkvox {api}: {fields}."
