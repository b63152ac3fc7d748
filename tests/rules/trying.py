"""Trying alerts on paper: promtool runs the bundled rules over scenarios, with gaps in the figures."""

from pathlib import Path

from rules.floor import GROUPS, RULES
from support.promtool import Scenario, check, firing

ORDER = [group["name"] for group in GROUPS]
# What a gap is about to these is not a gap of the figures that they read.
WITHOUT_GAPS = {"WolkvoxExporterDown", "WolkvoxOperationBlind", "WolkvoxWatchdog"}
# It asks that wolkvox answers now, so that a failed scrape makes it wait anew, as it should.
WAIT_ANEW = {"WolkvoxCampaignGone"}


def with_gaps(scenario: Scenario) -> Scenario:
    """Return the scenario with a stale marker while it waits and a gap of six minutes while it fires.

    An alert that begins and ends on time all the same does so without gaps too. Where scrapes are minutes
    apart, or a gap is what the alert is about, the scenario stays as it is.
    """
    assert scenario.fires is not None
    if scenario.fires.alert in WITHOUT_GAPS | WAIT_ANEW or scenario.step > 1:
        return scenario
    first = scenario.fires.first
    once = scenario.with_gap("one scrape fails while it waits", first - 1, 1)
    return once.with_gap("then six minutes without the exporter", first + 6, 6)


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


def assert_fires(scenarios: list[Scenario], folder: Path) -> None:
    """Fail unless the alert of these scenarios fires, holds and resolves in each, whatever the gaps."""
    complaints = check(folder, RULES, ORDER, [with_gaps(scenario) for scenario in scenarios])
    assert not complaints, f"{complaints}\n{minutes(folder, scenarios)}"


def assert_silent(scenario: Scenario, folder: Path) -> None:
    """Fail if an alert fires that the scenario does not name."""
    complaints = check(folder, RULES, ORDER, [scenario])
    assert not complaints, f"{complaints}\n{minutes(folder, [scenario])}"
