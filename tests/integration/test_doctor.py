"""`doctor` beside whatever can go wrong: what it says, what it calls, and what it keeps to itself."""

import json
import logging
import os
import re
import ssl
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests

from exporter.__main__ import main
from exporter.apis import BY_NAME
from exporter.commands import doctor as command
from exporter.doctor import order
from exporter.simulator import SimulatorSettings
from exporter.wolkvox import Client
from support.certificates import Authority
from support.exporter import exporter, run
from support.fakes import make_operation
from support.mischief import Fault
from support.ports import free_port
from support.simulator import Simulator
from support.waiting import until
from wolkvox.vendor import Vendor, answer

pytestmark = pytest.mark.integration

ORDER = tuple(order(make_operation()))
EVERY_API = {name: {"enabled": True} for name in BY_NAME}
ALWAYS = [{"campaigns": [".*"], "expected": ["Mon-Sun 00:00-24:00"]}]
SETTINGS = SimulatorSettings(latency=0, operations=3, campaigns=4, events=False)
NOT_DOCUMENTED = "doctor --capture"


class ClockThatWasSet:
    """The time, ten minutes late until it is set right: then campaigns have dialled for ten minutes."""

    def __init__(self) -> None:
        self.late_seconds = 600.0

    def __call__(self) -> float:
        return time.time() - self.late_seconds


@dataclass(frozen=True)
class Told:
    """What the doctor printed, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def checks(self) -> list[Mapping[str, str]]:
        return [check for operation in json.loads(self.out)["operations"] for check in operation["checks"]]

    def of(self, grade: str) -> list[str]:
        """Return the lines of a grade: subject, what was found, and what to do."""
        return [
            f"{one['subject']}: {one['text']} -> {one['advice']}"
            for one in self.checks
            if one["grade"] == grade
        ]


@dataclass
class Doctor:
    """A simulator that has dialled for ten minutes, and the doctor with a configuration for it."""

    simulator: Simulator
    folder: Path
    capsys: pytest.CaptureFixture[str]
    state: str = ""

    def entry(self, number: int = 0, /, **more: object) -> dict[str, Any]:
        """Return the configuration of an operation of the simulator with which nothing is wrong."""
        facts = self.simulator.operations[number]
        entry = {
            "name": facts.name,
            "base_url": self.simulator.url,
            "token": facts.token,
            "licences": facts.licences,
            "timezone": facts.timezone,
            "apis": EVERY_API,
            "schedules": ALWAYS,
            **more,
        }
        return {key: value for key, value in entry.items() if value is not None}

    def configure(self, *entries: Mapping[str, Any]) -> Path:
        state = self.state or f"sqlite://{self.folder}/state.db"
        file = self.folder / "config.yaml"
        file.write_text(json.dumps({"operations": entries, "state": {"url": state}}))
        return file

    def run(self, *flags: str | Path, output: str = "json") -> Told:
        """Run it in this process; the output must have no traceback and no token, the log no name besides."""
        self.capsys.readouterr()
        code = main(["doctor", *(os.fspath(flag) for flag in flags), f"--output={output}"])
        told = Told(code, *self.capsys.readouterr())
        self.check(told)
        return told

    def check(self, told: Told) -> None:
        assert "Traceback" not in told.out + told.err
        for facts in self.simulator.operations:
            assert not [token for token in facts.tokens if token in told.out + told.err]
            names = {control.figures.name for control in self.simulator.campaigns(facts.name)}
            assert not [name for name in names | self.simulator.personal_data(facts.name) if name in told.err]

    def examine(self, *flags: str | Path, **more: object) -> Told:
        """Run it with the configuration of the first operation, changed by `more`."""
        return self.run(f"--config.file={self.configure(self.entry(0, **more))}", *flags)

    def calls(self) -> list[str | None]:
        """Return the APIs that were called."""
        return [record.api for record in self.simulator.requests]


@pytest.fixture
def doctor(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Doctor]:
    clock = ClockThatWasSet()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    with Simulator(SETTINGS, clock=clock) as simulator:
        clock.late_seconds = 0.0
        yield Doctor(simulator, tmp_path, capsys)
    root.handlers[:] = handlers
    root.setLevel(level)


def test_where_nothing_is_wrong_each_line_is_good(doctor: Doctor) -> None:
    told = doctor.examine()
    assert (told.code, told.of("odd"), told.of("wrong")) == (0, [], [])
    assert doctor.calls() == list(ORDER)
    # Another exporter may run on this machine.
    (line,) = [line for line in told.err.splitlines() if "an exporter on this machine" not in line]
    assert (
        f"at most {len(ORDER)} calls, with 12,500 left today as far as is known: {', '.join(ORDER)}" in line
    )


@dataclass(frozen=True)
class Case:
    """A fault of one or all APIs, the beginning of the line that must name it, words of the advice, and how
    many calls are made."""

    fault: Fault
    line: str
    advice: str
    calls: int
    api: str | None = None
    grade: str = "wrong"
    others: Sequence[str] = field(default=())
    """Subjects of further lines that are not good, but for what was not asked."""


ALL = len(ORDER)
WITHOUT_CAMPAIGNS = ALL - 1
"""Calls where no campaign is known to have dialled: for none of them machine codes are asked."""

CASES: Mapping[str, Case] = {
    "http_status": Case(Fault("http_status"), "2 APIs: http_status: HTTP 503", "out of order", 2),
    "404 of somebody else": Case(
        Fault("http_status", status=404, body="<html>"), "2 APIs: http_status: HTTP 404", "base_url", 2
    ),
    "maintenance": Case(
        Fault("maintenance"),
        "2 APIs: forbidden: HTTP 403; wolkvox says: THE PLATFORM IS UNDER MAINTENANCE",
        "maintenance try again later",
        2,
    ),
    "bad_token": Case(Fault("bad_token"), "token: HTTP 403; wolkvox says: PLEASE", "in wolkvox Manager", 1),
    "quota": Case(Fault("quota"), "quota: HTTP 403; wolkvox says: TOKEN LIMIT EXCEEDED", "tomorrow", 1),
    "concurrency": Case(Fault("concurrency"), "token_info: concurrency: HTTP 403", "token of its own", 1),
    "clock": Case(Fault("clock", seconds=900), "clock: this machine's clock is", "NTP", ALL),
    "clock ahead": Case(Fault("clock", seconds=-900), "clock: this machine's clock is", "NTP", ALL),
    "new_format": Case(
        Fault("new_format"),
        "campaigns: speed cannot be read in 4 rows, written `a N%`",
        NOT_DOCUMENTED,
        ALL,
        api="campaigns",
    ),
    "html_200": Case(Fault("html_200"), "2 APIs: decode: the answer is HTML or XML", "a login page", 2),
    "not_json": Case(Fault("not_json"), "2 APIs: decode: the answer is HTML or XML", "a login page", 2),
    "truncated_json": Case(
        Fault("truncated_json"), "2 APIs: decode: the answer ends in the middle", "not all of one", 2
    ),
    "wrong_shape": Case(Fault("wrong_shape"), "2 APIs: shape: no row has the expected", NOT_DOCUMENTED, 2),
    "redirect": Case(Fault("redirect"), "token_info: redirect: HTTP 302", "wolkvox itself does not", 1),
    "reset": Case(Fault("reset"), "connection: the connection was reset", "allow-list", 2),
    "close_early": Case(Fault("close_early"), "2 APIs: connection: the answer was cut", "had begun", 2),
    "gzip_bomb": Case(Fault("gzip_bomb", megabytes=300), "2 APIs: too_large: ", "tell us", 2),
    "garbage_values": Case(
        Fault("garbage_values"),
        "campaigns: status cannot be read in 2 rows",
        NOT_DOCUMENTED,
        ALL,
        api="campaigns",
        grade="odd",
    ),
    "rows": Case(
        Fault("rows"),
        "campaigns: HTTP 200 after",
        "another list has campaigns",
        WITHOUT_CAMPAIGNS,
        api="campaigns",
        grade="odd",
    ),
    "empty": Case(
        Fault("empty"),
        '2 APIs: http_status: HTTP 404 "Validate dates entered", and no row (token_info, services)',
        "a server lacks an API",
        WITHOUT_CAMPAIGNS,
        others=("campaigns", "campaign_settings", "skills", "agents", "campaign_results", "audit_log"),
    ),
    "invalid_utf8": Case(
        Fault("invalid_utf8"), "campaigns: recycled", NOT_DOCUMENTED, ALL, api="campaigns", grade="odd"
    ),
}
HARMLESS: Mapping[str, Fault] = {
    "slow": Fault("slow", seconds=0.3, times=1),
    "bom": Fault("bom"),
    "huge": Fault("huge", megabytes=0.05),
    "drip_header": Fault("drip_header", seconds=0.0005),
    "drip_body": Fault("drip_body", seconds=0.0001, times=1),
}


def test_every_kind_of_fault_is_tried() -> None:
    tried = {case.fault.kind for case in CASES.values()} | set(HARMLESS) | {"hang"}
    assert tried == set(Fault.kinds)


@pytest.mark.parametrize("label", CASES)
def test_a_fault_is_named_on_one_line_with_what_to_do(doctor: Doctor, label: str) -> None:
    case = CASES[label]
    doctor.simulator.faults.set(case.fault, api=case.api)
    told = doctor.examine()
    assert told.code == (1 if case.grade == "wrong" else 0)
    (line,) = [one for one in told.of(case.grade) if one.startswith(case.line)]
    assert case.advice in line.partition(" -> ")[2]
    rest = [one for grade in ("odd", "wrong") for one in told.of(grade) if one != line]
    assert [one.partition(":")[0] for one in rest if "not asked" not in one] == list(case.others)
    calls = doctor.calls()
    assert len(calls) == case.calls
    assert set(Counter(calls).values()) == {1}
    assert calls[:2] == list(ORDER[: min(case.calls, 2)])


@pytest.mark.parametrize("label", HARMLESS)
def test_what_is_only_unusual_is_good(doctor: Doctor, label: str) -> None:
    doctor.simulator.faults.set(HARMLESS[label], api="campaign_settings")
    told = doctor.examine()
    assert (told.code, told.of("wrong")) == (0, [])
    assert doctor.calls() == list(ORDER)


def test_a_server_that_hangs_holds_up_two_calls(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "Client", partial(Client, timeout=0.5))
    doctor.simulator.faults.set(Fault("hang"))
    told = doctor.examine()
    (line,) = told.of("wrong")
    assert line.startswith("connection: no complete answer within 0.5 seconds -> wolkvox did not answer")
    assert doctor.calls() == list(ORDER[:2])


@pytest.mark.parametrize("api", ORDER)
def test_a_fault_of_one_api_leaves_the_others_alone(doctor: Doctor, api: str) -> None:
    doctor.simulator.faults.set(Fault("http_status"), api=api)
    told = doctor.examine()
    (line,) = told.of("wrong")
    assert line.startswith(f"{api}: http_status: HTTP 503 -> ")
    without = {"machine_codes"} if api == "campaigns" else set()
    assert set(doctor.calls()) == set(ORDER) - without


def nobody(_doctor: Doctor) -> str:
    return f"http://127.0.0.1:{free_port()}"


def nowhere(_doctor: Doctor) -> str:
    return "https://wv0042.wolkvox.invalid"


def no_tls(doctor: Doctor) -> str:
    return doctor.simulator.url.replace("http:", "https:")


@pytest.mark.parametrize(
    ("address", "line", "advice"),
    [
        (nobody, "connection: the connection was refused", "port 443 unless"),
        (nowhere, "address: the host name cannot be resolved", "operations[0].server"),
        (no_tls, "TLS: TLS handshake failed", "base_url"),
    ],
)
def test_a_server_that_is_not_there(
    doctor: Doctor, address: Callable[[Doctor], str], line: str, advice: str
) -> None:
    told = doctor.examine(base_url=address(doctor))
    (wrong,) = told.of("wrong")
    assert wrong.startswith(f"{line} -> ")
    assert advice in wrong
    (odd,) = told.of("odd")
    assert "not asked" in odd
    assert (told.code, doctor.calls()) == (1, [])


@pytest.mark.parametrize(
    ("host", "named", "line", "advice"),
    [
        ("", False, "TLS: the certificate is not trusted: unable to get local issuer", "REQUESTS_CA_BUNDLE"),
        ("other.example", True, "TLS: the certificate is not trusted: Hostname mismatch", "base_url"),
    ],
)
def test_a_certificate_that_is_not_trusted(  # noqa: PLR0913, PLR0917 - a case, and where it is tried
    doctor: Doctor,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    host: str,
    named: bool,
    line: str,
    advice: str,
) -> None:
    authority = Authority(tmp_path)
    issued = authority.issue("server", host=host)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(issued.cert, issued.key)
    for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    if named:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.file))
    with Vendor(answer([]), context) as vendor:
        told = doctor.examine(base_url=vendor.url)
        assert vendor.requests == []
    (wrong,) = told.of("wrong")
    assert wrong.startswith(line)
    assert advice in wrong.partition(" -> ")[2]


@pytest.mark.parametrize(
    ("status", "line", "advice"),
    [
        ("407 Proxy Authentication Required", "the proxy refused: 407", "the password of the proxy"),
        ("403 Forbidden", "the proxy refused: 403", "allow CONNECT"),
        ("502 Bad Gateway", "the proxy refused: 502", "its own public address"),
        ("", "cannot reach the proxy: the connection was refused", "host and port in HTTPS_PROXY"),
    ],
)
def test_a_proxy_that_refuses(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch, status: str, line: str, advice: str
) -> None:
    with Vendor(answer(b"", status)) as proxy:
        port = proxy.port if status else free_port()
        for name in ("HTTPS_PROXY", "https_proxy"):
            monkeypatch.setenv(name, f"http://invented-user:p%40ss-invented@127.0.0.1:{port}")
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.setenv(name, "")
        told = doctor.examine(base_url="https://wv0042.wolkvox.invalid")
        assert len(proxy.requests) == bool(status)
    (wrong,) = told.of("wrong")
    assert wrong.startswith(f"connection: {line}")
    assert advice in wrong
    assert "proxy: calls go through the proxy that HTTPS_PROXY names -> " in told.of("good")
    assert not re.search(r"invented|p%40|p@ss", told.out + told.err)


@pytest.mark.parametrize("place", ["state.db", "state.db/state.db", "/proc/nothing/state.db"])
def test_a_state_that_cannot_be_written(doctor: Doctor, place: str) -> None:
    (doctor.folder / "state.db").mkdir()
    if "/" in place:
        (doctor.folder / "state.db").rmdir()
        (doctor.folder / "state.db").touch()
    doctor.state = f"sqlite://{doctor.folder / place}"
    told = doctor.examine()
    (wrong,) = told.of("wrong")
    assert wrong.startswith("state store: the state store is unavailable")
    assert str(doctor.folder / place) in wrong
    assert "state.url" in wrong.partition(" -> ")[2]
    assert doctor.calls() == list(ORDER)


def test_a_second_user_of_the_token(doctor: Doctor) -> None:
    facts = doctor.simulator.operations[0]
    with requests.Session() as session:
        session.trust_env = False
        for _ in range(30):
            url = f"{doctor.simulator.url}/api/v2/real_time.php?api=campaigns"
            assert session.get(url, headers={"wolkvox-token": facts.token}, timeout=30).ok
    told = doctor.examine()
    (odd,) = told.of("odd")
    assert odd.startswith(
        "token's calls: calls of this token today: 31 by wolkvox's count, 1 by this exporter's"
    )
    assert "a token of its own" in odd
    assert told.code == 0


@pytest.mark.parametrize(
    ("zone", "off"), [("America/Mexico_City", "1 h ahead of"), ("Asia/Kolkata", "10 h 30 min behind")]
)
def test_a_zone_that_is_not_the_operations(doctor: Doctor, zone: str, off: str) -> None:
    told = doctor.examine(timezone=zone)
    (wrong,) = told.of("wrong")
    assert wrong.startswith("time zone: ")
    assert off in wrong
    assert "set operations[0].timezone" in wrong


def test_licences_that_differ(doctor: Doctor) -> None:
    told = doctor.examine(licences=20)
    (wrong,) = told.of("wrong")
    assert wrong.startswith(
        "licences: they differ: 20 by the configuration, 25 by services, 25 by token_info"
    )
    assert "operations[0].licences" in wrong


def test_a_day_whose_calls_are_used_up(doctor: Doctor) -> None:
    doctor.simulator.set_used_today("ventas-bogota", 12_600)
    told = doctor.examine()
    (wrong,) = told.of("wrong")
    assert wrong.startswith("quota: 12,601 of 25,000 calls used today; the exporter stops at 12,500")
    assert "who else calls the API" in wrong
    assert doctor.calls() == ["token_info"]


def test_filters_that_match_nothing(doctor: Doctor) -> None:
    told = doctor.examine(campaigns={"include": ["ventas.*"], "exclude": ["48"]})
    (wrong,) = told.of("wrong")
    assert wrong.startswith("filters: 0 of 4 campaigns are watched: include and exclude leave none")
    assert [one.partition(" -> ")[0] for one in told.of("odd")] == [
        "filters: operations[0].campaigns.include[0] matches no campaign",
        "filters: operations[0].campaigns.exclude[0] matches no campaign",
    ]


def test_schedules_that_match_nothing_and_campaigns_without_one(doctor: Doctor) -> None:
    hours = ["Mon-Fri 08:00-18:00"]
    schedules = [{"campaigns": [one], "expected": hours} for one in ("ventas.*", "4875", "487[5]")]
    told = doctor.examine(schedules=schedules)
    assert [one.partition(" -> ")[0] for one in told.of("odd")][:2] == [
        "schedules: operations[0].schedules[0] matches no campaign",
        "schedules: operations[0].schedules[2] matches only campaigns that a schedule before it has",
    ]
    assert told.of("odd")[2].startswith("schedules: 3 of 4 campaigns have no schedule: ")
    assert (told.code, len(told.of("odd"))) == (0, 3)


def test_several_operations_are_told_one_by_one_and_one_can_be_chosen(doctor: Doctor) -> None:
    doctor.simulator.faults.set(Fault("bad_token"), operation="cobranza-mexico")
    file = doctor.configure(*(doctor.entry(number) for number in range(3)))
    told = doctor.run(f"--config.file={file}", output="table")
    assert told.code == 1
    heads = [line for line in told.out.splitlines() if line and not line.startswith(" ")]
    assert heads[:-1] == [one.name for one in doctor.simulator.operations]
    assert heads[-1].endswith(" 1 wrong")
    assert len(doctor.calls()) == 2 * len(ORDER) + 1
    doctor.simulator.requests.clear()
    assert doctor.run(f"--config.file={file}", "--operation=ventas-bogota").code == 0
    assert doctor.calls() == list(ORDER)
    doctor.simulator.requests.clear()
    told = doctor.run(f"--config.file={file}", "--operation=lima")
    assert (told.code, told.out, doctor.calls()) == (1, "", [])
    names = ", ".join(one.name for one in doctor.simulator.operations)
    assert told.err == f"wolkvox-exporter: no operation 'lima'; the configuration has {names}\n"


def test_beside_an_exporter_with_the_same_state_queue_and_budget_are_shared(doctor: Doctor) -> None:
    file = doctor.configure(doctor.entry())
    requests_ = doctor.simulator.requests
    doctor.simulator.faults.set(Fault("slow", seconds=2, times=1))
    with exporter("serve", doctor.folder / "exporter", f"--config.file={file}") as running:
        until(lambda: len(requests_), 60, "the first call", report=running.process.output)
        told = doctor.run(f"--config.file={file}")
        until(lambda: len(requests_) == 2 * len(ORDER), 60, "all calls", report=running.process.output)
    assert (told.code, told.of("wrong"), told.of("odd")) == (0, [], [])
    assert set(Counter(doctor.calls()).values()) == {2}
    assert doctor.simulator.max_in_flight() == 1
    (quota,) = [one for one in told.of("good") if one.startswith("quota: ")]
    assert int(quota.split()[1]) > len(ORDER)


def test_beside_an_exporter_with_another_state_no_call_is_made(doctor: Doctor) -> None:
    file = doctor.configure(doctor.entry()).rename(doctor.folder / "serving.yaml")
    doctor.state = f"sqlite://{doctor.folder}/another.db"
    doctor.simulator.faults.set(Fault("hang"))
    with exporter("serve", doctor.folder / "exporter", f"--config.file={file}") as running:
        until(doctor.calls, 60, "the first call", report=running.process.output)
        told = doctor.examine()
        assert len(doctor.calls()) == 1
    (wrong,) = told.of("wrong")
    assert wrong.startswith("state store: the exporter on port ")
    assert f"{doctor.folder}/state.db instead of {doctor.folder}/another.db" in wrong
    assert f"--config.file={file}" in wrong
    (odd,) = [one for one in told.of("odd") if "not asked" in one]
    assert odd.startswith("9 APIs: not asked: an exporter that does not share this state may be making")
    assert told.code == 1


def test_what_was_captured_says_the_same_when_it_is_replayed(doctor: Doctor) -> None:
    doctor.simulator.faults.set(Fault("garbage_values"), api="skills")
    doctor.simulator.faults.set(Fault("http_status"), api="agents")
    doctor.simulator.faults.set(Fault("clock", seconds=300), api="token_info")
    file = doctor.folder / "capture.jsonl"
    live = doctor.examine("--capture", file)
    assert f"{file}: {len(ORDER)} answers, made anonymous" in live.err
    assert "read it before you send it" in live.err
    assert file.stat().st_mode & 0o777 == 0o600
    calls = doctor.calls()
    replayed = doctor.run("--replay", file)
    assert doctor.calls() == calls
    assert (replayed.code, replayed.err) == (live.code, "")
    assert [nameless(one) for one in replayed.checks] == [nameless(one) for one in live.checks]
    forms = [json.loads(one.out)["operations"][0]["forms"] for one in (live, replayed)]
    assert forms[0].keys() == forms[1].keys()
    content = file.read_text()
    assert not [token for token in doctor.simulator.operations[0].tokens if token in content]


def nameless(check: Mapping[str, str]) -> Mapping[str, str]:
    """Return a line without names of campaigns: those of a capture are others."""
    return {**check, "text": check["text"].partition(" campaigns have no schedule: ")[0]}


@pytest.mark.parametrize("cause", ["timeout", "connection"])
def test_a_capture_can_be_of_a_server_that_did_not_answer(doctor: Doctor, cause: str) -> None:
    file = doctor.folder / "capture.jsonl"
    doctor.simulator.faults.set(Fault("reset"))
    live = doctor.examine("--capture", file)
    file.write_text(file.read_text().replace('"cause":"connection"', f'"cause":"{cause}"'))
    assert doctor.run("--replay", file).of("wrong") == live.of("wrong")


@pytest.mark.parametrize("place", ["there.jsonl", "nowhere/capture.jsonl", "there.jsonl/capture.jsonl", "."])
def test_a_capture_that_cannot_be_written_costs_no_call(doctor: Doctor, place: str) -> None:
    (doctor.folder / "there.jsonl").write_text("precious")
    told = doctor.examine("--capture", doctor.folder / place)
    assert (told.code, told.out, doctor.calls()) == (1, "", [])
    assert re.fullmatch(r"wolkvox-exporter: \S+: cannot be written: [A-Z][a-z ]+\n", told.err)
    assert (doctor.folder / "there.jsonl").read_text() == "precious"


HEADER = b'{"wolkvox_capture":1,"exporter":"0.1.0","config":{"operations":[]},"facts":{}}'
NO_CAPTURES: Mapping[str, tuple[bytes | None, str]] = {
    "missing": (None, "cannot be read: No such file"),
    "empty": (b"", "is empty"),
    "of another kind": (b"operations: []\n", "line 1: is not the beginning of a capture"),
    "binary": (b"\x1f\x8b\x08" + bytes(range(256)), "is not text"),
    "newer": (b'{"wolkvox_capture":2,"unheard":1}\n', "newer version"),
    "without operations": (HEADER + b'\n{"end":0}\n', "line 1: config: "),
    "cut off": (HEADER + b"\n", "is cut off"),
    "damaged": (HEADER + b'\n{"operation":"x"\n{"end":1}\n', "line 2: "),
}


@pytest.mark.parametrize("label", NO_CAPTURES)
def test_what_is_no_capture_is_refused_on_one_line(doctor: Doctor, label: str) -> None:
    content, line = NO_CAPTURES[label]
    file = doctor.folder / "capture.jsonl"
    if content is not None:
        file.write_bytes(content)
    told = doctor.run("--replay", file)
    assert (told.code, told.out) == (1, "")
    assert told.err.startswith(f"wolkvox-exporter: {file}: ")
    assert line in told.err
    assert told.err.count("\n") == 1


def test_a_capture_is_refused_wherever_it_is_cut(doctor: Doctor) -> None:
    file = doctor.folder / "capture.jsonl"
    doctor.examine("--capture", file)
    whole = file.read_bytes()
    for cut in (1, 20, len(whole) // 3, len(whole) // 2, len(whole) - 3):
        file.write_bytes(whole[:cut])
        told = doctor.run("--replay", file)
        assert (told.code, told.out, told.err.count("\n")) == (1, "", 1)
        assert str(file) in told.err


def test_the_program_itself_as_people_start_it(doctor: Doctor) -> None:
    doctor.simulator.faults.set(Fault("bad_token"))
    result = run("doctor", f"--config.file={doctor.configure(doctor.entry())}", "--log.level=debug")
    told = Told(result.returncode, result.stdout, result.stderr)
    doctor.check(told)
    assert told.code == 1
    assert "  wrong  token " in told.out
    assert re.search(r"\n {10,}-> check the token in wolkvox Manager", told.out)
    assert told.out.splitlines()[-1].endswith("1 odd, 1 wrong")


def test_a_configuration_that_cannot_be_used_is_told_as_ever(doctor: Doctor) -> None:
    told = doctor.run(f"--config.file={doctor.configure(doctor.entry(timezone='America/Bogotá'))}")
    assert (told.code, told.out, doctor.calls()) == (1, "", [])
    assert "operations[0].timezone" in told.err
