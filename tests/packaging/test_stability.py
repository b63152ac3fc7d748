"""What users rely on does not vanish without a word: families with type and labels, keys of the file."""

import re
from pathlib import Path

from generators.promised import FILE, names

ROOT = Path(__file__).resolve().parents[2]


def test_what_was_promised_is_there_or_its_end_is_announced() -> None:
    changes = re.findall(r"^- \[CHANGE\].*", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    gone = set(FILE.read_text().splitlines()) - names()
    unannounced = {line for line in gone if not any(f"`{line.split()[1]}`" in change for change in changes)}
    assert unannounced == set(), "name it in a [CHANGE] of CHANGELOG.md, and take it out of promised.txt"
