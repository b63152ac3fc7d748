"""Every switchable fault, over HTTP."""

import gzip
import json
import socket
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from itertools import pairwise

import pytest
import requests

from exporter.simulator.endpoints import ENDPOINTS
from simulator.caller import HOUR, STARTED, Caller, FakeClock
from support.mischief import Fault

Check = Callable[[Caller, Fault], None]
CHECKS: dict[str, tuple[Fault, Check]] = {}


def of_kind(kind: str, **more: object) -> Callable[[Check], Check]:
    """Register the check of a kind of fault."""

    def register(check: Check) -> Check:
        CHECKS[kind] = (Fault(kind, **more), check)  # type: ignore[arg-type]
        return check

    return register


def exchange(caller: Caller, limit: float = 20) -> list[tuple[float, bytes]]:
    """Ask on a bare socket and return what came, and when, to the end of the connection."""
    host, port = caller.simulator.url.removeprefix("http://").split(":")
    received = []
    with socket.create_connection((host, int(port)), timeout=limit) as sock:
        lines = [
            "GET /api/v2/real_time.php?api=campaigns HTTP/1.1",
            f"wolkvox-token: {caller.token}",
            "Connection: close",
        ]
        sock.sendall("\r\n".join([*lines, "", ""]).encode())
        while data := sock.recv(65536):
            received.append((time.monotonic(), data))
    return received


def good(caller: Caller) -> None:
    assert len(caller.rows(caller.real_time())) >= 6


def dated(answer: requests.Response) -> float:
    """Return the Unix time of an answer's header Date."""
    return parsedate_to_datetime(answer.headers["Date"]).timestamp()


@of_kind("http_status", status=503, body="")
def _(caller: Caller, _fault: Fault) -> None:
    answer = caller.real_time()
    assert (answer.status_code, answer.content) == (503, b"")


@of_kind("html_200")
def _(caller: Caller, _fault: Fault) -> None:
    answer = caller.real_time()
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert answer.text.startswith("<!DOCTYPE html>")


@of_kind("not_json")
def _(caller: Caller, _fault: Fault) -> None:
    answer = caller.real_time()
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json; charset=utf-8")
    with pytest.raises(json.JSONDecodeError):
        answer.json()


@of_kind("truncated_json")
def _(caller: Caller, _fault: Fault) -> None:
    answer = caller.real_time()
    assert answer.content.startswith(b'[{"campaign"')
    with pytest.raises(json.JSONDecodeError):
        answer.json()


@of_kind("wrong_shape")
def _(caller: Caller, _fault: Fault) -> None:
    assert caller.real_time().json() == {"data": {"a": 1}}


@of_kind("redirect", status=307)
def _(caller: Caller, fault: Fault) -> None:
    answer = caller.real_time()
    assert (answer.status_code, answer.headers["Location"]) == (307, fault.location)


@of_kind("hang")
def _(caller: Caller, _fault: Fault) -> None:
    with caller.hanging(1):
        (record,) = caller.simulator.requests
        assert (record.fault, record.status, record.ended) == ("hang", 200, None)
    assert caller.simulator.requests[0].ended is not None


@of_kind("drip_header", seconds=0.001)
def _(caller: Caller, _fault: Fault) -> None:
    received = b"".join(data for _, data in exchange(caller))
    head, _, body = received.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert body.endswith(b"0\r\n\r\n")


@of_kind("drip_body", seconds=0.0001)
def _(caller: Caller, _fault: Fault) -> None:
    received = exchange(caller)
    assert len(received) > 5  # a loaded machine joins drops
    assert b"".join(data for _, data in received).endswith(b"0\r\n\r\n")


@of_kind("reset")
def _(caller: Caller, _fault: Fault) -> None:
    with pytest.raises(ConnectionResetError):
        exchange(caller)


@of_kind("close_early")
def _(caller: Caller, _fault: Fault) -> None:
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.exceptions.ConnectionError)):
        caller.real_time()


@of_kind("slow", seconds=0.2)
def _(caller: Caller, _fault: Fault) -> None:
    begin = time.monotonic()
    good(caller)
    assert time.monotonic() - begin >= 0.2


@of_kind("new_format")
def _(caller: Caller, _fault: Fault) -> None:
    rows = caller.rows(caller.real_time())
    assert all(row["speed"].startswith("about ") for row in rows)
    assert all(row["status"] in {"started", "stopped"} for row in rows)


@of_kind("clock", seconds=-600)
def _(caller: Caller, fault: Fault) -> None:
    good(caller)
    assert dated(caller.real_time()) - STARTED == fault.seconds


@of_kind("gzip_bomb", megabytes=3)
def _(caller: Caller, _fault: Fault) -> None:
    raw = b"".join(data for _, data in exchange(caller))
    assert b"Content-Encoding: gzip" in raw
    assert len(raw) < 10_000
    answer = caller.real_time()
    assert len(answer.content) == 3_000_000
    assert answer.json() == []


@of_kind("huge", megabytes=0.2)
def _(caller: Caller, _fault: Fault) -> None:
    answer = caller.real_time()
    assert 150_000 < len(answer.content) < 250_000
    rows = caller.rows(answer)
    assert len({row["campaign"].split(" - ")[0] for row in rows}) == len(rows) > 300


@of_kind("maintenance", msg="EN MANTENIMIENTO")
def _(caller: Caller, _fault: Fault) -> None:
    answer = caller.real_time()
    assert (answer.status_code, answer.json()["msg"]) == (403, "EN MANTENIMIENTO")


@of_kind("bad_token")
def _(caller: Caller, _fault: Fault) -> None:
    answer = caller.real_time()
    assert (answer.status_code, answer.json()["msg"]) == (403, "PLEASE VALIDATE TOKEN")


@of_kind("quota")
def _(caller: Caller, _fault: Fault) -> None:
    answer = caller.real_time()
    assert (answer.status_code, answer.json()["msg"]) == (403, "TOKEN LIMIT EXCEEDED")


@of_kind("concurrency")
def _(caller: Caller, _fault: Fault) -> None:
    answer = caller.real_time()
    assert answer.status_code == 403
    assert answer.json()["msg"] == "EXCEEDS THE LIMIT OF SIMULTANEOUS REQUESTS PER TOKEN (2)"


@of_kind("empty")
def _(caller: Caller, _fault: Fault) -> None:
    answer = caller.real_time()
    assert (answer.status_code, answer.json()["code"], answer.json()["error"]) == (404, "404", "Not Found")


@of_kind("garbage_values")
def _(caller: Caller, _fault: Fault) -> None:
    spoilt, sound, *_ = caller.rows(caller.real_time())
    assert spoilt["campaign"].startswith("4875 - ")
    assert not any(str(spoilt[name]).isdecimal() for name in ("records", "clean", "dial"))
    assert sound["records"].isdecimal()


@of_kind("rows", rows=[{"campaign": "1 - A"}, 7])
def _(caller: Caller, _fault: Fault) -> None:
    assert caller.real_time().json() == [{"campaign": "1 - A"}, 7]


@of_kind("invalid_utf8")
def _(caller: Caller, _fault: Fault) -> None:
    content = caller.real_time().content
    with pytest.raises(UnicodeDecodeError):
        content.decode()
    assert json.loads(content.decode("utf-8", "replace"))


@of_kind("bom")
def _(caller: Caller, _fault: Fault) -> None:
    content = caller.real_time().content
    assert content.startswith(b"\xef\xbb\xbf[")
    assert json.loads(content.decode("utf-8-sig"))


def test_every_kind_has_a_check() -> None:
    assert set(CHECKS) == set(Fault.kinds)


@pytest.mark.parametrize("kind", list(Fault.kinds))
def test_fault(bogota: Caller, kind: str) -> None:
    fault, check = CHECKS[kind]
    active = bogota.simulator.faults.set(fault)
    check(bogota, fault)
    assert active.used >= 1
    bogota.simulator.faults.clear()
    good(bogota)


@pytest.mark.parametrize("kind", sorted(Fault.refusals))
def test_refusals_cost_nothing(bogota: Caller, kind: str) -> None:
    bogota.simulator.faults.set(Fault(kind))
    bogota.real_time()
    assert bogota.simulator.used_today("ventas-bogota") == 0


@pytest.mark.parametrize("kind", [None, "http_status", "empty", "bad_token", "redirect", "html_200"])
def test_answers_carry_the_date_of_the_simulators_clock(
    bogota: Caller, clock: FakeClock, kind: str | None
) -> None:
    clock.now += HOUR
    if kind:
        bogota.simulator.faults.set(Fault(kind))
    assert dated(bogota.real_time()) == STARTED + HOUR


def test_what_is_no_call_of_the_api_is_dated_too(bogota: Caller) -> None:
    for method, path in (("GET", "/"), ("POST", "/api/v2/real_time.php?api=campaigns")):
        answer = requests.request(method, f"{bogota.simulator.url}{path}", timeout=20)
        assert dated(answer) == STARTED


def test_a_fault_can_be_for_one_operation_and_api(bogota: Caller, mexico: Caller) -> None:
    bogota.simulator.faults.set(Fault("http_status"), "ventas-bogota", "campaign_settings")
    assert bogota.information().status_code == 503
    good(bogota)
    assert mexico.information().status_code == 200


CALLS: dict[str, Callable[[Caller], requests.Response]] = {
    "campaigns": Caller.real_time,
    "campaign_settings": Caller.information,
    "token_info": Caller.token_info,
    "services": Caller.services,
    "skills": Caller.skills,
    "agents": Caller.agents,
    "campaign_results": Caller.results,
    "machine_codes": Caller.codes,
    "audit_log": Caller.audit_log,
}


def test_all_apis_that_are_polled_are_called_here() -> None:
    assert set(CALLS) == {one.name for one in ENDPOINTS} - {"find_record", "codify"}


@pytest.mark.parametrize("api", CALLS)
def test_a_fault_can_be_for_each_api(bogota: Caller, api: str) -> None:
    faults = bogota.simulator.faults
    faults.set(Fault("http_status"), "ventas-bogota", api)
    assert {name for name, call in CALLS.items() if call(bogota).status_code == 503} == {api}
    faults.clear()
    faults.set(Fault("empty"), api=api)
    assert CALLS[api](bogota).status_code == 404


@pytest.mark.parametrize("api", CALLS)
def test_each_api_can_have_a_new_format(mexico: Caller, api: str) -> None:
    before = mexico.rows(CALLS[api](mexico))
    mexico.simulator.faults.set(Fault("new_format"), api=api)
    after = mexico.rows(CALLS[api](mexico))
    changed = {
        (name, new[name] == f"about {old[name]}")
        for old, new in zip(before, after, strict=False)
        for name in old
        if old[name] != new[name] and name not in {"token_use_today", "all_token_today"}
    }
    assert len(changed - {("available_consumption_options", False)}) == 1
    assert all(right for name, right in changed if name != "available_consumption_options")


def test_a_fault_ends_after_its_times_and_the_last_one_set_comes_first(bogota: Caller) -> None:
    bogota.simulator.faults.set(Fault("http_status", status=500))
    bogota.simulator.faults.set(Fault("http_status", status=502, times=2))
    statuses = [bogota.real_time().status_code for _ in range(3)]
    assert statuses == [502, 502, 500]


def test_one_fault_can_be_cleared(bogota: Caller) -> None:
    book = bogota.simulator.faults
    first, second = book.set(Fault("quota")), book.set(Fault("empty"))
    assert book.clear(second.number) == 1
    assert book.active() == [first]
    assert book.clear(99) == 0


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "no_such_kind"},
        {"kind": "hang", "times": 0},
        {"kind": "hang", "colour": "red"},
        {},
        {"kind": ["hang"]},
        {"kind": "hang", "times": "2"},
        {"kind": "slow", "seconds": -1},
        {"kind": "slow", "seconds": float("inf")},
        {"kind": "clock", "seconds": float("nan")},
        {"kind": "clock", "seconds": -1e9},
        {"kind": "clock", "seconds": "600"},
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(body: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"kind|times|seconds|colour"):
        Fault.from_json(body)


def test_the_bomb_is_a_valid_gzip_stream(bogota: Caller) -> None:
    bogota.simulator.faults.set(Fault("gzip_bomb", megabytes=1))
    raw = b"".join(data for _, data in exchange(bogota))
    body = raw.partition(b"\r\n\r\n")[2]
    packed = b""
    while body:
        size, _, rest = body.partition(b"\r\n")
        packed, body = packed + rest[: int(size, 16)], rest[int(size, 16) + 2 :]
        if size == b"0":
            break
    assert len(gzip.decompress(packed)) == 1_000_000


def test_a_stop_ends_what_hangs(bogota: Caller) -> None:
    bogota.simulator.faults.set(Fault("hang"))
    with bogota.hanging(2):
        begin = time.monotonic()
        bogota.simulator.stop()
        assert time.monotonic() - begin < 10


def test_the_log_is_in_order(bogota: Caller) -> None:
    for _ in range(5):
        bogota.real_time()
    log = bogota.simulator.requests.all("ventas-bogota", "campaigns")
    assert len(log) == 5
    assert all(a.ended is not None and a.ended <= b.started for a, b in pairwise(log))
    assert {record.in_flight for record in log} == {1}
