"""The bundled rules load, and what is told of them is true: Debian's promtool says so."""

import subprocess
from pathlib import Path

import pytest

from rules import exporter_scenarios, result_scenarios
from rules.floor import RULES
from rules.trying import ORDER
from support.programs import program
from support.promtool import Scenario, check

pytestmark = [pytest.mark.integration, pytest.mark.newer_servers]


def test_the_rules_load_and_nothing_is_said_twice() -> None:
    result = subprocess.run(
        [program("promtool"), "check", "rules", "--lint-fatal", *RULES],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_a_wrong_expectation_is_found(tmp_path: Path) -> None:
    wrong = Scenario("wrong", exporter_scenarios.SCENARIOS[0].series, minutes=90)
    assert "WolkvoxExporterDown" in check(tmp_path, RULES, ORDER, [wrong])


def test_one_operation_can_have_a_threshold_of_its_own(tmp_path: Path) -> None:
    # As the head of wolkvox-thresholds.yml shows it.
    (scenario,) = [s for s in result_scenarios.SCENARIOS if s.name == "half of a campaign's dials fail"]
    files = []
    for path in RULES:
        text = path.read_text().replace(
            "expr: 0.25 * operation:wolkvox_polled:group",
            'expr: label_replace(vector(0.6), "operation", "ventas-bogota", "", "")'
            " or on (operation) 0.25 * operation:wolkvox_polled:group",
        )
        files.append(tmp_path / path.name)
        files[-1].write_text(text)
    silent = Scenario("a threshold of 60 %", scenario.series, scenario.minutes)
    assert check(tmp_path, files, ORDER, [silent]) == ""
