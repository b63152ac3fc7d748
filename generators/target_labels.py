"""Writes the names of the metrics' labels where a target's label of the same name would be in their way."""

import re
from pathlib import Path

from exporter.metrics.table import FAMILIES

ROOT = Path(__file__).resolve().parents[1]
RULES = ROOT / "prometheus" / "rules" / "wolkvox-exporter-alerts.yml"
PAGE = ROOT / "docs" / "prometheus.md"
SERVICE_MONITOR = ROOT / "deploy" / "kubernetes" / "base" / "servicemonitor.yaml"

LABELS = sorted({label for family in FAMILIES for label in family.label_names})
"""Every label that a sample of the exporter may have."""

# The exporter has no label `endpoint`; a target's is the name of its port, and tells nothing.
_DROPPED = ["endpoint", *LABELS]
_DROP = r"(action: labeldrop\n +regex: ).*?(?=\n)"


def rules() -> str:
    """Return the rules of the exporter with the expression of WolkvoxLabelsRenamed.

    Raises ValueError when they have no such alert.
    """
    # A label's name cannot be a pattern. The one that hardly ever exists stands first, which ends the search.
    renamed = [
        "label_replace(count by (job, instance) (last_over_time("
        f'{{exported_{label}!="", __name__=~"wolkvox_.+"}}[5m])), "label", "{label}", "", "") > 0'
        for label in LABELS
    ]
    expression = "\n          or ".join(renamed)
    return _replaced(RULES, r"(- alert: WolkvoxLabelsRenamed\n +expr: >-\n +).*?(?=\n +for: )", expression)


def service_monitor() -> str:
    """Return the ServiceMonitor with what it drops. Raises ValueError when it drops no label of targets."""
    return _replaced(SERVICE_MONITOR, _DROP, "|".join(_DROPPED))


def page() -> str:
    """Return the page on Prometheus with what a job drops. Raises ValueError when no job drops a label."""
    return _replaced(PAGE, _DROP, "|".join(LABELS))


def _replaced(file: Path, pattern: str, by: str) -> str:
    text, places = re.subn(pattern, lambda found: found[1] + by, file.read_text(), flags=re.DOTALL)
    if places != 1:
        raise ValueError(f"{file.name} has {places} places for the labels, not one")
    return text
