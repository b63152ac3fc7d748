"""The exporter alone judges campaigns: the dashboards show its states, in its words and colours."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import dashboards
from dashboards.queries import NUMBERS, POLLING_NUMBERS, URGENT
from exporter.glossary import term
from exporter.judgement import CampaignState, Finding, Reason
from support.boards import NAMES, expressions, panels

every_board = pytest.mark.parametrize("name", NAMES)

JUDGED_FROM = {
    "wolkvox_campaign_running": "whether it is started",
    "wolkvox_campaign_expected": "whether its schedule wants it",
    "wolkvox_campaign_permitted": "whether its schedule allows it",
    "wolkvox_campaign_state_confirmed_seconds": "for how long answers bear it out, which is for alerts",
}
"""What says nothing to people that the state does not say better."""

COMPARED = {
    ("wolkvox_campaign_state", "== 1"): "whether it is in a state",
    ("wolkvox_campaign_state", "> 0"): "how many skills have a running one",
    ("wolkvox_campaign_dialed_records", "> 0"): "nothing is divided by 0",
    ("wolkvox_campaign_outcome_records", "> 0"): "as the dialled records",
    ("wolkvox_campaign_clean_records", "< 0"): "a list that grew has no pace",
    ("wolkvox_campaign_attempts", "> 0"): "as the dialled records",
    ("wolkvox_campaign_clean_records", "> 0"): "a list that is used up cannot end",
    ("wolkvox_campaign_calls_per_minute", "> 0"): "whether calls are made, which several states leave open",
    ("wolkvox_campaign_recycles", "> max"): "a list that was recycled",
    **{
        ("wolkvox_campaign_state", f"== {NUMBERS[state]}"): "the most urgent state of a range"
        for state in URGENT
    },
}
"""The comparisons of figures of campaigns: the family on the left, and what is on the right."""

_COMPARISON = re.compile(r"(==|!=|<=|>=|<|>)(?: bool)?[ (]*([\d.]+|[a-z_]+)")


@every_board
def test_no_query_asks_for_what_a_state_is_judged_from(name: str) -> None:
    for expression in expressions(name):
        read = {metric for metric, _ in expression.selectors()}
        assert not read & JUDGED_FROM.keys(), expression.where


@every_board
def test_no_query_judges_by_figures(name: str) -> None:
    for expression in expressions(name):
        bare = re.sub(r"\{[^{}]*\}", "", expression.text)
        assert not re.search(r"\d\)* *[=!<>]", bare), "a number stands on the right"
        for found in _COMPARISON.finditer(bare):
            left = re.findall(r"\bwolkvox_campaign_[a-z_]+", bare[: found.start()])
            if left:
                assert (left[-1], f"{found[1]} {found[2]}") in COMPARED, expression.where


def looks(panel: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield what the values of a panel, or of a column of it, look like: value -> text, color."""
    config = panel["fieldConfig"]
    given = [config["defaults"].get("mappings", ())]
    given += [p["value"] for o in config["overrides"] for p in o["properties"] if p["id"] == "mappings"]
    for mappings in given:
        yield from (mapping["options"] for mapping in mappings if mapping["type"] == "value")


def states(language: str) -> dict[str, tuple[str, str]]:
    """Return text and colour by the number of each state."""
    return {
        str(number): (state.words[language], state.color or "transparent")
        for state, number in NUMBERS.items()
    }


def words(language: str) -> set[str]:
    """Return the words of states, reasons and findings."""
    return {one.words[language] for one in (*CampaignState, *Reason, *Finding)}


@every_board
def test_states_reasons_and_findings_have_the_words_and_colours_of_the_exporter(name: str) -> None:
    language = name.partition("/")[0]
    named = [{one.value: one.words[language] for one in kind} for kind in (Reason, Finding)]
    for panel in panels(name):
        for look in looks(panel):
            texts = {value: result["text"] for value, result in look.items()}
            if kind := [kind for kind in named if kind.keys() == texts.keys()]:
                assert [texts] == kind
            elif words(language) & set(texts.values()) and str(POLLING_NUMBERS + 1) not in look:
                shown = {value: (result["text"], result["color"]) for value, result in look.items()}
                assert shown == states(language), panel["title"]


@pytest.mark.parametrize(
    ("name", "count"), [("en/wolkvox-floor", 3), ("es/wolkvox-floor-es", 3), ("en/wolkvox-campaign", 2)]
)
def test_every_panel_of_states_has_them(name: str, count: int) -> None:
    language = name.partition("/")[0]
    numbered = [
        p
        for p in panels(name)
        if re.search(rf"\b{max(NUMBERS.values())} \* \(?wolkvox", str(p.get("targets", ())))
    ]
    assert len(numbered) == count
    for panel in numbered:
        shown = [{value: result["text"] for value, result in look.items()} for look in looks(panel)]
        urgent = "wolkvox_up" in str(panel["targets"])
        expected = {
            number: text
            for number, (text, _) in states(language).items()
            if not urgent or int(number) in {NUMBERS[state] for state in URGENT}
        }
        assert any(expected.items() <= texts.items() for texts in shown), panel["title"]


@pytest.mark.parametrize("name", ["en/wolkvox-floor", "es/wolkvox-floor-es"])
def test_what_to_attend_to_has_the_words_and_colours_of_the_exporter(name: str) -> None:
    language = name.partition("/")[0]
    (panel,) = [p for p in panels(name) if p["title"] in {"What to attend to now", "Qué atender ahora"}]
    (shown,) = [one for one in looks(panel) if str(max(NUMBERS.values())) in one]
    expected = {str(NUMBERS[state]): (state.words[language], state.color) for state in URGENT}
    for number, name_of_it in enumerate(
        ("live", "polls_failing", "old", "silent", "partly_silent"), POLLING_NUMBERS + 1
    ):
        trust = term("monitoring", name_of_it)
        expected[str(number)] = (trust.words[language], trust.color)
    waiting = term("condition", "waiting").words[language]
    expected[str(POLLING_NUMBERS + 6)] = (waiting, CampaignState.STOPPED_AS_PLANNED.color)
    assert {number: (one["text"], one["color"]) for number, one in shown.items()} == expected


@pytest.mark.parametrize("name", ["en/wolkvox-floor", "es/wolkvox-floor-es"])
def test_the_tiles_count_the_states_that_need_somebody_in_their_order(name: str) -> None:
    counted = []
    for panel in panels(name):
        for target in panel.get("targets", ()) if panel["type"] == "stat" else ():
            (asked,) = re.findall(r'\bstate="([a-z_]+)"', target["expr"]) or (None,)
            if asked is None or asked == CampaignState.UNKNOWN:
                continue
            steps = [
                override["properties"][0]["value"]["steps"]
                for override in panel["fieldConfig"]["overrides"]
                if override["matcher"]["options"] == target["refId"]
            ]
            color = CampaignState(asked).color
            assert [[(s["value"], s["color"]) for s in one] for one in steps] == [
                [(None, "transparent"), (1, color)]
            ]
            counted.append(asked)
    assert counted == list(URGENT)


def test_words_and_colours_of_states_are_written_nowhere_else() -> None:
    judged = words("en") | words("es")
    judged |= {state.color for state in CampaignState}
    # These two are what every panel says of what is not known, too.
    judged -= {CampaignState.UNKNOWN.words["en"], CampaignState.UNKNOWN.color}
    for file in Path(dashboards.__path__[0]).glob("*.py"):
        literals = {n.value for n in ast.walk(ast.parse(file.read_text())) if isinstance(n, ast.Constant)}
        assert not {text for text in literals if isinstance(text, str)} & judged, file.name


def test_the_more_urgent_a_state_the_higher_its_number() -> None:
    assert list(NUMBERS) == sorted(CampaignState, key=lambda state: state.rank)
    assert list(NUMBERS.values()) == list(range(len(CampaignState), 0, -1))


def test_floor_and_campaign_say_why() -> None:
    for name in ("en/wolkvox-floor", "es/wolkvox-floor-es", "en/wolkvox-campaign", "es/wolkvox-campaign-es"):
        reasons = {reason.value: reason.words[name.partition("/")[0]] for reason in Reason}
        saying = [
            panel["title"]
            for panel in panels(name)
            if reasons in [{value: one["text"] for value, one in look.items()} for look in looks(panel)]
        ]
        assert len(saying) == (2 if "floor" in name else 1)
