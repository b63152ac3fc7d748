"""The simulator's own interface, for tests in other processes."""

from typing import Any

import pytest
import requests

from exporter.simulator.actions import ACTIONS, CONDITIONS
from exporter.simulator.admin import _is_loopback
from exporter.simulator.incidents import INCIDENTS
from simulator.caller import Caller
from support.mischief import Fault
from support.simulator import Simulator


def ask(simulator: Simulator, method: str, name: str, body: object = None) -> tuple[int, Any]:
    with requests.Session() as session:
        session.trust_env = False
        answer = session.request(method, f"{simulator.url}/_simulator/{name}", json=body, timeout=20)
        return answer.status_code, answer.json()


def test_faults_can_be_set_and_cleared(simulator: Simulator, bogota: Caller) -> None:
    wanted = {"kind": "http_status", "status": 500, "operation": "ventas-bogota", "api": "campaigns"}
    status, fault = ask(simulator, "POST", "faults", wanted)
    assert (status, fault["id"], fault["kind"]) == (201, 1, "http_status")
    assert bogota.real_time().status_code == 500
    status, state = ask(simulator, "GET", "faults")
    assert [one["used"] for one in state["faults"]] == [1]
    assert state["kinds"] == dict(Fault.kinds)
    assert {"campaigns", "campaign_results", "skills", "agents", "services", "audit_log"} <= set(
        state["apis"]
    )
    assert ask(simulator, "DELETE", "faults?id=1") == (200, {"cleared": 1})
    assert bogota.real_time().status_code == 200


def test_requests_are_told_and_forgotten(simulator: Simulator, bogota: Caller) -> None:
    bogota.codes("4875")
    status, log = ask(simulator, "GET", "requests")
    (record,) = log["requests"]
    assert (status, record["api"], record["status"]) == (200, "machine_codes", 200)
    assert record["query"]["campaign_id"] == "4875"
    ask(simulator, "DELETE", "requests")
    assert ask(simulator, "GET", "requests") == (200, {"requests": []})
    assert ask(simulator, "GET", "state")[1]["max_in_flight"] == 0


@pytest.mark.parametrize(
    ("action", "field", "value"),
    [("stop", "started", False), ("start", "started", True), ("recycle", "recycled", 1)],
)
def test_campaigns_can_be_handled(simulator: Simulator, action: str, field: str, value: object) -> None:
    body = {"operation": "ventas-bogota", "campaign_id": "4877", "action": action}
    status, campaign = ask(simulator, "POST", "campaign", body)
    assert (status, campaign["campaign_id"], campaign[field]) == (200, "4877", value)


def test_all_campaigns_of_an_operation_can_be_handled_at_once(simulator: Simulator) -> None:
    body = {"operation": "ventas-bogota", "campaign_id": "all", "action": "stop"}
    status, answer = ask(simulator, "POST", "campaign", body)
    assert (status, len(answer["campaigns"])) == (200, 8)
    assert not any(one["started"] for one in answer["campaigns"])
    assert any(control.figures.started for control in simulator.campaigns("cobranza-mexico"))


def test_the_days_calls_can_be_set(simulator: Simulator, bogota: Caller) -> None:
    status, operation = ask(simulator, "POST", "calls", {"operation": "ventas-bogota", "calls": 24_999})
    assert (status, operation["used_today"]) == (200, 24_999)
    assert [bogota.real_time().status_code for _ in range(2)] == [200, 403]


def test_a_campaign_is_renamed_removed_and_restored(simulator: Simulator, bogota: Caller) -> None:
    def names() -> dict[str, str]:
        return {row["campaign_id"]: row["campaign_name"] for row in bogota.rows(bogota.information())}

    body = {"operation": "ventas-bogota", "campaign_id": "4877"}
    ask(simulator, "POST", "campaign", {**body, "action": "rename", "name": "OTRO 😀"})
    assert names()["4877"] == "OTRO 😀"
    ask(simulator, "POST", "campaign", {**body, "action": "remove"})
    assert "4877" not in names()
    ask(simulator, "POST", "campaign", {**body, "action": "restore"})
    assert names()["4877"] == "OTRO 😀"


def test_the_state_is_told(simulator: Simulator, bogota: Caller) -> None:
    bogota.real_time()
    status, state = ask(simulator, "GET", "state")
    first = state["operations"][0]
    assert status == 200
    assert (first["name"], first["limit"], first["used_today"]) == ("ventas-bogota", 25_000, 1)
    assert first["tokens"][bogota.token] == {"used_today": 1, "max_in_flight": 1}
    assert len(first["campaigns"]) == 7
    assert (set(state["actions"]), set(state["conditions"])) == (set(ACTIONS), set(CONDITIONS))


def test_incidents_are_listed_staged_and_ended(simulator: Simulator) -> None:
    status, told = ask(simulator, "GET", "stage")
    assert (status, set(told["incidents"]), told["staged"]) == (200, set(INCIDENTS), [])
    for incident in told["incidents"].values():
        assert incident["alert"].startswith("Wolkvox")
        assert incident["what"]
        assert incident.get("minutes") or incident["by_hand"]
    status, staged = ask(
        simulator, "POST", "stage?incident=campaign_stopped&operation=ventas-bogota&campaign=4876"
    )
    assert (status, staged["incident"], staged["campaigns"]) == (201, "campaign-stopped", ["4876"])
    assert ask(simulator, "GET", "stage")[1]["staged"] == [staged]
    assert not simulator.campaign("ventas-bogota", "4876").figures.started
    assert ask(simulator, "DELETE", "stage?incident=speed-zero") == (200, {"ended": []})
    assert ask(simulator, "DELETE", "stage") == (200, {"ended": [staged]})
    body = {"incident": "speed-zero", "campaign": "5878"}
    assert ask(simulator, "POST", "stage", body)[1]["operation"] == "cobranza-mexico"
    assert len(ask(simulator, "DELETE", "stage?operation=cobranza-mexico")[1]["ended"]) == 1
    assert simulator.campaign("ventas-bogota", "4876").figures.started


def test_conditions_of_an_operation_can_be_set_and_ended(simulator: Simulator, bogota: Caller) -> None:
    told = {"operation": "ventas-bogota", "condition": "agents_gone"}
    status, operation = ask(simulator, "POST", "condition", told)
    assert (status, operation["conditions"]) == (200, ["agents_gone"])
    assert operation["agents"]["Auxiliary"] == sum(operation["agents"].values()) > 20
    assert {row["agent_status"] for row in bogota.rows(bogota.agents())} == {"Auxiliary"}
    assert ask(simulator, "POST", "condition", {**told, "holds": False})[1]["conditions"] == []
    assert "Ready" in {row["agent_status"] for row in bogota.rows(bogota.agents())}


@pytest.mark.parametrize(
    ("method", "name", "body", "status"),
    [
        ("POST", "faults", {"kind": "none"}, 400),
        ("POST", "faults", [1], 400),
        ("POST", "faults", {"kind": "hang", "operation": 7}, 400),
        ("DELETE", "faults?id=x", None, 400),
        ("POST", "campaign", {"operation": "nobody", "campaign_id": "1", "action": "stop"}, 404),
        ("POST", "campaign", {"operation": "ventas-bogota", "campaign_id": "1", "action": "stop"}, 404),
        ("POST", "campaign", {"operation": "ventas-bogota", "campaign_id": "4875", "action": "fly"}, 400),
        ("POST", "campaign", {"operation": "ventas-bogota", "campaign_id": "4875", "action": "rename"}, 400),
        ("POST", "calls", {"operation": "ventas-bogota"}, 400),
        ("POST", "calls", {"operation": "ventas-bogota", "calls": -1}, 400),
        ("POST", "calls", {"operation": "nobody", "calls": 1}, 404),
        ("POST", "condition", {"operation": "nobody", "condition": "agents_gone"}, 404),
        ("POST", "condition", {"operation": "ventas-bogota", "condition": "no"}, 400),
        ("POST", "condition", {"operation": "ventas-bogota", "condition": "agents_gone", "holds": 1}, 400),
        ("POST", "faults", {"kind": "slow", "seconds": -1}, 400),
        ("POST", "stage", None, 400),
        ("POST", "stage", {"incident": 1}, 400),
        ("POST", "stage?incident=nothing", None, 400),
        ("POST", "stage?incident=exporter-down", None, 400),
        ("POST", "stage?incident=campaign-stopped&operation=nobody", None, 404),
        ("POST", "stage?incident=campaign-stopped&campaign=1", None, 404),
        ("DELETE", "stage?incident=nothing", None, 400),
        ("GET", "nothing", None, 404),
        ("PUT", "faults", {}, 404),
    ],
)
def test_what_makes_no_sense_is_refused(
    simulator: Simulator, method: str, name: str, body: object, status: int
) -> None:
    answered, content = ask(simulator, method, name, body)
    assert answered == status
    assert content["error"]


@pytest.mark.parametrize(
    ("peer", "expected"), [("127.0.0.1", True), ("::1", True), ("10.0.0.1", False), ("fe80::1%eth0", False)]
)
def test_only_this_machine_may_ask(peer: str, expected: bool) -> None:
    assert _is_loopback(peer) == expected
