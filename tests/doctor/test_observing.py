"""What is asked of wolkvox: little, in an order that helps, and nothing that must fail as well."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from exporter.apis import APIS, BY_NAME
from exporter.clock import Clock
from exporter.doctor import Observation, Observer, Recorder, examine, order
from exporter.operators.command_client import FIRST_PRIORITY, CommandClient
from exporter.state import MemoryStore
from exporter.traffic import Gate
from exporter.wolkvox import Cause, Client, RequestFailed
from support.fakes import FakeClock, campaigns_row, make_operation, telephone_row

_NAMES = {(api.path, api.vendor_name): api.name for api in APIS}


@dataclass
class _Answer:
    status: int
    body: bytes
    date: float | None = 1.0
    tls: str = "TLSv1.3"
    size: int = 0

    def chunks(self) -> Iterator[bytes]:
        yield self.body[:7]
        yield self.body[7:]


class _Stop:
    requested = False

    def wait(self, seconds: float) -> None:
        raise AssertionError(seconds)


class Scene:
    """A doctor's call by call, on a vendor that answers what the test has put in."""

    def __init__(self, **operation: Any) -> None:
        self.clock = FakeClock()
        self.operation = make_operation(**operation)
        self.asked: list[str] = []
        self.queries: dict[str, Mapping[str, str]] = {}
        self.answers: dict[str, object] = {api.name: [api.example] for api in APIS}
        self.answers["campaigns"] = [campaigns_row(dial="0"), campaigns_row("4876 - COBRO", dial="5")]
        self.answers["machine_codes"] = [telephone_row("3000000001", 1)]
        self.gate = Gate(MemoryStore(lambda: self.clock.monotonic), [self.operation], self.clock)
        self.look_up: Callable[[str, int], int] = lambda _host, _port: 2

    @contextmanager
    def carry(
        self, _method: str, url: str, query: Mapping[str, str], *_a: object, **_k: object
    ) -> Iterator[Any]:
        name = _NAMES[url.rpartition("/")[2], query["api"]]
        self.asked.append(name)
        self.queries[name] = query
        answer = self.answers[name]
        if isinstance(answer, Exception):
            raise answer
        self.clock.advance(0.5)
        yield answer if isinstance(answer, _Answer) else _Answer(200, json.dumps(answer).encode())

    def observe(self, state_problem: str = "", refused: str = "") -> Observation:
        clock: Clock = self.clock
        recorder = Recorder(self.operation.name, clock, self.carry)
        client = CommandClient(
            "ventas",
            vendor=Client(self.operation.base_url, exchange=recorder.exchange),
            token=_Token(),
            gate=self.gate,
            clock=clock,
            stop=_Stop(),
            state_shared=lambda: True,
            priority=FIRST_PRIORITY,
        )
        observer = Observer(
            self.operation,
            "operations[0]",
            client=client,
            recorder=recorder,
            gate=self.gate,
            clock=clock,
            look_up=self.look_up,
        )
        return observer.observe(state_problem, refused)


class _Token:
    text = "fake-token"

    def read_again(self) -> None:
        pass


def test_each_api_is_asked_once_the_meter_first() -> None:
    scene = Scene()
    seen = scene.observe()
    assert scene.asked == list(order(scene.operation))
    assert scene.asked[:2] == ["token_info", "campaigns"]
    assert sorted(scene.asked) == sorted(BY_NAME)
    assert [one.api for one in seen.exchanges] == scene.asked
    first = seen.exchanges[0]
    assert (first.operation, first.status, first.date, first.tls, first.seconds) == (
        "ventas",
        200,
        1.0,
        "TLSv1.3",
        0.5,
    )
    assert json.loads(first.body) == scene.answers["token_info"]


def test_reports_are_asked_for_the_operation_or_for_a_campaign_that_dialled() -> None:
    scene = Scene()
    scene.observe()
    assert scene.queries["campaign_results"]["campaign_id"] == "all"
    assert scene.queries["machine_codes"]["campaign_id"] == "4876"


def test_without_a_campaign_that_dialled_there_is_no_report_to_ask_for() -> None:
    scene = Scene()
    scene.answers["campaigns"] = [campaigns_row(dial="0")]
    seen = scene.observe()
    assert "machine_codes" not in scene.asked
    assert seen.facts.not_asked == {"machine_codes": "no campaign is known to have dialled today"}


@pytest.mark.parametrize("msg", ["PLEASE VALIDATE TOKEN", "TOKEN LIMIT EXCEEDED"])
def test_after_a_refusal_that_all_would_meet_nothing_is_asked(msg: str) -> None:
    scene = Scene()
    body = {"code": "403", "error": "Forbidden", "msg": msg}
    scene.answers["token_info"] = _Answer(403, json.dumps(body).encode())
    seen = scene.observe()
    assert scene.asked == ["token_info"]
    assert len(seen.facts.not_asked) == len(APIS) - 1
    assert all("after the failure of token_info" in why for why in seen.facts.not_asked.values())


def test_after_a_connection_that_is_not_made_nothing_is_asked() -> None:
    scene = Scene()
    scene.answers["token_info"] = RequestFailed(Cause.CONNECTION, "connecting timed out", hint="allow-list")
    seen = scene.observe()
    assert scene.asked == ["token_info"]
    (exchange,) = seen.exchanges
    assert exchange.failure is not None
    assert (exchange.status, exchange.failure.cause, exchange.failure.hint) == (
        None,
        Cause.CONNECTION,
        "allow-list",
    )


def test_after_an_answer_that_cannot_be_used_the_others_are_asked() -> None:
    scene = Scene()
    scene.answers["token_info"] = _Answer(503, b"<html>")
    scene.answers["campaigns"] = _Answer(200, b'[{"campaign": "4875 - X')
    seen = scene.observe()
    assert sorted(scene.asked) == sorted(set(BY_NAME) - {"machine_codes"})
    assert [one.status for one in seen.exchanges[:2]] == [503, 200]


@pytest.mark.parametrize(
    "answer",
    [
        _Answer(503, b"<html>"),
        _Answer(200, b"<html>"),
        _Answer(403, b'{"code": "403", "error": "Forbidden", "msg": "MAINTENANCE"}'),
        RequestFailed(Cause.TIMEOUT, "no complete answer within 60 seconds", sent=True),
        RequestFailed(Cause.CONNECTION, "the connection was reset", sent=True),
    ],
)
def test_after_two_calls_that_failed_alike_nothing_is_asked(answer: object) -> None:
    scene = Scene()
    scene.answers = dict.fromkeys(scene.answers, answer)
    seen = scene.observe()
    assert scene.asked == ["token_info", "campaigns"]
    whys = set(seen.facts.not_asked.values())
    assert whys == {"no more calls are made: token_info and campaigns have failed alike"}


@pytest.mark.parametrize("answer", [_Answer(503, b"<html>"), _Answer(200, b"<html>"), _Answer(200, b"[{")])
def test_after_an_api_that_works_each_other_one_is_asked(answer: object) -> None:
    scene = Scene()
    scene.answers = dict.fromkeys(scene.answers, answer) | {"token_info": scene.answers["token_info"]}
    scene.observe()
    assert sorted(scene.asked) == sorted(set(BY_NAME) - {"machine_codes"})


def test_after_a_redirect_nothing_is_asked() -> None:
    scene = Scene()
    scene.answers["token_info"] = _Answer(302, b"")
    scene.observe()
    assert scene.asked == ["token_info"]


def test_a_name_that_is_not_found_costs_no_call() -> None:
    scene = Scene()

    def fail(_host: str, _port: int) -> int:
        raise RequestFailed(Cause.CONNECTION, "the host name cannot be resolved")

    scene.look_up = fail
    seen = scene.observe()
    assert scene.asked == []
    assert seen.facts.lookup_failure == "the host name cannot be resolved"
    assert set(seen.facts.not_asked.values()) == {"its server was not found"}


def test_behind_a_proxy_no_name_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    scene = Scene()
    scene.look_up = lambda _host, _port: pytest.fail("looked up")
    assert scene.observe().facts.proxy


def test_beside_an_exporter_with_another_state_no_call_is_made() -> None:
    scene = Scene()
    seen = scene.observe("uses another state", "it may be calling")
    assert scene.asked == []
    assert seen.facts.state_problem == "uses another state"
    assert set(seen.facts.not_asked.values()) == {"it may be calling"}
    assert (seen.facts.used, seen.facts.limit) == ("", "25,000")


def test_a_count_that_is_not_the_exporters_is_not_told() -> None:
    scene = Scene()
    scene.answers["token_info"] = [{"token_limit": "25000", "all_token_today": "100"}]
    seen = scene.observe("the state store is unavailable")
    assert (seen.facts.used, seen.facts.own_count) == (f"{99 + len(APIS)}", "")


def test_calls_are_counted_and_stop_with_the_budget() -> None:
    scene = Scene(licences=1, quota_reserve=0.996)
    scene.answers["token_info"] = [{"description": "BI", "token_limit": "1000", "all_token_today": "1"}]
    scene.answers["services"] = []
    seen = scene.observe()
    assert len(scene.asked) == 4
    assert (seen.facts.used, seen.facts.limit, seen.facts.budget) == ("4", "1,000", "4")
    assert seen.facts.own_count == "1"
    assert all("budget" in why for why in seen.facts.not_asked.values())


def test_what_the_vendor_counts_holds_for_the_calls_after() -> None:
    scene = Scene()
    scene.answers["token_info"] = [{"token_limit": "25000", "all_token_today": "12500"}]
    seen = scene.observe()
    assert scene.asked == ["token_info"]
    assert seen.facts.used == "12,500"


def test_the_token_is_not_kept_whoever_sends_it_back() -> None:
    scene = Scene()
    said = {"code": "400", "error": "Bad Request", "msg": "header wolkvox-token=FAKE-token is no token"}
    scene.answers["token_info"] = _Answer(400, json.dumps(said).encode())
    scene.answers["campaigns"] = [campaigns_row("4875 - fake-token")]
    seen = scene.observe()
    assert not any(b"fake-token" in one.body.lower() for one in seen.exchanges)
    assert b"wolkvox-token=*** is no token" in seen.exchanges[0].body
    assert "fake-token" not in str(examine(seen)).lower()


def test_after_a_refusal_of_today_nothing_is_asked_and_its_time_is_told() -> None:
    scene = Scene()
    said = {"code": "403", "error": "Forbidden", "msg": "TOKEN LIMIT EXCEEDED"}
    scene.answers["token_info"] = _Answer(403, json.dumps(said).encode())
    scene.observe()
    asked = len(scene.asked)
    seen = scene.observe()
    assert len(scene.asked) == asked
    assert seen.facts.refused == "10:00"
    assert [one for one in examine(seen).checks if one.grade == "wrong"]
