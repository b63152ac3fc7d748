"""No alert fires where none should."""

from pathlib import Path

import pytest

from rules.floor import RULES
from rules.silent_scenarios import SCENARIOS
from rules.trying import ORDER, minutes
from support.promtool import Scenario, check

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_nothing_else_fires(scenario: Scenario, tmp_path: Path) -> None:
    complaints = check(tmp_path, RULES, ORDER, [scenario])
    assert not complaints, f"{complaints}\n{minutes(tmp_path, [scenario])}"
