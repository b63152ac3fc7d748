"""A Spanish page and its English one lead to each other, and have the same commands and configurations."""

import re
from pathlib import Path

import pytest

from docs.test_docs import ROOT, Block, blocks, commands

BLOCKS = blocks("console", "sh", "bash", "shell", "yaml")
SPANISH = sorted((ROOT / "docs" / "es").rglob("*.md"))


def english(page: Path) -> Path:
    return ROOT / "docs" / page.relative_to(ROOT / "docs" / "es")


def wanted(page: Path) -> list[str]:
    """Return a page's commands and YAML without what is translated: comments and quoted words."""
    found = [text for block in BLOCKS if block.page == page for text in parts(block)]
    return [re.sub(r'"[^"]*"| *#.*', "", text) for text in found]


def parts(block: Block) -> list[str]:
    return [block.text] if block.kind == "yaml" else list(commands(block))


@pytest.mark.parametrize("page", SPANISH, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_spanish_page_has_the_commands_of_the_english_one(page: Path) -> None:
    assert [text for text in wanted(page) if text not in wanted(english(page))] == []


@pytest.mark.parametrize(
    "page", [page for page in SPANISH if page.parent.name == "es"], ids=lambda page: page.name
)
def test_each_leads_to_the_other(page: Path) -> None:
    twin = english(page)
    assert f"](../{twin.name})" in page.read_text()
    assert f"](es/{page.name})" in twin.read_text()
