"""Every campaign can be chosen in the drop-down of its dashboard, whatever its name."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.boards import variables


def choice(name: str, language: str = "en") -> tuple[str, str] | None:
    """Return text and value of the entry of a campaign 4877; None where Grafana leaves it out.

    Grafana applies the expression to the sample as a text, in which it escapes nothing, and shows the value
    where there is no text.
    """
    board = {"en": "en/wolkvox-campaign", "es": "es/wolkvox-campaign-es"}[language]
    (pattern,) = (v["regex"] for v in variables(board) if v["name"] == "campaign")
    labels = ({"campaign": name} if name else {}) | {"campaign_id": "4877"}
    sample = "{" + ",".join(f'{label}="{value}"' for label, value in labels.items()) + "} 1 1754000000000"
    found = re.search(pattern.strip("/").replace("(?<", "(?P<"), sample)
    return (found["text"] or found["value"], found["value"]) if found else None


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(
    "name",
    [
        "VENTAS HOGAR",
        'ENCUESTA "Satisfacción" (piloto)',
        'a", campaign_id="1',
        'campaign_id="1"',
        "COBRANZA, 30-60",
        "C:\\lista\\",
        "{x} = ~",
        "Base\r\nenero",
        "\u2028",
    ],
)
def test_a_campaign_is_shown_by_its_name(name: str, language: str) -> None:
    assert choice(name, language) == (name, "4877")


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_campaign_without_a_name_is_shown_by_its_id(language: str) -> None:
    assert choice("", language) == ("4877", "4877")


@given(st.text(min_size=1))
def test_no_name_hides_its_campaign(name: str) -> None:
    assert choice(name) == (name, "4877")
