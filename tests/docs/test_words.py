"""Pages call the states of a campaign by the glossary's words."""

import re

import pytest

from docs.test_docs import ROOT
from exporter.glossary import term, terms


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
