"""The table of incidents: every alert can be rehearsed."""

import re

import pytest

from exporter.assets import rules
from exporter.simulator.actions import ACTIONS, CONDITIONS
from exporter.simulator.incidents import INCIDENTS, Incident

STAGED = [incident for incident in INCIDENTS.values() if not incident.by_hand]


def test_every_alert_has_its_incident() -> None:
    bundled = "".join(asset.content.decode() for asset in rules())
    alerts = set(re.findall(r"^ *- alert: (\w+)$", bundled, re.MULTILINE))
    rehearsed = {incident.alert for incident in INCIDENTS.values()}
    assert alerts - rehearsed == set(), "add their incidents to exporter/simulator/incidents.py"
    assert rehearsed - alerts == set(), "no rule in prometheus/rules/ has these alerts"


def test_an_incident_has_the_name_of_its_alert() -> None:
    for name, incident in INCIDENTS.items():
        assert incident.alert.removeprefix("Wolkvox").lower() == name.replace("-", "")


@pytest.mark.parametrize("incident", STAGED, ids=lambda incident: incident.name)
def test_what_can_be_staged_says_how_and_when_the_alert_follows(incident: Incident) -> None:
    assert incident.minutes > 0
    ways = (incident.steps, incident.fault, incident.calls, incident.condition)
    assert sum(map(bool, ways)) == 1, "it has one of steps, fault, calls and condition"
    done = {action for _, action in incident.steps} | set(incident.ends)
    assert done - set(ACTIONS) == set(), "add these to exporter/simulator/actions.py"
    assert {incident.condition} - {"", *CONDITIONS} == set(), "add it to exporter/simulator/actions.py"
    assert incident.minutes > max((minutes for minutes, _ in incident.steps), default=0)


def test_what_cannot_be_staged_says_what_to_do_instead() -> None:
    for incident in INCIDENTS.values():
        assert bool(incident.by_hand) == bool(incident.by_hand_spanish)
        if incident.by_hand:
            assert (incident.steps, incident.fault, incident.calls, incident.minutes) == ((), None, None, 0)
            assert not incident.condition
