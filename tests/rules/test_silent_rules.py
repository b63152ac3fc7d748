"""No alert fires where none should."""

from pathlib import Path

import pytest

from rules.silent_scenarios import OTHERS
from rules.trying import assert_silent
from support.promtool import Scenario

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("scenario", OTHERS, ids=lambda scenario: scenario.name)
def test_nothing_else_fires(scenario: Scenario, tmp_path: Path) -> None:
    assert_silent(scenario, tmp_path)
