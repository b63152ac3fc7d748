"""Who may ask: tokens, the day's quota, two at once, and calls that make no sense."""

import socket
from collections.abc import Callable
from functools import partial

import pytest
import requests

from exporter.simulator import Fault
from simulator.caller import HOUR, Caller, FakeClock, has, in_flight
from support.simulator import Simulator

QUOTA = "TOKEN LIMIT EXCEEDED"
AT_ONCE = "EXCEEDS THE LIMIT OF SIMULTANEOUS REQUESTS PER TOKEN (2)"


def refusal(answer: requests.Response) -> tuple[int, str]:
    """Status and message of a refusal, whose envelope says the same as its status."""
    content = answer.json()
    assert str(content["code"]) == str(answer.status_code)
    assert content["error"]
    assert "data" not in content
    return answer.status_code, content["msg"]


def test_without_a_token_nothing_is_told(simulator: Simulator) -> None:
    with requests.Session() as session:
        session.trust_env = False
        answer = session.get(f"{simulator.url}/api/v2/real_time.php?api=campaigns", timeout=20)
    assert refusal(answer) == (401, "PLEASE ENTER THE WOLKVOX-TOKEN")


def test_an_unknown_token_is_refused(simulator: Simulator) -> None:
    wrong = Caller(simulator, simulator.operations[0], token="sim-token-nobody")
    assert refusal(wrong.real_time()) == (403, "PLEASE VALIDATE TOKEN")
    assert simulator.used_today("ventas-bogota") == 0


@pytest.mark.parametrize("file", ["real_time", "information", "reports_manager", "nothing"])
def test_an_unknown_api_is_refused(bogota: Caller, file: str) -> None:
    assert refusal(bogota.call(file, api="none")) == (400, "THE API YOU WANT TO CONSULT DOES NOT EXIST")


@pytest.mark.parametrize(
    "query",
    [
        {"campaign_id": "4875", "date_ini": "20260812000000"},
        {"campaign_id": "", "date_ini": "20260812000000", "date_end": "20260812235959"},
        {"date_ini": "20260812000000", "date_end": "20260812235959"},
    ],
)
def test_missing_parameters_are_refused(bogota: Caller, query: dict[str, str]) -> None:
    answer = bogota.call("reports_manager", api="campaign_8", **query)
    assert refusal(answer) == (400, "SOME PARAMETERS ARE REQUIRED")
    assert refusal(bogota.call("real_time")) == (400, "SOME PARAMETERS ARE REQUIRED")


@pytest.mark.parametrize(
    ("first", "last", "status"),
    [
        ("20260712235959", "20260812235959", 200),
        ("20260712235958", "20260812235959", 400),
        ("20260812000001", "20260812000000", 400),
        ("20260812", "20260813", 400),
        ("20261332000000", "20261332000000", 400),
        ("2026081200000x", "20260812235959", 400),
    ],
)
def test_a_range_has_31_days_at_most(bogota: Caller, first: str, last: str, status: int) -> None:
    assert bogota.codes("4875", first, last).status_code == status


def test_no_data_is_404_in_the_envelope(bogota: Caller, clock: FakeClock) -> None:
    clock.now += HOUR
    for campaign in ("1", "all' OR 1=1"):
        assert refusal(bogota.codes(campaign)) == (404, "Validate dates entered")
    assert refusal(bogota.codes(first="20260801000000", last="20260801235959"))[0] == 404


def test_no_data_is_said_as_it_was_seen(mexico: Caller) -> None:
    seen = '{\n    "code": "404",\n    "error": "Not Found",\n    "msg": "Validate dates entered"\n}'
    assert mexico.codes("1").text == seen


def test_an_operation_without_campaigns_is_404(simulator: Simulator, mexico: Caller) -> None:
    for control in simulator.campaigns("cobranza-mexico"):
        control.act("remove")
    assert refusal(mexico.real_time()) == refusal(mexico.information()) == (404, "Validate dates entered")


def test_tokens_of_an_operation_share_its_day(simulator: Simulator, bogota: Caller, mexico: Caller) -> None:
    simulator.set_used_today("ventas-bogota", 24_998)
    second = Caller(simulator, bogota.operation, bogota.operation.tokens[1])
    assert bogota.real_time().status_code == 200
    assert second.real_time().status_code == 200
    for caller in (bogota, second):
        assert refusal(caller.real_time()) == (403, QUOTA)
        assert refusal(caller.token_info()) == (403, QUOTA)
    assert simulator.used_today("ventas-bogota") == 25_000
    assert mexico.real_time().status_code == 200


def test_the_quota_is_back_after_local_midnight(
    simulator: Simulator, bogota: Caller, clock: FakeClock
) -> None:
    simulator.set_used_today("ventas-bogota", 25_000)
    clock.now += 13 * HOUR
    assert refusal(bogota.real_time()) == (403, QUOTA)
    clock.now += HOUR
    assert bogota.real_time().status_code == 200
    assert simulator.used_today("ventas-bogota") == 1


def test_refused_calls_cost_nothing(simulator: Simulator, bogota: Caller) -> None:
    bogota.call("real_time", api="none")
    bogota.call("reports_manager", api="campaign_8")
    assert simulator.used_today("ventas-bogota") == 0


def test_other_peoples_scripts_use_the_quota_too(start: Callable[..., Simulator]) -> None:
    simulator = start(licences=1, others_use_per_hour=90)
    caller = Caller(simulator, simulator.operations[0])
    (row,) = caller.rows(caller.token_info())
    # 10 hours since local midnight.
    assert (row["token_limit"], row["token_use_today"], row["all_token_today"]) == ("1000", "1", "901")


def test_a_third_request_at_once_is_refused(simulator: Simulator, bogota: Caller, mexico: Caller) -> None:
    simulator.faults.set(Fault("hang"), "ventas-bogota", "campaigns")
    with bogota.hanging(1):
        assert bogota.information().status_code == 200
    simulator.faults.set(Fault("hang"), "ventas-bogota", "campaigns")
    with bogota.hanging(2):
        assert refusal(bogota.information()) == (403, AT_ONCE)
        # Another token, and another operation, have their own count.
        second = Caller(simulator, bogota.operation, bogota.operation.tokens[1])
        assert second.information().status_code == 200
        assert mexico.information().status_code == 200
    assert bogota.information().status_code == 200
    assert simulator.max_in_flight(bogota.token) == 3
    assert simulator.max_in_flight(mexico.token) == 1


def test_who_hung_up_is_not_in_flight(simulator: Simulator, bogota: Caller) -> None:
    simulator.faults.set(Fault("hang", times=2))
    host, port = simulator.url.removeprefix("http://").split(":")
    for expected in (1, 2):
        with socket.create_connection((host, int(port)), timeout=20) as sock:
            target = "/api/v2/real_time.php?api=campaigns"
            sock.sendall(f"GET {target} HTTP/1.1\r\nwolkvox-token: {bogota.token}\r\n\r\n".encode())
            assert simulator.requests.wait_for(partial(has, expected), 20)
            assert simulator.requests.wait_for(lambda all_: in_flight(all_, bogota.token) >= 1, 20)
    assert bogota.real_time().status_code == 200
    assert max(record.in_flight for record in simulator.requests) <= 2


@pytest.mark.parametrize(("method", "status"), [("POST", 405), ("DELETE", 405)])
def test_only_get_is_known(simulator: Simulator, method: str, status: int) -> None:
    with requests.Session() as session:
        session.trust_env = False
        answer = session.request(method, f"{simulator.url}/api/v2/real_time.php?api=campaigns", timeout=20)
        assert answer.status_code == status
        assert session.get(f"{simulator.url}/elsewhere", timeout=20).status_code == 404


@pytest.mark.parametrize(
    "junk",
    [
        b"\r\n\r\n",
        b"GET\r\n\r\n",
        b"\x16\x03\x01\x02\x00\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    ],
)
def test_what_is_no_http_is_hung_up_on(simulator: Simulator, bogota: Caller, junk: bytes) -> None:
    host, port = simulator.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as sock:
        sock.sendall(junk)
        sock.shutdown(socket.SHUT_WR)
        assert sock.recv(100) == b""
    assert bogota.real_time().status_code == 200
