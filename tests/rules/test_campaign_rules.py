"""Every alert about campaigns fires, holds and resolves as it should."""

from pathlib import Path

import pytest

from rules.campaign_scenarios import SCENARIOS
from rules.trying import assert_fires, of_alerts

pytestmark = [pytest.mark.integration, pytest.mark.newer_servers]

CASES = of_alerts(SCENARIOS)


@pytest.mark.parametrize("alert", CASES)
def test_it_fires_holds_and_resolves(alert: str, tmp_path: Path) -> None:
    assert_fires(CASES[alert], tmp_path)
