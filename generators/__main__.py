"""`make generate`: writes what is generated, or with --check says what is behind."""

import argparse
import logging
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# The goldens are made by the tests' own recording of answers, what is expected of captures by their replay.
sys.path.insert(0, str(ROOT / "tests"))

from dashboards import render as boards  # noqa: E402
from generators import (  # noqa: E402
    alerting,
    config_schema,
    configuration,
    corpus,
    daily_calls,
    evidence_page,
    glossary_page,
    goldens,
    laws,
    metric_reference,
    notifications,
    prometheusrule,
    promised,
    rehearsal,
    runbook_heads,
    target_labels,
)
from generators.missing import missing  # noqa: E402

FILES: Mapping[str, Callable[[], str]] = {
    "docs/metrics.md": metric_reference.render,
    "docs/evidence.md": evidence_page.render,
    "docs/config.schema.json": config_schema.render,
    "docs/configuration.md": configuration.render,
    "docs/glossary.md": glossary_page.english,
    "docs/es/glossary.md": glossary_page.spanish,
    "docs/operations.md": daily_calls.render,
    "docs/laws.md": laws.english,
    "docs/es/laws.md": laws.spanish,
    "prometheus/rules/wolkvox-exporter-alerts.yml": target_labels.rules,
    "deploy/kubernetes/base/servicemonitor.yaml": target_labels.service_monitor,
    "docs/prometheus.md": target_labels.page,
    "docs/alerting.md": alerting.english,
    "docs/es/alerting.md": alerting.spanish,
    "docs/rehearsal.md": rehearsal.english,
    "docs/es/rehearsal.md": rehearsal.spanish,
    "deploy/kubernetes/base/prometheusrule.yaml": prometheusrule.render,
    "tests/packaging/promised.txt": promised.render,
}
"""Each generated file alone, and what makes its text; what is made of the rules comes after them."""

GROUPS: tuple[Callable[[], Mapping[Path, str]], ...] = (
    notifications.render,
    lambda: {boards.FOLDER / path: text for path, text in boards.render().items()},
    runbook_heads.render,
    goldens.answers,
    goldens.expositions,
    corpus.expected,
)
"""What makes several files; the expositions come of the answers before them."""


def behind(*, write: bool) -> list[str]:
    """Return the files that are not as they are generated; with `write` they are brought up to date."""
    found = []
    alone = [(lambda name=name, render=render: {ROOT / name: render()}) for name, render in FILES.items()]
    for make in [*alone, *GROUPS]:
        for file, text in make().items():
            if file.is_file() and file.read_text(encoding="utf-8") == text:
                continue
            found.append(str(file.relative_to(ROOT)))
            if write:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
    return found


def main() -> int:
    """Run the command; 1 when something must be written by hand first, or with --check a file is behind."""
    parser = argparse.ArgumentParser(prog="python -m generators", description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="write nothing, end with 1 where a file is behind"
    )
    arguments = parser.parse_args()
    logging.disable()  # the recorded answers have values that nobody can read, on purpose
    if unwritten := missing():
        sys.stderr.write(unwritten)
        return 1
    found = behind(write=not arguments.check)
    for name in found:
        sys.stdout.write(f"{'behind' if arguments.check else 'written'}: {name}\n")
    return 1 if arguments.check and found else 0


if __name__ == "__main__":
    sys.exit(main())
