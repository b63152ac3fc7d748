"""The committed dashboards of Grafana as JSON: their panels, variables, annotations and queries."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from dashboards.panels import CLOCK

FOLDER = Path(__file__).resolve().parents[2] / "grafana" / "dashboards"
FILES = sorted(FOLDER.glob("*/*.json"))
NAMES = [f"{file.parent.name}/{file.stem}" for file in FILES]

_SELECTOR = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)\{((?:[^"{}]|"[^"]*")*)\}')
_MATCHER = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*"([^"]*)"')
_GROUPING = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right) \(([^()]*)\)")

JOB = "wolkvox"
"""The job of the exporter in every Prometheus of the tests; "All" is the list of such jobs."""

_COLUMN = re.compile(r"\((.*) or on \(\) label_replace\(vector\(NaN\).*", re.DOTALL)
"""What keeps the column of a query of a table without figures, and is no figure; see test_columns.py."""

WINDOWS = {"__range": "12h", "__rate_interval": "4m", "__interval": "1m"}


@dataclass(frozen=True)
class Expression:
    """PromQL and where it stands: the panel, variable or annotation."""

    where: str
    text: str
    panel: int | None = None

    def selectors(self) -> list[tuple[str, dict[str, str]]]:
        """Return each metric with its matchers by label."""
        return [
            (name, {label: value for label, _, value in _MATCHER.findall(matchers)})
            for name, matchers in _SELECTOR.findall(self.text)
        ]

    def grouping(self) -> set[str]:
        """Return the labels that the expression groups or joins by."""
        lists = (part.split(",") for part in _GROUPING.findall(self.text))
        return {label.strip() for labels in lists for label in labels if label.strip()}

    def filled(self, **values: str) -> str:
        """Return the expression with every variable filled in as "All" is, but for those named."""
        text = self.text
        values = {"job": JOB, "oneoperation": values.get("operation", ".+"), **values}
        for name, value in WINDOWS.items():
            text = text.replace(f"${name}", value)
        return re.sub(r"\$([a-z]+)", lambda found: values.get(found[1], ".+"), text)


@cache
def board(name: str) -> dict[str, Any]:
    """Return a dashboard by its name, such as en/wolkvox-floor."""
    loaded: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


def panels(name: str) -> list[dict[str, Any]]:
    """Return the panels that are no rows, those in closed rows too."""
    everything = board(name)["panels"]
    folded = [panel for row in everything for panel in row.get("panels", ())]
    return [panel for panel in (*everything, *folded) if panel["type"] != "row"]


def variables(name: str) -> list[dict[str, Any]]:
    """Return the variables that are asked of Prometheus."""
    return [variable for variable in board(name)["templating"]["list"] if variable["type"] == "query"]


def annotations(name: str) -> list[dict[str, Any]]:
    """Return the annotations that are asked of Prometheus."""
    return [a for a in board(name)["annotations"]["list"] if not a.get("builtIn")]


def expressions(name: str) -> Iterator[Expression]:
    """Yield every PromQL expression of a dashboard."""
    for panel in panels(name):
        for target in panel.get("targets", ()):
            if target["expr"] != CLOCK and target["refId"] != "labels":
                text = _COLUMN.sub(r"\1", target["expr"])
                yield Expression(f"{panel['title']} {target['refId']}", text, panel["id"])
    for annotation in annotations(name):
        yield Expression(annotation["name"], annotation["expr"])
    for variable in variables(name):
        yield Expression(variable["name"], _of_variable(variable["query"]["query"]))


def _of_variable(query: str) -> str:
    """Return the PromQL of a variable's query."""
    for form in (r"label_values\((.*), *[a-z_]+\)$", r"query_result\((.*)\)$"):
        if found := re.match(form, query):
            return found[1]
    raise AssertionError(f"not understood: {query}")
