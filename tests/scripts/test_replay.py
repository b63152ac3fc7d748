"""scripts/replay.py: the answers of wolkvox go in, what each scrape sees comes out."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from exporter.capture import Capture, Exchange, Failure, config_mapping, write_capture
from exporter.config import Config, load_config
from exporter.polling.poller import OperationPoller
from exporter.wolkvox import Cause
from scripts.recorded_answers import AnswersError, RecordedAnswers, lines_of
from scripts.replay import Scrape, replay
from support.fakes import MORNING, campaign_settings_row, campaigns_row, make_operation, telephone_row

START = MORNING
ROOT = Path(__file__).resolve().parents[2]
OPERATION: Mapping[str, Any] = {
    "name": "ventas",
    "server": "0042",
    "token_env": "NOT_SET_ANYWHERE",
    "licences": 25,
}

Line = Mapping[str, object]


def envelope(rows: Sequence[object]) -> dict[str, object]:
    return {"code": "200", "error": None, "msg": f"{len(rows)} records were found", "data": rows}


def answer(minute: float, api: str = "campaigns", rows: Sequence[object] = (), **more: object) -> Line:
    line = {"at": START + 60 * minute, "operation": "ventas", "api": api, "campaign": None}
    return {**line, **({} if {"fault", "body"} & more.keys() else {"body": envelope(rows)}), **more}


def word(minute: float, **what: str) -> Line:
    return {"at": START + 60 * minute, **what}


FLOOR = (
    answer(0, rows=[campaigns_row("4875 - VENTAS - tel1 (100%)", dial="600")]),
    answer(0, "campaign_settings", [campaign_settings_row()]),
    answer(0, "token_info", [{"description": "BI", "token_limit": "25000", "all_token_today": "100"}]),
    answer(0, "services", [{"licenses": "25", "customer_prot": "yes"}]),
)


class Case:
    """A configuration and a file of answers."""

    def __init__(self, folder: Path, lines: Sequence[Line | str | bytes], **more: Any) -> None:
        self.config = folder / "config.yaml"
        self.config.write_text(yaml.safe_dump({"operations": [{**OPERATION, **more}]}))
        self.answers = folder / "answers.jsonl"
        texts = [line if isinstance(line, str | bytes) else json.dumps(line) for line in lines]
        self.answers.write_bytes(b"".join((t if isinstance(t, bytes) else t.encode()) + b"\n" for t in texts))

    def loaded(self) -> Config:
        return load_config(self.config, secrets=False)

    def scrapes(self, minutes: float, interval: float = 60.0) -> list[Scrape]:
        config = self.loaded()
        answers = RecordedAnswers(self.answers, config.operations)
        return list(replay(config, answers, interval=interval, until=START + 60 * minutes))

    def seen(self, minutes: float, *families: str) -> dict[float, dict[str, float] | None]:
        """Return what each scrape of a change sees, by minute; None for one that fails."""
        current: dict[str, float] = {}
        seen: dict[float, dict[str, float] | None] = {}
        for scrape in self.scrapes(minutes):
            current = {name: figure for name, figure in current.items() if name not in scrape.gone}
            current |= scrape.series
            wanted = {
                f"{name.partition('{')[0].removeprefix('wolkvox_')}{_own(name)}": figure
                for name, figure in current.items()
                if name.partition("{")[0].removeprefix("wolkvox_") in families
            }
            seen[(scrape.at - START) / 60] = None if scrape.failed else wanted
        return seen

    def run(self, *more: str) -> subprocess.CompletedProcess[str]:
        script = ROOT / "scripts" / "replay.py"
        files = ["--config.file", os.fspath(self.config), "--answers", os.fspath(self.answers)]
        # Not even the package has to be installed: a script runs the exporter of its own checkout.
        environment = {name: text for name, text in os.environ.items() if name != "PYTHONPATH"}
        return subprocess.run(
            [sys.executable, script, *files, *more],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            env=environment,
        )


def _own(name: str) -> str:
    """Return the api or the campaign that a series is about, and its cause or reason."""
    pairs = dict(pair.split("=", 1) for pair in name.partition("{")[2].rstrip("}").split(",") if pair)
    return "".join(
        f" {pairs[label].strip(chr(34))}" for label in ("api", "cause", "reason") if label in pairs
    )


def at(seen: Mapping[float, dict[str, float] | None], minute: float) -> dict[str, float] | None:
    """Return what the scrape of a minute sees."""
    return seen[max(time for time in seen if time <= minute)]


def test_an_answer_holds_until_the_next_line(tmp_path: Path) -> None:
    case = Case(
        tmp_path,
        [
            *FLOOR,
            answer(7, rows=[campaigns_row("4875 - VENTAS - tel1 (100%)", status="stopped", dial="650")]),
        ],
    )
    seen = case.seen(20, "campaign_running", "campaign_dialed_records")
    started, stopped = (
        {"campaign_running": 1, "campaign_dialed_records": 600},
        {
            "campaign_running": 0,
            "campaign_dialed_records": 650,
        },
    )
    assert [at(seen, minute) for minute in (0, 1, 10, 11, 20)] == [{}, started, started, stopped, stopped]


def test_the_first_line_of_the_result_has_all_series_and_the_others_what_differs(tmp_path: Path) -> None:
    first, *others = Case(tmp_path, FLOOR).scrapes(30)
    assert first.at == START
    assert 'wolkvox_requests_total{operation="ventas",api="campaigns"}' in first.series
    assert "wolkvox_exporter_state_up" in first.series
    assert all(name.startswith("wolkvox_") for scrape in [first, *others] for name in scrape.series)
    assert all(scrape.series or scrape.gone for scrape in others)
    assert [(scrape.at - START) / 60 for scrape in others] == [1, 6, 11, 16, 21, 26]
    assert len(others[-1].series) < 20


def test_figures_are_those_of_the_exposition(tmp_path: Path) -> None:
    name = 'AB "x" \\ , {y} # HELP z 1'
    rows = [campaigns_row(f"4875 - {name} - tel1 (100%)", hits="6 (14.29 %)", calls_x_min="0.00001")]
    case = Case(tmp_path, [answer(0, rows=rows), *FLOOR[2:]])
    series = {name: figure for scrape in case.scrapes(5) for name, figure in scrape.series.items()}
    label = 'campaign="AB \\"x\\" \\\\ , {y} # HELP z 1"'
    start = f'{{operation="ventas",campaign_id="4875",{label},skill_id="4000"'
    assert series[f"wolkvox_campaign_hit_ratio{start}}}"] == 0.1429
    assert series[f"wolkvox_campaign_calls_per_minute{start}}}"] == 1e-05
    assert series[f'wolkvox_campaign_dialing_share_ratio{start},line="tel1"}}'] == 1


@pytest.mark.parametrize(
    ("said", "cause", "seconds"),
    [
        ({"fault": "timeout"}, "timeout", 60),
        ({"fault": "timeout", "seconds": 3}, "timeout", 60),
        ({"fault": "connection"}, "connection", 0.6),
        ({"fault": "tls", "seconds": 3}, "tls", 3),
        ({"status": 200, "body": envelope([]), "seconds": 61}, "timeout", 60),
        ({"status": 503, "body": "<html>gateway</html>"}, "http_status", 0.6),
        ({"status": 302, "body": ""}, "redirect", 0.6),
        ({"status": 500, "fault": None}, "http_status", 0.6),
        ({"status": 200, "body": "<html>login</html>", "seconds": 2.5}, "decode", 2.5),
        ({"status": 200, "body": None}, "shape", 0.6),
        ({"status": 200, "body": {"no": "list"}}, "shape", 0.6),
        ({"status": 403, "body": {"code": "403", "error": "x", "msg": "Token limit exceeded"}}, "quota", 0.6),
        ({"status": 403, "body": {"code": "403", "error": "x", "msg": "Enter your token"}}, "auth", 0.6),
        ({"status": 403, "body": {"code": "403", "error": "", "msg": "In maintenance"}}, "forbidden", 0.6),
    ],
)
def test_what_fails_goes_through_the_client(
    tmp_path: Path, said: dict[str, Any], cause: str, seconds: float
) -> None:
    case = Case(tmp_path, [*FLOOR[1:], answer(0, **said)])
    seen = at(case.seen(4, "up", "request_failures_total", "poll_duration_seconds"), 4)
    assert seen is not None
    assert seen["up campaigns"] == 0
    assert [name for name in seen if seen[name] and name.startswith("request_failures_total campaigns")] == [
        f"request_failures_total campaigns {cause}"
    ]
    assert seen["poll_duration_seconds campaigns"] == pytest.approx(seconds)


@pytest.mark.parametrize(
    "body", [envelope([]), [], {"code": "404", "error": "not found", "msg": "No data"}], ids=repr
)
def test_lists_without_rows_are_no_failure(tmp_path: Path, body: object) -> None:
    status = 404 if isinstance(body, dict) and body["code"] == "404" else 200
    case = Case(tmp_path, [*FLOOR[1:], answer(0, body=body, status=status)])
    seen = at(case.seen(4, "up", "response_rows"), 4)
    assert seen is not None
    assert (seen["up campaigns"], seen["response_rows campaigns"]) == (1, 0)


def test_before_the_first_answer_calls_cannot_be_connected(tmp_path: Path) -> None:
    case = Case(tmp_path, [*FLOOR[1:], answer(20, rows=[campaigns_row()])])
    seen = case.seen(30, "up", "request_failures_total")
    early, late = at(seen, 19), at(seen, 30)
    assert early is not None
    assert late is not None
    assert (early["up campaigns"], late["up campaigns"]) == (0, 1)
    # Four polls, and the one retry of each but perhaps the last.
    assert early["request_failures_total campaigns connection"] in {7, 8}


def test_an_api_that_is_asked_by_campaign(tmp_path: Path) -> None:
    rows = [campaigns_row(f"{campaign} - X - tel1 (100%)") for campaign in (4875, 4876, 4877, 4878)]
    case = Case(
        tmp_path,
        [
            answer(0, rows=rows),
            *FLOOR[2:],
            answer(0, "machine_codes", [telephone_row("3000000001", 1)]),
            answer(0, "machine_codes", [telephone_row("3000000001", 5)], campaign="4876"),
            answer(0, "machine_codes", [telephone_row("3000000001", 6)], campaign=4878),
            answer(0, "machine_codes", fault="tls", campaign="4877"),
        ],
        apis={"machine_codes": {"enabled": True, "interval": "15m"}},
    )
    series = {name: figure for scrape in case.scrapes(20) for name, figure in scrape.series.items()}
    codes = {
        name.partition('campaign_id="')[2][:4]: figure
        for name, figure in series.items()
        if name.startswith("wolkvox_campaign_machine_codes") and 'code="no_answer"' in name
    }
    assert codes == {"4875": 1, "4876": 5, "4878": 6}


@pytest.mark.parametrize("whole", ["all", None])
def test_an_api_that_is_asked_of_the_operation_too(tmp_path: Path, whole: str | None) -> None:
    def report(answered: int, campaign: str | int | None) -> Line:
        rows = [{"result": "ANSWER", "records": str(answered)}, {"result": "TOTAL", "records": "99"}]
        return answer(0, "campaign_results", rows, campaign=campaign)

    rows = [campaigns_row(f"{campaign} - X - tel1 (100%)") for campaign in (4875, 4876)]
    case = Case(
        tmp_path,
        [answer(0, rows=rows), *FLOOR[2:], report(30, whole), report(10, "4875"), report(20, 4876)],
        apis={"campaign_results": {"enabled": True, "interval": "15m"}},
    )
    series = {name: figure for scrape in case.scrapes(20) for name, figure in scrape.series.items()}
    attempts = {
        name.partition('campaign_id="')[2][:4]: figure
        for name, figure in series.items()
        if "_attempts{" in name and 'result="answer"' in name
    }
    assert attempts == {"": 30, "4875": 10, "4876": 20}


def test_why_it_is_stopped_is_seen_by_a_scrape(tmp_path: Path) -> None:
    stop = {"date": "2026-08-12 10:07:30", "action": "Predictive: stop campaign 4875", "user": "ficticio"}
    start = {**stop, "date": "2026-08-12 10:21:00", "action": "Predictive: start campaign 4875"}
    row = FLOOR[0]["body"]["data"][0]  # type: ignore[index]
    case = Case(
        tmp_path,
        [
            *FLOOR,
            answer(0, "audit_log", status=404, body={"code": "404", "msg": "Validate dates entered"}),
            answer(0, "agents", [{"agent_id": "1001", "agent_name": "FICTICIA", "agent_status": "Ready"}]),
            answer(0, "skills", [{"skill_id": "4000", "skill_name": "VENTAS", "calls_in_queue_now": "3"}]),
            answer(7.5, rows=[{**row, "status": "stopped"}]),
            answer(7.5, "audit_log", [stop]),
            answer(21, rows=[row]),
            answer(21, "audit_log", [stop, start]),
        ],
        apis={name: {"enabled": True} for name in ("audit_log", "agents", "skills")},
        schedules=[{"campaigns": [".*"], "expected": ["Wed 08:00-18:00"]}],
    )
    seen = case.seen(
        30, "campaign_reason", "campaign_stopped_by_hand_timestamp_seconds", "agents", "skill_queued_calls"
    )
    early, stopped, started = at(seen, 9), at(seen, 12), at(seen, 28)
    assert early is not None
    assert stopped is not None
    assert started is not None
    told = {"agents": 0.0, "skill_queued_calls": 3.0}
    assert {**early, "agents": 0.0} == told
    assert stopped["campaign_reason stopped_by_hand"] == 1
    assert stopped["campaign_stopped_by_hand_timestamp_seconds"] == START + 450
    assert started.keys() == told.keys()


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_the_state_outlives_the_process(tmp_path: Path, how: str) -> None:
    case = Case(tmp_path, [*FLOOR, word(8, process=how), word(12, process="start")])
    seen = case.seen(30, "campaign_dialed_records", "requests_total", "quota_used_requests")
    assert [minute for minute in range(31) if at(seen, minute) is None] == [8, 9, 10, 11]
    before, after, later = at(seen, 7), at(seen, 12), at(seen, 13)
    assert before is not None
    assert after is not None
    assert later is not None
    assert (before["requests_total campaigns"], after["requests_total campaigns"]) == (2, 0)
    # At once, from the store, and no call before an interval has passed; the day's count goes on.
    assert after["campaign_dialed_records"] == 600
    assert after["quota_used_requests"] >= before["quota_used_requests"]
    assert later["requests_total campaigns"] == 1


def test_a_call_that_is_under_way_ends_with_a_stop_and_is_lost_with_a_kill(tmp_path: Path) -> None:
    def rows_at_the_start(how: str) -> object:
        # The poll of minute 5 takes 9 s, and 3 s of it are left.
        lines = [*FLOOR[1:], answer(0, rows=[campaigns_row(dial="600")])]
        lines += [answer(4, rows=[campaigns_row(dial="700")], seconds=9), word(5.1, process=how)]
        case = Case(tmp_path, [*lines, word(6, process="start")])
        seen = at(case.seen(6, "campaign_dialed_records"), 6)
        assert seen is not None
        return seen["campaign_dialed_records"]

    assert rows_at_the_start("stop") == 700
    assert rows_at_the_start("kill") == 600


def test_the_lease_of_a_killed_process_has_to_end(tmp_path: Path) -> None:
    def calls_of_token_info(how: str) -> float:
        # The call of minute 5 has the token; token_info is due a minute later.
        lines = [*FLOOR, answer(4, seconds=15), word(5.2, process=how), word(5.4, process="start")]
        case = Case(tmp_path, lines, apis={"token_info": {"interval": "6m"}})
        counter = 'wolkvox_requests_total{operation="ventas",api="token_info"}'
        return [scrape.series[counter] for scrape in case.scrapes(6.25, 15) if counter in scrape.series][-1]

    assert calls_of_token_info("stop") == 1
    assert calls_of_token_info("kill") == 0


def test_a_process_that_starts_first_does_not_run_before(tmp_path: Path) -> None:
    case = Case(
        tmp_path, [*FLOOR, word(5, process="start"), word(7, process="start"), word(9, process="stop")]
    )
    seen = case.seen(12, "requests_total")
    assert [minute for minute in range(13) if at(seen, minute) is None] == [*range(5), 9, 10, 11, 12]
    # A second start changes nothing.
    assert at(seen, 8) == at(seen, 6) != at(seen, 5)


def test_a_process_that_ends_at_once(tmp_path: Path) -> None:
    case = Case(tmp_path, [word(0, process="kill"), *FLOOR, word(3, process="start")])
    seen = case.seen(5, "requests_total")
    assert [minute for minute in range(6) if at(seen, minute) is None] == [0, 1, 2]


def test_a_bug_of_the_exporter_ends_the_replay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(OperationPoller, "poll", lambda *_: 1 / 0)
    with pytest.raises(RuntimeError, match="unexpected error while polling") as caught:
        Case(tmp_path, FLOOR).scrapes(5)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_scrapes_that_fail_say_so_once_and_then_all_comes_again(tmp_path: Path) -> None:
    other = answer(3.5, rows=[campaigns_row("4876 - OTRA - tel1 (100%)")])
    settings = answer(3.5, "campaign_settings", [campaign_settings_row(campaign_id="4876")])
    case = Case(tmp_path, [*FLOOR, word(3, scrape="fails"), other, settings, word(8, scrape="works")])
    scrapes = case.scrapes(9)
    assert [((scrape.at - START) / 60, scrape.failed) for scrape in scrapes] == [
        (0, False),
        (1, False),
        (3, True),
        (8, False),
    ]
    whole = scrapes[-1]
    assert whole.series.keys() >= scrapes[0].series.keys()
    assert any("4876" in name for name in whole.series)
    assert whole.gone
    assert all("4875" in name for name in whole.gone)
    # The exporter has gone on meanwhile.
    assert whole.series['wolkvox_requests_total{operation="ventas",api="campaigns"}'] == 2


def test_hours_follow_the_time_of_the_answers(tmp_path: Path) -> None:
    # 2026-08-12 10:00 in Bogotá, a Wednesday.
    schedules = [{"campaigns": [".*"], "expected": ["Wed 10:05-10:10"], "permitted": ["Wed 10:00-10:20"]}]
    seen = Case(tmp_path, FLOOR, schedules=schedules).seen(25, "campaign_expected", "campaign_permitted")
    assert [(at(seen, m) or {}).get("campaign_expected") for m in (4, 5, 9, 10)] == [0, 1, 1, 0]
    assert [(at(seen, m) or {}).get("campaign_permitted") for m in (4, 19, 20)] == [1, 1, 0]


def test_operations_with_the_same_source_of_their_token_share_its_queue(tmp_path: Path) -> None:
    def calls_at_the_same_time(token: str) -> float:
        case = Case(tmp_path, [{**answer(0, seconds=50), "operation": name} for name in ("ventas", "otra")])
        operations = [OPERATION, {**OPERATION, "name": "otra", "token_env": token}]
        case.config.write_text(yaml.safe_dump({"operations": operations}))
        series = {name: figure for scrape in case.scrapes(0.5, 30) for name, figure in scrape.series.items()}
        counters = [
            f'wolkvox_requests_total{{operation="{name}",api="campaigns"}}' for name in ("ventas", "otra")
        ]
        return sum(series[name] for name in counters)

    assert calls_at_the_same_time("ANOTHER_ONE") == 2
    assert calls_at_the_same_time("NOT_SET_ANYWHERE") == 1


def test_the_scrape_interval_and_the_end(tmp_path: Path) -> None:
    case = Case(tmp_path, [*FLOOR, answer(10, rows=[])])
    assert [scrape.at - START for scrape in case.scrapes(5.5, interval=15)] == [0, 15, 315]
    assert [scrape.at - START for scrape in case.scrapes(5.2, interval=15)] == [0, 15]


GOOD = json.dumps(FLOOR[0])


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{", "truncated"),
        ("[]", "Expected `object`"),
        ('{"at": 1} {"at": 2}', "trailing"),
        (b"\xff\xfe{", "malformed"),
        ("{}", "missing required field `at`"),
        ('{"at": "soon", "process": "stop"}', "Expected `float`, got `str`"),
        (json.dumps({"at": START}), "exactly one of api, process and scrape"),
        (json.dumps({"at": START, "process": "stop", "scrape": "works"}), "exactly one of"),
        (json.dumps({"at": START, "process": "reload"}), "Invalid enum value 'reload'"),
        (json.dumps({"at": START, "scrape": "fails", "status": 200}), "scrape does not go with status"),
        (json.dumps({"at": START, "process": "stop", "body": None}), "process does not go with body"),
        (json.dumps(answer(0, "real_time")), "unknown API 'real_time'"),
        (json.dumps({**answer(0), "operation": "otra"}), "unknown operation 'otra': ventas"),
        (json.dumps({**answer(0), "operation": None}), "operation is missing"),
        (json.dumps({**answer(0), "campaign": "4875"}), "campaigns is not asked by campaign"),
        (json.dumps({**answer(0), "campain": None}), "unknown field `campain`"),
        (json.dumps({**answer(0), "fault": "timeout"}), "fault does not go with"),
        (json.dumps(answer(0, fault="refused")), "Invalid enum value 'refused'"),
        (json.dumps(answer(0, fault=None)), "a body, a status or a fault is expected"),
        (json.dumps({**answer(0), "at": START * 1000}), "at is not Unix time in seconds"),
        (json.dumps({**answer(0), "at": -1}), "at is not Unix time in seconds"),
        (json.dumps(answer(0, status=100)), "status must be from 200 to 599"),
        (json.dumps(answer(0, status="200")), "Expected `int | null`"),
        (json.dumps(answer(0, seconds=-1)), "seconds must be 0 or more"),
        (json.dumps(answer(-1)), "before that of the line before"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str | bytes, problem: str) -> None:
    case = Case(tmp_path, [GOOD, "", line])
    with pytest.raises(AnswersError) as caught:
        RecordedAnswers(case.answers, case.loaded().operations)
    assert str(caught.value).startswith(f"{case.answers}:3: ")
    assert problem in str(caught.value)


@pytest.mark.integration
def test_the_script_writes_json_lines_the_same_each_time(tmp_path: Path) -> None:
    lines = [*FLOOR, word(8, process="kill"), word(10, process="start"), answer(12, fault="connection")]
    case = Case(tmp_path, lines)
    first, second = case.run("--until", "2026-08-12T10:30:00-05:00"), case.run("--until", str(START + 1800))
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout == second.stdout
    results = [json.loads(line) for line in first.stdout.splitlines()]
    assert results[0].keys() == {"at", "set", "gone"}
    assert {"at": START + 480, "failed": True} in results
    # Without --until it ends with the last line.
    assert json.loads(case.run().stdout.splitlines()[-1])["at"] <= START + 720


@pytest.mark.integration
def test_the_script_says_what_is_wrong(tmp_path: Path) -> None:
    case = Case(tmp_path, [*FLOOR[:2], FLOOR[3]])
    run = case.run("--scrape-interval", "5m")
    assert run.returncode == 0
    assert run.stderr == "replay: no line answers token_info of operation ventas: its calls will fail\n"
    bad = Case(tmp_path, [GOOD, "{"])
    assert bad.run().returncode == 1
    assert bad.run().stderr.startswith(f"replay: {bad.answers}:2: ")
    assert bad.run().stdout == ""
    early = Case(tmp_path, FLOOR).run("--until", "2026-08-12")
    assert (early.returncode, early.stdout) == (1, "")
    assert "before its first line" in early.stderr
    case.config.write_text("operations: [{nam: x}]")
    assert case.run().returncode == 1
    assert "nam" in case.run().stderr


def capture_of(*exchanges: Exchange) -> Capture:
    return Capture(config_mapping([make_operation()]), {}, exchanges)


def test_the_answers_of_a_capture_are_lines() -> None:
    late = Exchange("ventas", "skills", "", START + 60, 60.0, failure=Failure(Cause.TIMEOUT, "late"))
    broken = Exchange(
        "ventas", "machine_codes", "4875", START, 0.5, 200, failure=Failure(Cause.DECODE, "gzip")
    )
    page = Exchange("ventas", "campaign_results", "", START, 0.5, 503, body="<h1>\u00e9".encode())
    lines = lines_of(capture_of(late, broken, page))
    assert [(one.api, one.campaign, one.status, one.fault) for one in lines] == [
        ("machine_codes", "4875", 200, None),
        ("campaign_results", "all", 503, None),
        ("skills", None, None, "timeout"),
    ]
    assert [one.body_bytes for one in lines[:2]] == [b"", page.body]


def test_a_capture_needs_no_other_configuration(tmp_path: Path) -> None:
    body = json.dumps([campaigns_row()]).encode()
    one = Exchange("ventas", "campaigns", "", START, 0.5, 200, body=body)
    file = tmp_path / "capture"
    write_capture(file, capture_of(one))
    command = [sys.executable, "scripts/replay.py", f"--answers={file}", f"--until={START + 60}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    assert "no line answers skills of operation ventas" in done.stderr
    assert 'wolkvox_campaign_records{operation=\\"ventas\\",campaign_id=\\"4875\\"' in done.stdout
    file.write_text("{}")
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(f"replay: {file}: line 1: is not the beginning of a capture")
