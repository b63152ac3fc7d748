"""Texts can be read in light and in dark: contrasts by WCAG 2.1, at least 4.5 for text."""

import re
from itertools import product

import pytest

from exporter.judgement import CampaignState
from exporter.web.status import assets

CSS = assets.content("status.css").decode()
BLOCKS = re.findall(r"{([^{}]*--page:[^{}]*)}", CSS)
LIGHT, DARK, CHOSEN_DARK = (dict(re.findall(r"--([\w-]+): (#[0-9a-f]+)", block)) for block in BLOCKS)


def channels(colour: str) -> list[float]:
    digits = colour[1:]
    if len(digits) == 3:
        digits = "".join(2 * digit for digit in digits)
    return [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]


def luminance(colour: str) -> float:
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


PAIRS = [
    *product(("text", "muted", "link", "good", "warn", "bad"), ("panel", "page", "faint")),
    *((kind, f"{kind}-soft") for kind in ("good", "warn", "bad")),
    ("text", "calm-soft"),
    ("muted", "calm-soft"),
]


@pytest.mark.parametrize(("front", "back"), PAIRS)
def test_texts_stand_out(front: str, back: str) -> None:
    for colours in (LIGHT, DARK):
        assert contrast(colours[front], colours[back]) >= 4.5


def test_states_have_the_colours_of_the_glossary() -> None:
    for state in CampaignState:
        rule = f".is-{state}, .edge-{state} {{ --state: {state.color}; }}"
        assert (rule in CSS) == bool(state.color)
    # Nothing else gives a state a colour.
    told = {state.value for state in CampaignState if state.color}
    for heads, rule in re.findall(r"([^{}]+){([^{}]*)}", CSS):
        if set(re.findall(r"\.(?:is|edge)-(\w+)", heads)) & told:
            assert re.fullmatch(r"\s*--state: #[0-9A-F]{6};\s*", rule), heads


def test_lines_of_charts_stand_out() -> None:
    for colours in (LIGHT, DARK):
        assert contrast(colours["accent"], colours["panel"]) >= 3


def test_dark_is_dark_whoever_chooses_it() -> None:
    assert DARK == CHOSEN_DARK
    assert LIGHT.keys() >= DARK.keys()


def test_the_style_loads_nothing() -> None:
    assert "url(" not in CSS
    assert "@import" not in CSS
