"""The committed dashboards are what the code makes, in both languages from one source."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from dashboards import __main__ as command
from dashboards.__main__ import FOLDER, PLANS, main, render, texts
from dashboards.language import ENGLISH
from dashboards.spanish import SPANISH
from support.boards import board


def test_the_committed_files_are_current() -> None:
    behind = [
        str(path)
        for path, text in render().items()
        if not (FOLDER / path).is_file() or (FOLDER / path).read_text(encoding="utf-8") != text
    ]
    assert behind == [], "run `make dashboards`"


def test_no_other_file_is_there() -> None:
    assert {path.relative_to(FOLDER) for path in FOLDER.rglob("*.json")} == set(render())


def test_the_check_tells_what_is_behind(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--to", str(tmp_path)]) == 0
    assert main(["--check", "--to", str(tmp_path)]) == 0
    (tmp_path / "es" / "wolkvox-floor-es.json").write_text("{}")
    assert main(["--check", "--to", str(tmp_path)]) == 1
    assert "es/wolkvox-floor-es.json" in capsys.readouterr().err
    assert (tmp_path / "es" / "wolkvox-floor-es.json").read_text() == "{}"


def test_the_command_runs_as_make_runs_it(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "dashboards", "--to", str(tmp_path)]
    subprocess.run(command, cwd=FOLDER.parents[1], check=True, capture_output=True, timeout=60)
    assert len(list(tmp_path.rglob("*.json"))) == 2 * len(PLANS)


def test_every_text_has_a_spanish_twin_and_no_twin_is_left_over() -> None:
    assert texts() - SPANISH.keys() == set(), "add them to dashboards/spanish.py or spanish_details.py"
    assert SPANISH.keys() - texts() == set(), "nothing shows them: take them out of dashboards/spanish*.py"


def test_texts_without_spanish_are_named_all_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    known = {english: spanish for english, spanish in SPANISH.items() if english not in {"Live", "Severity"}}
    monkeypatch.setattr(command, "SPANISH", known)
    assert main(["--to", str(tmp_path)]) == 1
    assert capsys.readouterr().err.splitlines()[1:] == ["  'Live'", "  'Severity'"]
    assert list(tmp_path.iterdir()) == []


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
    assert ENGLISH("Calls a minute") == "Calls a minute"
