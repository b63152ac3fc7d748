"""Writes the dashboards into grafana/dashboards/, or with --check tells whether those there are current."""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

from dashboards import campaign, floor, health, skill
from dashboards.frame import Plan
from dashboards.language import LANGUAGES, Listener
from dashboards.spanish import SPANISH

FOLDER = Path(__file__).resolve().parents[1] / "grafana" / "dashboards"
PLANS: tuple[Plan, ...] = (floor.PLAN, campaign.PLAN, skill.PLAN, health.PLAN)


def render() -> Mapping[Path, str]:
    """Return the text of every dashboard in every language by its path in the folder of dashboards."""
    return {
        Path(say.code, f"{plan.uid}{say.suffix}.json"): plan.render(say)
        for say in LANGUAGES
        for plan in PLANS
    }


def texts() -> set[str]:
    """Return every English text of the dashboards."""
    listener = Listener()
    for plan in PLANS:
        plan.render(listener)
    return listener.heard


def main(words: list[str] | None = None) -> int:
    """Run the command; 1 when a text has no Spanish, or a checked file is not current."""
    parser = argparse.ArgumentParser(prog="python -m dashboards", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    parser.add_argument("--to", type=Path, default=FOLDER, help="the folder (default: %(default)s)")
    arguments = parser.parse_args(words)
    if untranslated := sorted(texts() - SPANISH.keys()):
        lines = "".join(f"  {text!r}\n" for text in untranslated)
        sys.stderr.write(f"add the Spanish of these to dashboards/spanish.py or spanish_details.py:\n{lines}")
        return 1
    behind = []
    for path, text in render().items():
        file = arguments.to / path
        if file.is_file() and file.read_text(encoding="utf-8") == text:
            continue
        behind.append(str(path))
        if not arguments.check:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
    if arguments.check and behind:
        sys.stderr.write(f"not current, run 'make dashboards': {', '.join(behind)}\n")
    return 1 if arguments.check and behind else 0


if __name__ == "__main__":
    sys.exit(main())
