"""Makes the heads of the runbooks: what an alert says, how urgent it is, what to do first, by its rules."""

import itertools
from collections.abc import Mapping
from pathlib import Path

from exporter.glossary import LANGUAGES
from generators.alerting import alerts, severity

ROOT = Path(__file__).resolve().parents[1]
FOLDERS: Mapping[str, Path] = {
    "en": ROOT / "docs" / "runbooks",
    "es": ROOT / "docs" / "es" / "runbooks",
}

_SUMMARY = {"en": "summary", "es": "summary_es"}
_ACTION = {"en": "action", "es": "action_es"}
_SEVERITY = {"en": "Severity", "es": "Severidad"}
_FIRST = {"en": "First", "es": "Primero"}
# A definition of a link that nothing names: people see it in the file, not on the page.
_MADE = {
    "en": "[//]: # (From the title to here: made from the rules by make generate.)",
    "es": "[//]: # (Del título hasta aquí: lo escribe make generate a partir de las reglas.)",
}
_NOT_NOTIFIED = {"en": ", nobody is notified", "es": ", no le avisa a nadie"}


def render() -> Mapping[Path, str]:
    """Return the text of each runbook by its file; raises FileNotFoundError where an alert has none.

    What is between a runbook's title and its first section is written anew; the sections stay as they are.
    """
    return {
        file: _with_head(file.read_text(encoding="utf-8"), _head(rules, language))
        for language in LANGUAGES
        for name, rules in _by_name().items()
        for file in [FOLDERS[language] / f"{name}.md"]
    }


def _by_name() -> Mapping[str, list[Mapping[str, Mapping[str, str]]]]:
    ordered = sorted(alerts(), key=lambda rule: rule["alert"])
    return {name: list(rules) for name, rules in itertools.groupby(ordered, key=lambda rule: rule["alert"])}


def _head(rules: list[Mapping[str, Mapping[str, str]]], language: str) -> str:
    severities = [_severity(rule["labels"]["severity"], language) for rule in rules]
    summary = rules[0]["annotations"][_SUMMARY[language]]
    actions = [rule["annotations"][_ACTION[language]] for rule in rules]
    lines = [f"{summary} {_SEVERITY[language]}: {', '.join(severities)}."]
    if len(set(actions)) == 1:
        lines.append(f"**{_FIRST[language]}:** {actions[0]}")
    else:
        lines += [
            f"**{_FIRST[language]} ({urgency}):** {action}"
            for urgency, action in zip(severities, actions, strict=True)
        ]
    return "\n\n".join([*lines, _MADE[language]])


def _severity(label: str, language: str) -> str:
    return severity(label, language) + (_NOT_NOTIFIED[language] if label == "none" else "")


def _with_head(page: str, head: str) -> str:
    title = page.partition("\n")[0]
    _, heading, sections = page.partition("\n## ")
    return f"{title}\n\n{head}\n{heading}{sections}"
