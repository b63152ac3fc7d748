"""Families about an operation as a whole: its agents, skills, licences, findings and reasons."""

import re
from typing import Any

import pytest

from exporter.apis import BY_NAME
from exporter.config import ApiSettings, Config
from exporter.judgement import Reason
from exporter.metrics import Format
from exporter.schedules import LEY_2300, Schedule, Week, parse_window
from exporter.service import Service
from exporter.state import MemoryStore
from exporter.wolkvox import Answer, Cause, RequestFailed
from support.fakes import (
    FakeClock,
    FakeVendor,
    campaign_settings_row,
    campaigns_row,
    lines_of,
    make_operation,
)

ANY = (re.compile(".*"),)
IN_HOURS = Schedule(ANY, Week.of([parse_window("Mon-Fri 08:00-18:00")]), None)
LEY = Schedule(ANY, None, Week.of(LEY_2300.windows), preset=LEY_2300.name)
HAND_STOP = {"date": "2026-08-12 09:55:00", "action": "Predictive: stop campaign 4875", "user": "ficticio"}


class Floor:
    """A service that polls a vendor whose answers the test gives."""

    def __init__(self, **more: Any) -> None:
        self.clock = FakeClock()
        self.vendor = FakeVendor(self.clock)
        store = MemoryStore(lambda: self.clock.monotonic)
        config = Config((make_operation(**more),))
        self.service = Service(config, store, self.clock, client=lambda _operation: self.vendor)

    def poll(self, *apis: str, **answers: Any) -> "Floor":
        """Poll some APIs, or all; those whose answers are given have them from now on."""
        self.vendor.answers.update(answers)
        (poller,) = self.service.pollers
        for api in apis or answers or poller.operation.enabled():
            for _ in range(2 if BY_NAME[api].by_campaign else 1):
                assert poller.poll_now(api)
        return self

    def found(self, *families: str) -> dict[str, float]:
        """Return the samples of some families: labels but the operation's, and figure."""
        lines = lines_of(self.service.render(Format.TEXT), *families)
        pairs = (line.rpartition(" ") for line in lines)
        return {
            re.sub(r'^[^{]*\{operation="ventas",?|\}$', "", series): float(figure)
            for series, _, figure in pairs
        }


def test_agents_are_told_until_the_answer_is_over_age() -> None:
    floor = Floor().poll(agents=[{"agent_status": "Talk"}, {"agent_status": "Talk"}])
    nobody = {f'status="{one}"': 0.0 for one in ("ready", "acw", "auxiliary", "logout")}
    assert floor.found("wolkvox_agents") == {'status="talk"': 2, **nobody}
    floor.clock.advance(899)
    assert len(floor.found("wolkvox_agents")) == 5
    floor.clock.advance(1)
    assert floor.found("wolkvox_agents") == {}


@pytest.mark.parametrize(
    "answer",
    [[], Answer(0, 50, 404), [{"agent_status": None}], RequestFailed(Cause.TIMEOUT, "late", sent=True)],
)
def test_without_a_status_no_agent_is_told(answer: Any) -> None:
    assert Floor().poll(agents=answer).found("wolkvox_agents") == {}


def test_skills_are_told_each_by_itself() -> None:
    example = BY_NAME["skills"].example
    rows = [example, {**example, "skill_id": "4001", "skill_name": "SOPORTE", "service_level_20seg": "-"}]
    floor = Floor().poll(skills=rows)
    ventas, soporte = 'skill_id="4000",skill="VENTAS"', 'skill_id="4001",skill="SOPORTE"'
    for family, figure in (
        ("queued_calls", 2),
        ("inbound_calls", 120),
        ("answered_calls", 110),
        ("abandoned_calls", 10),
        ("abandoned_ratio", 0.0833),
    ):
        assert floor.found(f"wolkvox_skill_{family}") == {ventas: figure, soporte: figure}
    assert floor.found("wolkvox_skill_service_level_ratio") == {
        f'{ventas},within="10s"': 0.7,
        f'{ventas},within="20s"': 0.8649,
        f'{ventas},within="30s"': 0.9,
        f'{soporte},within="10s"': 0.7,
        f'{soporte},within="30s"': 0.9,
    }
    floor.poll(skills=[])
    assert floor.found("wolkvox_skill_queued_calls") == {}


def test_services_are_told() -> None:
    floor = Floor().poll(services=[{"licenses": "30", "customer_prot": "no"}])
    assert floor.found("wolkvox_licences", "wolkvox_customer_protection") == {"": 0.0}
    assert floor.found("wolkvox_licences") == {"": 30}
    floor.poll(services=[{"licenses": "0", "customer_prot": ""}])
    assert floor.found("wolkvox_licences", "wolkvox_customer_protection") == {}


def test_attempts_are_told_of_the_operation_and_of_campaigns() -> None:
    floor = Floor().poll("campaigns")
    floor.poll(campaign_results=[{"result": "ANSWER", "records": "9"}, {"result": "TOTAL", "records": "9"}])
    expected = {'result="answer"': 9.0, 'result="abandon"': 0.0}
    assert floor.found("wolkvox_operation_attempts") == expected
    campaign = 'campaign_id="4875",campaign="VENTAS",skill_id="4000",'
    assert floor.found("wolkvox_campaign_attempts") == {campaign + key: one for key, one in expected.items()}


def test_a_finding_is_1_0_or_not_there() -> None:
    floor = Floor(licences=25, schedules=(LEY,))
    floor.poll("campaigns")
    assert floor.found("wolkvox_operation_finding") == {}
    floor.poll(services=[{"licenses": "25", "customer_prot": "yes"}])
    kinds = ("licences_differ", "customer_protection_off")
    assert floor.found("wolkvox_operation_finding") == {f'finding="{kind}"': 0.0 for kind in kinds}
    floor.poll(services=[{"licenses": "30", "customer_prot": "no"}])
    assert floor.found("wolkvox_operation_finding") == {f'finding="{kind}"': 1.0 for kind in kinds}
    floor.clock.advance(3 * 86_400)
    assert floor.found("wolkvox_operation_finding") == {}


def test_more_predictives_than_the_limit_are_a_finding() -> None:
    floor = Floor(predictives_limit=1)
    rows = [campaigns_row(f"{number} - C", status="started") for number in (1, 2)]
    settings = [campaign_settings_row(campaign_id=str(number), type="predictive") for number in (1, 2)]
    assert floor.found("wolkvox_operation_predictives_limit") == {"": 1}
    floor.poll(campaign_settings=settings)
    floor.poll(campaigns=rows)
    assert floor.found("wolkvox_operation_started_predictives") == {"": 2}
    assert floor.found("wolkvox_operation_finding") == {'finding="predictives_over_limit"': 1}
    floor.poll(campaigns=[rows[0], {**rows[1], "status": "stopped"}])
    assert floor.found("wolkvox_operation_finding") == {'finding="predictives_over_limit"': 0}


def test_the_limit_of_abandonment_is_that_of_the_configuration() -> None:
    assert Floor().found("wolkvox_abandonment_limit_ratio") == {"": 0.03}
    assert Floor(abandonment_limit=0.05).found("wolkvox_abandonment_limit_ratio") == {"": 0.05}


def test_a_stop_by_hand_is_told_while_it_is_the_reason() -> None:
    families = ("wolkvox_campaign_reason", "wolkvox_campaign_stopped_by_hand_timestamp_seconds")
    floor = Floor(schedules=(IN_HOURS,))
    floor.poll("campaign_settings", "campaigns")
    floor.clock.advance(300)
    floor.poll(campaigns=[campaigns_row(status="stopped")], audit_log=[])
    campaign = 'campaign_id="4875",campaign="VENTAS",skill_id="4000"'
    named = floor.found(families[0])
    assert list(named.values()) == [1]
    assert 'reason="not_known"' in next(iter(named))
    assert floor.found(families[1]) == {}
    floor.poll(audit_log=[HAND_STOP | {"date": "2026-08-12 10:02:00"}])
    assert 'reason="stopped_by_hand"' in next(iter(floor.found(families[0])))
    assert list(floor.found(families[1]).values()) == [1_786_546_920]
    assert campaign.partition(",")[0] in next(iter(floor.found(families[1])))
    # A stop is true however old the answer is that tells it; and it ends when somebody starts it.
    floor.vendor.answers["audit_log"] = RequestFailed(Cause.TIMEOUT, "late", sent=True)
    for _ in range(6):
        floor.clock.advance(300)
        floor.poll("campaigns", "audit_log")
    assert 'reason="stopped_by_hand"' in next(iter(floor.found(families[0])))
    floor.clock.advance(300)
    floor.poll(campaigns=[campaigns_row(status="started")])
    assert floor.found(*families) == {}


def test_agents_of_an_answer_that_is_over_age_are_no_reason() -> None:
    row = campaigns_row(status="started", calls_x_min="0")
    floor = Floor(schedules=(IN_HOURS,))
    floor.poll(agents=[{"agent_status": "Logout"}], campaigns=[row])
    assert 'reason="no_agents"' in next(iter(floor.found("wolkvox_campaign_reason")))
    floor.clock.advance(895)
    floor.poll("campaigns")
    assert 'reason="no_agents"' in next(iter(floor.found("wolkvox_campaign_reason")))
    floor.clock.advance(5)
    assert 'reason="not_known"' in next(iter(floor.found("wolkvox_campaign_reason")))


@pytest.mark.parametrize("hour", range(24))
@pytest.mark.parametrize("status", ["started", "stopped"])
@pytest.mark.parametrize("calls", ["0", "12"])
def test_no_series_says_that_its_hours_are_why_a_campaign_does_not_dial(
    hour: int, status: str, calls: str
) -> None:
    both = Schedule(ANY, IN_HOURS.expected, Week.of(LEY_2300.windows), preset=LEY_2300.name)
    floor = Floor(schedules=(both,))
    floor.clock.advance(hour * 3600)
    floor.poll(campaigns=[campaigns_row(status=status, calls_x_min=calls)])
    said = "".join(floor.found("wolkvox_campaign_reason"))
    assert not {reason for reason in (Reason.FORBIDDEN_HOURS, Reason.NOT_EXPECTED) if reason.value in said}
    state = {key for key, figure in floor.found("wolkvox_campaign_state").items() if figure}
    wrong = any('"no_calls"' in one or '"stopped_in_hours"' in one for one in state)
    assert bool(said) == wrong


def test_an_api_that_is_off_has_no_series() -> None:
    off = {name: ApiSettings(False, 300.0, 900.0) for name in ("agents", "skills", "services", "audit_log")}
    floor = Floor(apis=off).poll()
    for family in ("wolkvox_agents", "wolkvox_skill_queued_calls", "wolkvox_licences"):
        assert floor.found(family) == {}
