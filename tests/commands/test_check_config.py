"""What a configuration will cost, told before it costs anything."""

import json
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


def test_calls_against_the_quota(check: CHECK) -> None:
    # Two lists every 5 minutes are 576, and token_info every hour 24.
    (line,) = check({**GOOD, "licences": 25})
    assert (
        line == "wv0042: 600 calls a day of 12500 (25000 by the licences, less the reserve for other clients)"
    )


def test_without_licences_the_quota_is_not_known(check: CHECK) -> None:
    (line,) = check(GOOD)
    assert line == "wv0042: 600 calls a day; without licences the quota is the one that token_info reports"


def test_too_many_calls_are_told(check: CHECK) -> None:
    (line,) = check({**GOOD, "licences": 1})
    assert line == (
        "wv0042: 600 calls a day of 500 (1000 by the licences, less the reserve for other clients)"
        " - TOO MANY: polls will be skipped"
    )


def test_machine_codes_cost_by_campaign(check: CHECK) -> None:
    _, line = check({**GOOD, "licences": 25, "apis": {"machine_codes": {"enabled": True}}})
    assert line == "  plus 24 for each campaign that dials (machine_codes)"


def test_what_is_switched_off_costs_nothing(check: CHECK) -> None:
    (line,) = check({**GOOD, "licences": 25, "apis": {"campaign_settings": {"enabled": False}}})
    assert line.startswith("wv0042: 312 calls a day")


def test_operations_that_share_a_token_are_named(check: CHECK) -> None:
    *_, line = check(
        {**GOOD, "name": "a"}, {**GOOD, "name": "b"}, {**GOOD, "name": "c", "token": "fake-other"}
    )
    assert line == "these share one token, and so one queue and one quota: a, b"


def test_no_token_is_shown(check: CHECK) -> None:
    assert not any("fake" in line for line in check({**GOOD, "name": "a"}, {**GOOD, "name": "b"}))
