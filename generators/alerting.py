"""Makes docs/alerting.md with its table of alerts as prometheus/rules/ has it."""

import re
from collections.abc import Iterator
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "alerting.md"
# In the order of an incident: first whether anything is seen at all.
FILES = ("exporter", "campaign", "result")
HEAD = "| alert | severity | for | keeps firing for | says |\n|---|---|---|---|---|\n"


def rows() -> Iterator[str]:
    """Give the row of each alert."""
    for name in FILES:
        path = ROOT / "prometheus" / "rules" / f"wolkvox-{name}-alerts.yml"
        for group in yaml.safe_load(path.read_text())["groups"]:
            for rule in group["rules"]:
                alert, times = rule["alert"], (rule.get(key, "–") for key in ("for", "keep_firing_for"))  # noqa: RUF001  a dash for none
                cells = (f"[{alert}](runbooks/{alert}.md)", rule["labels"]["severity"], *times)
                yield f"| {' | '.join(cells)} | {rule['annotations']['summary']} |\n"


def render() -> str:
    """Return the page. Raises ValueError when it has no table of alerts."""
    page, tables = re.subn(
        rf"^{re.escape(HEAD)}(?:\|.*\n)*",
        lambda _: HEAD + "".join(rows()),
        PAGE.read_text(),
        flags=re.MULTILINE,
    )
    if tables != 1:
        raise ValueError(f"{PAGE.name} has {tables} tables of alerts, not one")
    return page
