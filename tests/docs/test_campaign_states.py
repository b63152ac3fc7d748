"""docs/campaign-states.md, in both languages, has the table of exporter/judgement/ in its order and words."""

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from exporter.judgement import CampaignState, Reason
from exporter.metrics.judgement_families import FAMILIES

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = {"en": DOCS / "campaign-states.md", "es": DOCS / "es" / "campaign-states.md"}


def rows(code: str, names: Iterable[str]) -> list[list[str]]:
    """Return the rows of a page's tables that begin with one of these names."""
    found = re.findall(r"^\| `(\w+)` \| (.*) \|$", PAGES[code].read_text(), re.MULTILINE)
    return [[name, *cells.split(" | ")] for name, cells in found if name in set(names)]


@pytest.mark.parametrize("code", PAGES)
def test_states_and_reasons_stand_there_in_the_order_in_which_they_are_tried(code: str) -> None:
    # "list_used_up" is a state and a reason.
    found = rows(code, [*CampaignState, *Reason])
    states, reasons = found[: len(CampaignState)], found[len(CampaignState) :]
    assert [row[:3] for row in states] == [
        [state.value, state.words[code], str(state.rank + 1)] for state in CampaignState
    ]
    assert [row[:2] for row in reasons] == [[reason.value, reason.words[code]] for reason in Reason]


@pytest.mark.parametrize("code", PAGES)
def test_families_that_it_names_are_there(code: str) -> None:
    named = set(re.findall(r"wolkvox_(?:campaign|operation)_\w+", PAGES[code].read_text()))
    assert named - {"wolkvox_campaign_running"} <= {family.name for family in FAMILIES}


def test_the_family_names_the_page() -> None:
    (help_text,) = (family.help for family in FAMILIES if family.name == "wolkvox_campaign_state")
    assert "docs/campaign-states.md" in help_text
