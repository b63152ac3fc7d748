"""Every campaign and every skill can be chosen in the drop-down of its dashboard, whatever its name."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.boards import variables


def choice(name: str, subject: str = "campaign", language: str = "en") -> tuple[str, str] | None:
    """Return text and value of the entry of a campaign or skill 4877; None where Grafana leaves it out.

    Grafana applies the expression to the sample as a text, in which it escapes nothing, and shows the value
    where there is no text.
    """
    board = {"en": f"en/wolkvox-{subject}", "es": f"es/wolkvox-{subject}-es"}[language]
    (pattern,) = (v["regex"] for v in variables(board) if v["name"] == subject)
    labels = ({subject: name} if name else {}) | {f"{subject}_id": "4877"}
    sample = "{" + ",".join(f'{label}="{value}"' for label, value in labels.items()) + "} 1 1754000000000"
    found = re.search(pattern.strip("/").replace("(?<", "(?P<"), sample)
    return (found["text"] or found["value"], found["value"]) if found else None


both_subjects = pytest.mark.parametrize("subject", ["campaign", "skill"])
both_languages = pytest.mark.parametrize("language", ["en", "es"])


@both_subjects
@both_languages
@pytest.mark.parametrize(
    "name",
    [
        "VENTAS HOGAR",
        'ENCUESTA "Satisfacción" (piloto)',
        'a", campaign_id="1',
        'campaign_id="1"',
        'a", skill_id="1',
        'skill_id="1"',
        "COBRANZA, 30-60",
        "C:\\lista\\",
        "{x} = ~",
        "Base\r\nenero",
        "\u2028",
    ],
)
def test_it_is_shown_by_its_name(name: str, subject: str, language: str) -> None:
    assert choice(name, subject, language) == (name, "4877")


@both_subjects
@both_languages
def test_without_a_name_it_is_shown_by_its_id(subject: str, language: str) -> None:
    assert choice("", subject, language) == ("4877", "4877")


@both_subjects
@given(name=st.text(min_size=1))
def test_no_name_hides_it(subject: str, name: str) -> None:
    assert choice(name, subject) == (name, "4877")


@pytest.mark.parametrize("language", ["en", "es"])
def test_campaigns_without_a_skill_are_no_entry(language: str) -> None:
    board = {"en": "en/wolkvox-skill", "es": "es/wolkvox-skill-es"}[language]
    (pattern,) = (v["regex"] for v in variables(board) if v["name"] == "skill")
    assert not re.search(pattern.strip("/").replace("(?<", "(?P<"), "{} 1 1754000000000")
