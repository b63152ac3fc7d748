"""Makes docs/alerting.md, and the Spanish one, with their tables of alerts as prometheus/rules/ has them."""

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from exporter.glossary import term
from generators.page_tables import with_rows

ROOT = Path(__file__).resolve().parents[1]
# In the order of an incident: first whether anything is seen at all.
FILES = ("exporter", "campaign", "result")
PAGES = {"en": ROOT / "docs" / "alerting.md", "es": ROOT / "docs" / "es" / "alerting.md"}
HEADS = {
    "en": "| alert | severity | for | keeps firing for | says |\n|---|---|---|---|---|\n",
    "es": "| alerta | severidad | dice |\n|---|---|---|\n",
}
NO_SEVERITY = {"en": "none", "es": "ninguna"}


def alerts() -> Iterator[Mapping[str, Any]]:
    """Give the rule of each alert."""
    for name in FILES:
        path = ROOT / "prometheus" / "rules" / f"wolkvox-{name}-alerts.yml"
        for group in yaml.safe_load(path.read_text())["groups"]:
            yield from group["rules"]


def severity(label: str, language: str) -> str:
    """Return the word for the severity of an alert; "none" is that of those which notify nobody."""
    return NO_SEVERITY[language] if label == "none" else term("severity", label).words[language].lower()


def row(rule: Mapping[str, Any], language: str) -> str:
    """Return the row of an alert."""
    alert, label, says = rule["alert"], rule["labels"]["severity"], rule["annotations"]
    cells = [f"[{alert}](runbooks/{alert}.md)"]
    if language == "es":
        cells += [severity(label, language), says["summary_es"]]
    else:
        times = (rule.get(key, "–") for key in ("for", "keep_firing_for"))  # noqa: RUF001  a dash for none
        cells += [label, *times, says["summary"]]
    return f"| {' | '.join(cells)} |\n"


def render(language: str) -> str:
    """Return the page. Raises ValueError when it has no table of alerts."""
    page = PAGES[language]
    return with_rows(page.read_text(), page, HEADS[language], (row(rule, language) for rule in alerts()))


english = partial(render, "en")
spanish = partial(render, "es")
