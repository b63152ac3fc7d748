"""No alert fires where campaigns stop and start by the clock."""

from pathlib import Path

import pytest

from rules.silent_scenarios import OF_HOURS
from rules.trying import assert_silent
from support.promtool import Scenario

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("scenario", OF_HOURS, ids=lambda scenario: scenario.name)
def test_nothing_else_fires(scenario: Scenario, tmp_path: Path) -> None:
    assert_silent(scenario, tmp_path)
