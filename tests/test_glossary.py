"""The glossary: whole in every language, and its colours are told apart by everybody."""

import math
from itertools import combinations
from pathlib import Path

import pytest

from dashboards.spanish import GLOSSARY, TEXTS
from exporter.glossary import LANGUAGES, Term, term, terms
from exporter.judgement import CampaignState, Finding, Reason
from exporter.status import OperationCondition

ROOT = Path(__file__).resolve().parents[1]
ALL = {f"{kind}.{name}": one for kind, entries in terms().items() for name, one in entries.items()}

# How colours look without one kind of cone: Machado, Oliveira, Fernandes 2009, severity 1, on linear RGB.
SIGHTS = {
    "usual": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
# Linear sRGB to XYZ (IEC 61966-2-1), and its white.
TO_XYZ = (
    (0.4124564, 0.3575761, 0.1804375),
    (0.2126729, 0.7151522, 0.0721750),
    (0.0193339, 0.1191920, 0.9503041),
)
WHITE = (0.95047, 1.0, 1.08883)


def linear(color: str) -> list[float]:
    shares = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]


def times(matrix: tuple[tuple[float, ...], ...], vector: list[float]) -> list[float]:
    return [sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix]


def lab(color: str, sight: str) -> tuple[float, float, float]:
    """Return how a colour is seen, in CIELAB."""
    seen = [min(max(share, 0.0), 1.0) for share in times(SIGHTS[sight], linear(color))]
    x, y, z = (
        ratio ** (1 / 3) if ratio > 216 / 24389 else (24389 / 27 * ratio + 16) / 116
        for ratio in (value / white for value, white in zip(times(TO_XYZ, seen), WHITE, strict=True))
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@pytest.mark.parametrize("sight", SIGHTS)
def test_any_two_states_look_different(sight: str) -> None:
    colors = {state: state.color for state in CampaignState if state.color}
    assert set(CampaignState) - colors.keys() == {CampaignState.UNKNOWN}
    for one, other in combinations(colors, 2):
        assert math.dist(lab(colors[one], sight), lab(colors[other], sight)) >= 18, (one, other)


def test_white_text_can_be_read_on_every_colour() -> None:
    for name, one in ALL.items():
        if one.color:
            assert 1.05 / (times(TO_XYZ, linear(one.color))[1] + 0.05) >= 4.5, name


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
