"""The glossary: whole in every language, and its colours are told apart by everybody."""

import math
from itertools import combinations
from pathlib import Path

import pytest

from dashboards.spanish import GLOSSARY, TEXTS
from exporter.glossary import LANGUAGES, Term, term, terms
from exporter.judgement import CampaignState, Finding, Reason
from exporter.status import OperationCondition
from support.colors import SIGHTS, contrast, lab

ROOT = Path(__file__).resolve().parents[1]
ALL = {f"{kind}.{name}": one for kind, entries in terms().items() for name, one in entries.items()}


@pytest.mark.parametrize("sight", SIGHTS)
def test_any_two_states_look_different(sight: str) -> None:
    colors = {state: state.color for state in CampaignState if state.color}
    assert set(CampaignState) - colors.keys() == {CampaignState.UNKNOWN}
    for one, other in combinations(colors, 2):
        assert math.dist(lab(colors[one], sight), lab(colors[other], sight)) >= 18, (one, other)


def test_white_text_can_be_read_on_every_colour() -> None:
    for name, one in ALL.items():
        if one.color:
            assert contrast("#FFFFFF", one.color) >= 4.5, name


@pytest.mark.parametrize("name", ALL)
def test_a_term_is_whole_in_every_language(name: str) -> None:
    for texts in (ALL[name].words, ALL[name].means, ALL[name].do):
        assert set(texts) in ({*LANGUAGES}, set())
        assert all(text.strip() == text != "" for text in texts.values())
    assert ALL[name].words
    assert all(text.endswith(".") for texts in (ALL[name].means, ALL[name].do) for text in texts.values())


def test_a_kind_has_no_word_twice() -> None:
    for kind, entries in terms().items():
        for code in LANGUAGES:
            words = [one.words[code] for one in entries.values()]
            assert len(set(words)) == len(words), (kind, code)


def test_an_english_word_has_one_spanish_word() -> None:
    found: dict[str, set[str]] = {}
    for one in ALL.values():
        found.setdefault(one.words["en"], set()).add(one.words["es"])
    assert {word for word, spanish in found.items() if len(spanish) > 1} == set()


def test_what_the_code_knows_is_what_the_glossary_has() -> None:
    kinds = {"state": CampaignState, "reason": Reason, "finding": Finding, "condition": OperationCondition}
    for kind, values in kinds.items():
        assert set(terms()[kind]) == {one.value for one in values}


@pytest.mark.parametrize("name", [name for name, one in ALL.items() if one.runbook])
def test_a_runbook_is_there_in_both_languages(name: str) -> None:
    for folder in ("docs/runbooks", "docs/es/runbooks"):
        assert (ROOT / folder / f"{ALL[name].runbook}.md").is_file()


def test_an_unknown_term_is_an_error() -> None:
    with pytest.raises(KeyError):
        term("state", "asleep")
    assert isinstance(term("term", "campaign"), Term)


def test_dashboards_have_no_words_of_their_own_for_it() -> None:
    assert GLOSSARY.keys() & TEXTS.keys() == set()
