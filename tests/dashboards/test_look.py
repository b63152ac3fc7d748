"""The colours of lines and tiles can be seen and told apart by everybody."""

import math
from itertools import combinations

import pytest

from dashboards import look
from support.colors import SIGHTS, contrast, lab

PANELS = {"dark": "#181B1F", "light": "#FFFFFF"}
"""What Grafana draws on, by theme."""


@pytest.mark.parametrize("sight", SIGHTS)
def test_any_two_lines_look_different(sight: str) -> None:
    for one, other in combinations(look.LINES, 2):
        assert math.dist(lab(one, sight), lab(other, sight)) >= 25, (one, other)


@pytest.mark.parametrize("theme", PANELS)
def test_a_line_is_seen_on_both_themes(theme: str) -> None:
    for color in look.LINES:
        assert contrast(color, PANELS[theme]) >= 3, color


def test_white_text_can_be_read_on_tiles_and_cells() -> None:
    words = (
        look.UP,
        look.YES_NO,
        look.STORE,
        look.RELOAD,
        look.SEVERITIES,
        look.POLLING,
        look.STATES,
        (look.WAITING,),
    )
    colors = {color for one in words for _, _, color in one} - {look.NONE}
    assert colors
    for color in colors | {look.GOOD, look.WARNING, look.CRITICAL, look.CELL}:
        assert contrast("#FFFFFF", color) >= 4.5, color
