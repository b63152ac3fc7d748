"""The committed dashboards are what the code makes, in both languages from one source."""

import re

import pytest

from dashboards import render as command
from dashboards.language import ENGLISH
from dashboards.render import FOLDER, PLANS, render, texts, untranslated
from dashboards.spanish import SPANISH, TEXTS
from support.boards import board


def test_no_other_file_is_there() -> None:
    assert {path.relative_to(FOLDER) for path in FOLDER.rglob("*.json")} == set(render())


def test_every_text_has_a_spanish_twin_and_no_twin_is_left_over() -> None:
    assert texts() - SPANISH.keys() == set(), "add them to dashboards/spanish.py or spanish_details.py"
    assert TEXTS.keys() - texts() == set(), "nothing shows them: take them out of dashboards/spanish*.py"


def test_texts_without_spanish_are_named_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert untranslated() == ""
    known = {english: spanish for english, spanish in SPANISH.items() if english not in {"Live", "Severity"}}
    monkeypatch.setattr(command, "SPANISH", known)
    assert untranslated().splitlines()[1:] == ["  'Live'", "  'Severity'"]


def test_a_twin_keeps_what_is_markup() -> None:
    for english, spanish in SPANISH.items():
        for mark in ("**", "`", "\n\n", "%"):
            assert english.count(mark) == spanish.count(mark), english
        assert re.findall(r"\{\{[a-z_]+\}\}", english) == re.findall(r"\{\{[a-z_]+\}\}", spanish), english


def test_spanish_is_no_english_and_says_usted() -> None:
    tutear = re.compile(r"\b(tú|tienes|puedes|mira|revisa|haz|vosotros|ordenador)\b", re.IGNORECASE)
    for english, spanish in SPANISH.items():
        assert not tutear.search(spanish), spanish
        if len(english.split()) > 2 and not english.startswith("wolkvox /"):
            assert spanish != english


def test_both_languages_have_the_same_panels() -> None:
    for plan in PLANS:
        english, spanish = board(f"en/{plan.uid}"), board(f"es/{plan.uid}-es")
        assert [(p["id"], p["type"], p["gridPos"]) for p in english["panels"]] == [
            (p["id"], p["type"], p["gridPos"]) for p in spanish["panels"]
        ]
        assert [t["expr"] for p in english["panels"] for t in p.get("targets", ())] == [
            t["expr"] for p in spanish["panels"] for t in p.get("targets", ())
        ]


def test_english_is_written_where_it_is_used() -> None:
    assert ENGLISH("Calls per minute") == "Calls per minute"
