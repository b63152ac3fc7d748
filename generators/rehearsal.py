"""Makes docs/rehearsal.md, and the Spanish one, with their tables of incidents."""

from collections.abc import Iterable
from functools import partial
from pathlib import Path

from exporter.simulator.incidents import INCIDENTS, Incident
from generators.alerting import alerts, severity
from generators.page_tables import with_rows

ROOT = Path(__file__).resolve().parents[1]
PAGES = {"en": ROOT / "docs" / "rehearsal.md", "es": ROOT / "docs" / "es" / "rehearsal.md"}
# Of those that can be staged, and of the others.
HEADS = {
    "en": (
        "| incident | what happens | alert | severity | minutes |\n|---|---|---|---|---|\n",
        "| alert | what happens | to see it |\n|---|---|---|\n",
    ),
    "es": (
        "| incidente | qué pasa | alerta | severidad | minutos |\n|---|---|---|---|---|\n",
        "| alerta | qué pasa | para verla |\n|---|---|---|\n",
    ),
}


def row(incident: Incident, severities: Iterable[str], language: str) -> str:
    """Return the row of an incident."""
    happens, by_hand = incident.text, incident.by_hand
    if language == "es":
        happens, by_hand = incident.spanish, incident.by_hand_spanish
    cells = [f"[{incident.alert}](runbooks/{incident.alert}.md)"]
    if by_hand:
        cells += [happens, by_hand]
    else:
        happens += " *" if incident.usual else ""
        cells = [f"`{incident.name}`", happens, *cells, " / ".join(severities), f"{incident.minutes}"]
    return f"| {' | '.join(cells)} |\n"


def render(language: str) -> str:
    """Return the page. Raises ValueError when it lacks one of the tables."""
    severities: dict[str, dict[str, None]] = {}
    for rule in alerts():
        label = rule["labels"]["severity"]
        word = label if language == "en" else severity(label, language)
        severities.setdefault(rule["alert"], {})[word] = None
    page = PAGES[language]
    text = page.read_text(encoding="utf-8")
    for head, by_hand in zip(HEADS[language], (False, True), strict=True):
        these = [one for one in INCIDENTS.values() if bool(one.by_hand) == by_hand]
        text = with_rows(
            text, page, head, (row(one, severities.get(one.alert, ()), language) for one in these)
        )
    return text


english = partial(render, "en")
spanish = partial(render, "es")
