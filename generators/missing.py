"""What people have to write before anything can be generated, and where."""

from collections.abc import Iterator

from dashboards import render as boards
from exporter.apis import APIS
from generators.alerting import alerts
from generators.runbook_heads import FOLDERS, ROOT

TEXTS = ("summary", "description", "action", "summary_es", "description_es", "action_es")
"""The annotations of an alert that people write, in both languages."""


def missing() -> str:
    """Return what is missing, a line each with the file to which it belongs; "" where nothing is."""
    # Nothing else can read a rule without its texts.
    if rules := "".join(f"{line}\n" for line in _rules()):
        return rules
    return "".join(f"{line}\n" for line in (*_fields(), *_runbooks())) + boards.untranslated()


def _rules() -> Iterator[str]:
    for rule in alerts():
        lacks = [
            f"the {kind} {name}"
            for kind, names in (("label", ("severity",)), ("annotation", TEXTS))
            for name in names
            if name not in rule.get(f"{kind}s", {})
        ]
        if lacks:
            yield f"prometheus/rules: {rule.get('alert', rule)} has not yet {', '.join(lacks)}"


def _fields() -> Iterator[str]:
    for api in APIS:
        known = {field.name for field in api.vendor_fields}
        for name in dict.fromkeys(name for column in api.columns for name in column.fields):
            if name not in known:
                yield f"exporter/apis/{api.name}.py: add the field {name!r} to vendor_fields"


def _runbooks() -> Iterator[str]:
    for name in dict.fromkeys(rule["alert"] for rule in alerts()):
        for folder in FOLDERS.values():
            file = folder / f"{name}.md"
            if not file.is_file():
                yield f"{file.relative_to(ROOT)}: write it, with the sections of another alert's runbook"
