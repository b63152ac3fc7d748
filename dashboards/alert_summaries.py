"""The alerts' names as people read them: the summaries of the rules in prometheus/rules/."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

RULES = Path(__file__).resolve().parents[1] / "prometheus" / "rules"


@cache
def summaries() -> Mapping[str, Mapping[str, str]]:
    """Return the summary of each alert by its name and language ("en", "es"), without the full stop.

    Of an alert that several rules raise, the first one's: a dashboard has one row for all of them.
    """
    found: dict[str, Mapping[str, str]] = {}
    for file in sorted(RULES.glob("*.yml")):
        groups = yaml.safe_load(file.read_text(encoding="utf-8"))["groups"]
        for rule in (rule for group in groups for rule in group["rules"] if "alert" in rule):
            texts = {"en": rule["annotations"]["summary"], "es": rule["annotations"]["summary_es"]}
            words = {code: text.strip().removesuffix(".") for code, text in texts.items()}
            found.setdefault(rule["alert"], words)
    return found
