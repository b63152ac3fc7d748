"""What the documents say of the dashboards is so."""

import re
from pathlib import Path

import pytest

from support.boards import FILES, board

DOCS = Path(__file__).resolve().parents[2] / "docs"
DOCUMENTS = [DOCS / "dashboards.md", DOCS / "es" / "dashboards.md"]
UIDS = {file.stem for file in FILES}


@pytest.mark.parametrize("document", DOCUMENTS, ids=["en", "es"])
def test_every_dashboard_is_named_and_no_other(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    table = [line for line in text.splitlines() if line.startswith("| ")]
    assert set(re.findall(r"`(wolkvox-[a-z-]+)`", "\n".join(table))) == UIDS
    assert set(re.findall(r"/d/([a-z-]+)", text)) <= UIDS


@pytest.mark.parametrize("document", DOCUMENTS, ids=["en", "es"])
def test_links_and_pictures_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text(encoding="utf-8")):
        assert (document.parent / target).exists(), target


def test_words_are_those_of_the_tiles() -> None:
    for document, name in zip(DOCUMENTS, ["en/wolkvox-floor", "es/wolkvox-floor-es"], strict=True):
        shown = str(board(name))
        quoted = re.findall(r"(?<![*\w])\*([A-Z][^*\n]+)\*(?!\*)", document.read_text(encoding="utf-8"))
        words = {word for word in quoted if word.count(" ") < 3}
        assert len(words) >= 6
        for word in words - {"Skill at 16:31."}:
            assert word in shown, word


def test_pictures_are_small_and_all_in_use() -> None:
    texts = "".join(document.read_text(encoding="utf-8") for document in DOCUMENTS)
    used = set(re.findall(r"images/(dashboard-[a-z-]+\.png)", texts))
    pictures = list((DOCS / "images").glob("dashboard-*.png"))
    assert {picture.name for picture in pictures} == used
    assert all(picture.stat().st_size < 150_000 for picture in pictures)
