"""What panels are given: queries, columns, words; and what of Grafana's JSON follows from one of them alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grafana_foundation_sdk.models import common
from grafana_foundation_sdk.models.dashboard import (
    DashboardFieldConfigSourceOverrides,
    DataTransformerConfig,
    DynamicConfigValue,
    MatcherConfig,
    ThresholdsConfig,
)

from dashboards import look


@dataclass(frozen=True, slots=True)
class Query:
    """An expression, what its series are called ({{label}} or English text), and how they are drawn.

    dashed: a comparison with another time, or a limit. right: the unit of an axis of its own.
    """

    expr: str
    legend: str = ""
    color: str = ""
    dashed: bool = False
    right: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: a label or "Value #" and the name of a query, its English title, and its look.

    plain: the words for values without their colours. steps: colours by value. hidden: for links alone.
    """

    field: str
    title: str
    unit: str = ""
    words: look.Words = ()
    plain: bool = False
    width: int = 0
    decimals: int | None = None
    link: str = ""
    steps: ThresholdsConfig | None = None
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """What every panel says in English: its title, what it means, and what it shows without data."""

    title: str
    meaning: str
    nothing: str = "No data"


def ref(number: int) -> str:
    """Return the name of a query by its place: A, B, ..."""
    return chr(ord("A") + number)


def having(name: str) -> DataTransformerConfig:
    """Return the transformation that leaves out the rows without a value in a column."""
    condition = {"fieldName": name, "config": {"id": "isNotNull", "options": {}}}
    return DataTransformerConfig(
        "filterByValue", options={"type": "include", "match": "all", "filters": [condition]}
    )


def override(
    matcher: str, options: object, properties: Mapping[str, object]
) -> DashboardFieldConfigSourceOverrides:
    """Return properties for the fields that a matcher of Grafana finds."""
    return DashboardFieldConfigSourceOverrides(
        matcher=MatcherConfig(matcher, options),
        properties=[DynamicConfigValue(name, value) for name, value in properties.items()],
    )


def alarms(queries: Sequence[Query]) -> list[DashboardFieldConfigSourceOverrides]:
    """Return the colour of each query for its figures from 1 on."""
    return [
        override("byFrameRefID", ref(number), {"thresholds": look.thresholds(look.NONE, (1, query.color))})
        for number, query in enumerate(queries)
    ]


def styles(queries: Sequence[Query]) -> list[DashboardFieldConfigSourceOverrides]:
    """Return how the series of each query are drawn, where a query says it."""
    found = []
    for number, query in enumerate(queries):
        style: dict[str, object] = {}
        if query.color:
            style["color"] = look.fixed(query.color)
        if query.dashed:
            style |= {
                "custom.lineStyle": common.LineStyle("dash", [8, 6]),
                "custom.fillOpacity": 0,
                "custom.lineWidth": 2,
                "custom.drawStyle": common.GraphDrawStyle.LINE,
                "custom.stacking": common.StackingConfig(common.StackingMode.NONE),
            }
        if query.right:
            style |= {"unit": query.right, "custom.axisPlacement": "right", "custom.fillOpacity": 0}
        if style:
            found.append(override("byFrameRefID", ref(number), style))
    return found
