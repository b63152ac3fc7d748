"""Pages, dashboards and texts name things by the glossary's words."""

import json
import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

from docs.test_docs import ROOT
from exporter.glossary import term, terms
from rules.floor import GROUPS

OLD = {
    r"\bLimpios\b|[Rr]egistros limpios": term("term", "records_left").words["es"],
    r"[Bb]ase por marcar": term("term", "records_left").words["es"],
    r"Se desconoce|Sin cifras": term("state", "unknown").words["es"],
    r"[Ee]xportador (?:está )?mudo": term("monitoring", "silent").words["es"],
    r"[Pp]arte muda": term("monitoring", "partly_silent").words["es"],
    r"[Mm]ezcla de resultados": "Distribución de resultados",
    r"Cuándo engaña": "Cuándo puede ser falsa alarma",
}
"""Spanish names that a thing must not have, and the word to write in their place."""


def texts(tree: Any) -> Iterator[str]:
    """Give each text of a tree of JSON or TOML."""
    if isinstance(tree, str):
        yield tree
    elif isinstance(tree, dict | list):
        for part in tree.values() if isinstance(tree, dict) else tree:
            yield from texts(part)


def spanish() -> Iterator[tuple[str, str]]:
    """Give the Spanish that people read, each text with its place."""
    for page in [ROOT / "README.es.md", *sorted((ROOT / "docs" / "es").rglob("*.md"))]:
        yield page.relative_to(ROOT).as_posix(), page.read_text()
    for board in sorted((ROOT / "grafana" / "dashboards").rglob("*.json")):
        tree = json.loads(board.read_text())
        if tree["uid"].endswith("-es"):
            yield board.name, "\n".join(texts(tree))
    page_texts = ROOT / "exporter" / "web" / "status" / "texts" / "es.toml"
    yield page_texts.name, "\n".join(texts(tomllib.loads(page_texts.read_text())))
    for group in GROUPS:
        for rule in group["rules"]:
            said = rule.get("annotations", {})
            yield rule.get("alert", ""), "\n".join(said[key] for key in said if key.endswith("_es"))


@pytest.mark.parametrize("old", OLD)
def test_spanish_has_no_old_names(old: str) -> None:
    found = {place for place, text in spanish() if re.search(old, text)}
    assert found == set(), f"write {OLD[old]!r}"


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_state_in_a_page_has_its_word(language: str) -> None:
    folder = ROOT / "docs" if language == "en" else ROOT / "docs" / "es"
    pages = [*folder.glob("*.md"), *(folder / "runbooks").glob("*.md")]
    wrong = {
        (page.name, word, state)
        for page in pages
        for word, state in re.findall(r'"([^"\n]+)"\s+\(`(\w+)`\)', page.read_text())
        if state in terms()["state"] and word != term("state", state).words[language]
    }
    assert wrong == set()
