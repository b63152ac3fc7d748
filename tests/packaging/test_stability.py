"""What users rely on does not vanish without a word: families with type and labels, keys of the file."""

import os
import re
from pathlib import Path

from exporter.metrics.table import FAMILIES
from support.programs import script

ROOT = Path(__file__).resolve().parents[2]
PROMISED = Path(__file__).with_name("promised.txt")


def families() -> set[str]:
    return {f"metric {f.name} {f.kind} {','.join(f.label_names)}".strip() for f in FAMILIES}


def keys() -> set[str]:
    configuration = script("configuration")
    return {f"key {row.split('`')[1]}" for row in configuration.rows(configuration.SCHEMA)}


def test_what_was_promised_is_there_or_its_end_is_announced() -> None:
    changes = re.findall(r"^- \[CHANGE\].*", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    gone = set(PROMISED.read_text().splitlines()) - families() - keys()
    unannounced = {line for line in gone if not any(f"`{line.split()[1]}`" in change for change in changes)}
    assert unannounced == set(), "name it in a [CHANGE] of CHANGELOG.md, and take it out of promised.txt"


def test_what_is_new_is_promised_too() -> None:
    promised = set(PROMISED.read_text().splitlines())
    new = sorted((families() | keys()) - promised)
    if os.environ.get("UPDATE_GOLDEN") == "1":
        PROMISED.write_text("".join(f"{line}\n" for line in sorted({*promised, *new})))
    else:
        assert new == [], "UPDATE_GOLDEN=1 make check adds these lines to promised.txt"
