"""What a configuration will cost, told before it costs anything."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from exporter.__main__ import main

CHECK = Callable[..., list[str]]
GOOD = {"server": "0042", "token": "fake-token"}


@pytest.fixture
def check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> CHECK:
    def check(*operations: dict[str, object]) -> list[str]:
        file = tmp_path / "config.yaml"
        file.write_text(json.dumps({"operations": operations}))
        assert main(["check-config", f"--config.file={file}"]) == 0
        captured = capsys.readouterr()
        assert captured.err == ""
        first, *rest = captured.out.splitlines()
        assert first == f"{file}: valid"
        return rest

    return check


SHARES = "  of these: campaigns 288, campaign_settings 288, token_info 24, services 1"
UNKNOWN = "601 calls a day; without licences the quota is the one that services, else token_info, reports"
EVERYTHING = {
    api: {"enabled": True} for api in ("skills", "agents", "campaign_results", "machine_codes", "audit_log")
}


def test_calls_against_the_quota(check: CHECK) -> None:
    # Two lists every 5 minutes are 576, token_info every hour 24, and services once.
    assert check({**GOOD, "licences": 25}) == [
        "wv0042: 601 calls a day of 12500 (25000 by the licences, less the reserve for other clients)",
        SHARES,
    ]


def test_without_licences_the_quota_is_not_known(check: CHECK) -> None:
    assert check(GOOD) == [f"wv0042: {UNKNOWN}", SHARES]


def test_too_many_calls_are_told_with_what_to_change(check: CHECK) -> None:
    first, _, advice = check({**GOOD, "licences": 1})
    assert first == (
        "wv0042: 601 calls a day of 500 (1000 by the licences, less the reserve for other clients)"
        " - TOO MANY: polls will be skipped"
    )
    assert advice == "  set apis: {campaign_settings: {interval: 10m}} to make it 457"


def test_reports_cost_by_campaign(check: CHECK) -> None:
    _, _, line = check({**GOOD, "licences": 25, "apis": {"machine_codes": {"enabled": True}}})
    assert line == (
        "  plus 24 for each campaign that dials: machine_codes 24; there is room for 495 such campaigns"
    )


def test_everything_on_with_few_licences_is_told_with_what_to_change(check: CHECK) -> None:
    first, shares, each, advice = check({**GOOD, "licences": 5, "apis": EVERYTHING})
    assert first.startswith("wv0042: 1561 calls a day of 2500 (5000 by the licences, ")
    assert shares == f"{SHARES}, skills 288, agents 288, campaign_results 96, audit_log 288"
    reports = "campaign_results 96, machine_codes 24"
    assert each == (f"  plus 120 for each campaign that dials: {reports}; there is room for 7 such campaigns")
    assert advice == (
        "  it would be 3961 with 20 such campaigns; "
        "set apis: {campaign_results: {interval: 1h}} to make it 2449"
    )


def test_what_is_advised_keeps_to_the_budget(check: CHECK) -> None:
    apis = {**EVERYTHING, "campaign_results": {"enabled": True, "interval": "1h"}}
    assert not any("to make it" in line for line in check({**GOOD, "licences": 5, "apis": apis}))


def test_where_no_interval_would_do_that_is_told(check: CHECK) -> None:
    *_, advice = check({**GOOD, "licences": 1, "quota_reserve": 0.9, "apis": EVERYTHING})
    assert advice.endswith("that is too many at any interval: switch some APIs off, or get more licences")


def test_what_is_switched_off_costs_nothing(check: CHECK) -> None:
    first, second = check({**GOOD, "licences": 25, "apis": {"campaign_settings": {"enabled": False}}})
    assert first.startswith("wv0042: 313 calls a day")
    assert "campaign_settings" not in second


def test_the_next_holidays_and_another_clock_are_told_with_each_operation(check: CHECK) -> None:
    def operation(name: str, **more: object) -> dict[str, object]:
        return {**GOOD, "token": f"fake-{name}", "name": name, **more}

    law = {"campaigns": ["A.*"], "permitted": "ley-2300"}
    own = {"campaigns": [".*"], "expected": ["Mon-Fri 08:00-18:00"], "holidays": "CO"}
    day = r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d{4}-\d\d-\d\d [A-Z][\w' .()]+"
    pattern = rf"  next holidays of CO: {day}, {day}, {day} \(holidays [\d.]+\)"
    *bogota, none_of_none, none_shares, mexico, shares, holidays, note = check(
        operation("bogota", schedules=[law, own]),
        operation("none"),
        operation("mexico", schedules=[law], timezone="America/Mexico_City"),
    )
    assert re.fullmatch(pattern, bogota.pop())
    assert bogota == [f"bogota: {UNKNOWN}", SHARES]
    assert [none_of_none, none_shares, mexico, shares] == [
        f"none: {UNKNOWN}",
        SHARES,
        f"mexico: {UNKNOWN}",
        SHARES,
    ]
    assert re.fullmatch(pattern, holidays)
    assert note == (
        "  note: the hours of ley-2300 are those of America/Bogota; this operation's timezone, "
        "America/Mexico_City, has another offset"
    )


def test_a_schedule_that_is_never_used_is_told(check: CHECK) -> None:
    every = {"campaigns": [".*"], "expected": ["Mon-Fri 08:00-18:00"]}
    *_, note = check({**GOOD, "schedules": [every, {**every, "campaigns": ["A.*"]}]})
    assert note == (
        "  note: schedules[1] is never used: schedules[0] matches all of its campaigns, "
        "and the first schedule that matches counts"
    )


def test_operations_that_share_a_token_are_named(check: CHECK) -> None:
    *_, line = check(
        {**GOOD, "name": "a"}, {**GOOD, "name": "b"}, {**GOOD, "name": "c", "token": "fake-other"}
    )
    assert line == "these share one token, and so one queue and one quota: a, b"


def test_no_token_is_shown(check: CHECK) -> None:
    assert not any("fake" in line for line in check({**GOOD, "name": "a"}, {**GOOD, "name": "b"}))


def test_secrets_may_be_elsewhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, web = tmp_path / "config.yaml", tmp_path / "web.yaml"
    operations = [
        {"server": "0042", "token_file": "none.token", "licences": 25},
        {"server": "0043", "token_env": "WV_TEST_TOKEN_THAT_IS_NOT_SET", "name": "b"},
        {"server": "0044", "token_env": "WV_TEST_TOKEN_THAT_IS_NOT_SET", "name": "c"},
        {"server": "0045", "token_file": "folder/none.token"},
    ]
    file.write_text(json.dumps({"operations": operations}))
    tls = {"cert_file": "none.crt", "key_file": "none.key", "client_ca_file": "none-ca.crt"}
    web.write_text(
        json.dumps({"tls_server_config": {**tls, "client_auth_type": "RequireAndVerifyClientCert"}})
    )
    check = ["check-config", f"--config.file={file}", f"--web.config.file={web}"]
    assert main(check) == 1
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 4 + 3
    assert main([*check, "--no-secrets"]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    assert captured.out.splitlines() == [
        f"{file}: valid",
        f"{web}: valid",
        "wv0042: 601 calls a day of 12500 (25000 by the licences, less the reserve for other clients)",
        SHARES,
        *(line for name in ("b", "c", "wv0045") for line in (f"{name}: {UNKNOWN}", SHARES)),
        "these share one token, and so one queue and one quota: b, c",
    ]


def test_without_secrets_all_else_is_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty.token").write_text("\n")
    (tmp_path / "folder.token").mkdir()
    (tmp_path / "bad.crt").write_text("no certificate")
    monkeypatch.setenv("WV_TEST_TOKEN", "two words")
    file, web = tmp_path / "config.yaml", tmp_path / "web.yaml"
    operations = [
        {"name": "a", "server": "0042", "token_file": "none.token", "licenses": 25},
        {"name": "b", "server": "0043", "token_file": "empty.token"},
        {"name": "c", "server": "0043", "token_file": "folder.token"},
        {"name": "d", "server": "0043", "token_env": "WV_TEST_TOKEN"},
        {"name": "e", "server": "0043"},
        {"name": "f", "server": "0043", "token_file": "none.token", "token_env": "WV_TEST_TOKEN"},
        {"name": "g", "server": "0043", "token_env": ""},
    ]
    file.write_text(json.dumps({"operations": operations}))
    web.write_text(json.dumps({"tls_server_config": {"cert_file": "bad.crt", "key_file": "none.key"}}))
    flags = [f"--config.file={file}", f"--web.config.file={web}", "--no-secrets"]
    assert main(["check-config", *flags]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert [line.split(": ", 2)[1] for line in captured.err.splitlines()] == [
        "operations[0].licenses",
        "operations[1].token_file",
        "operations[2].token_file",
        "operations[3].token_env",
        "operations[4].token",
        "operations[5].token",
        "operations[6].token_env",
        "tls_server_config.cert_file",
    ]


def test_no_other_command_does_without_its_secrets(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(json.dumps({"operations": [{"server": "0042", "token_file": "none.token"}]}))
    for command in ("serve", "once"):
        assert main([command, f"--config.file={file}"]) == 1
        assert "operations[0].token_file" in capsys.readouterr().err
