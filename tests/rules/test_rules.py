"""Every alert fires, holds and resolves as it should: Debian's promtool runs the bundled rules."""

import subprocess
from pathlib import Path

import pytest

from rules import campaign_scenarios, exporter_scenarios, result_scenarios, silent_scenarios
from rules.floor import GROUPS, RULES
from support.programs import program
from support.promtool import Scenario, check, firing

pytestmark = pytest.mark.integration

ORDER = [group["name"] for group in GROUPS]
SCENARIOS = [*exporter_scenarios.SCENARIOS, *campaign_scenarios.SCENARIOS, *result_scenarios.SCENARIOS]
# What a gap is about to these is not a gap of the figures that they read.
WITHOUT_GAPS = {"WolkvoxExporterDown", "WolkvoxOperationBlind", "WolkvoxWatchdog"}
# It asks that wolkvox answers now, so that a failed scrape makes it wait anew, as it should.
WAIT_ANEW = {"WolkvoxCampaignGone"}


def variants(scenario: Scenario) -> list[Scenario]:
    """Return the scenario as it is, and with a stale marker while it waits and a gap of six minutes while it fires.

    Where scrapes are minutes apart, as it is.
    """
    assert scenario.fires is not None
    if scenario.fires.alert in WITHOUT_GAPS | WAIT_ANEW or scenario.step > 1:
        return [scenario]
    first = scenario.fires.first
    once = scenario.with_gap("one scrape fails while it waits", first - 1, 1)
    return [scenario, once.with_gap("then six minutes without the exporter", first + 6, 6)]


def of_alerts(scenarios: list[Scenario]) -> dict[str, list[Scenario]]:
    """Return the scenarios by the alert that fires in them; those of another step apart."""
    by_alert: dict[str, list[Scenario]] = {}
    for scenario in scenarios:
        assert scenario.fires is not None
        name = scenario.fires.alert if scenario.step == 1 else f"{scenario.fires.alert}-{scenario.step}m"
        by_alert.setdefault(name, []).append(scenario)
    return by_alert


def minutes(folder: Path, scenarios: list[Scenario]) -> str:
    """Return from which to which minute alerts fire in scenarios, to be held against what is expected there."""
    lines = (f"{scenario.name}: {firing(folder, RULES, ORDER, scenario)}" for scenario in scenarios)
    return "\n".join(("from which to which minute alerts fire:", *lines))


@pytest.mark.parametrize(("alert", "scenarios"), of_alerts(SCENARIOS).items(), ids=of_alerts(SCENARIOS))
def test_it_fires_holds_and_resolves(alert: str, scenarios: list[Scenario], tmp_path: Path) -> None:
    every = [variant for scenario in scenarios for variant in variants(scenario)]
    complaints = check(tmp_path, RULES, ORDER, every)
    assert not complaints, f"{alert}\n{complaints}\n{minutes(tmp_path, scenarios)}"


@pytest.mark.parametrize("scenario", silent_scenarios.SCENARIOS, ids=lambda scenario: scenario.name)
def test_nothing_else_fires(scenario: Scenario, tmp_path: Path) -> None:
    complaints = check(tmp_path, RULES, ORDER, [scenario])
    assert not complaints, f"{complaints}\n{minutes(tmp_path, [scenario])}"


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
