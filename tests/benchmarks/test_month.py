"""The made-up month: its figures, its pager on paper, its verdicts, and one day from end to end."""

import io
import json
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from benchmarks.month.floor import START, Month
from benchmarks.month.incidents import Incident
from benchmarks.month.judge import Shares, Verdict, judge
from benchmarks.month.operations import floor
from benchmarks.month.pager import Alertmanager, Firing

CHECKOUT = Path(__file__).parents[2]
ZONE = ZoneInfo("America/Bogota")
NINE = datetime(2026, 6, 4, 9, tzinfo=ZONE).timestamp()
MINUTE = 60.0


@pytest.fixture(scope="module")
def alertmanager() -> Alertmanager:
    return Alertmanager(CHECKOUT / "alertmanager" / "alertmanager.example.yml")


def firing(name: str, begin: float, end: float, *, severity: str = "critical", campaign: str = "") -> Firing:
    labels = {"alertname": name, "operation": "ventas-bogota", "severity": severity}
    if campaign:
        labels["campaign_id"] = campaign
    return Firing(tuple(sorted(labels.items())), NINE + begin * MINUTE, NINE + end * MINUTE)


def lived(name: str, *, days: int = 2) -> tuple[Month, str]:
    operation = next(operation for operation in floor(1) if operation.name == name)
    month, answers = Month(operation, 1, days), io.StringIO()
    month.write(answers)
    return month, answers.getvalue()


@pytest.mark.parametrize("name", ["mixta-pereira", "b2b-barranquilla"])
def test_the_figures_of_a_campaign_agree_with_each_other(name: str) -> None:
    _, answers = lived(name)
    rows = [
        row
        for line in map(json.loads, answers.splitlines())
        if line.get("api") == "campaigns" and isinstance(line.get("body"), dict)
        for row in line["body"]["data"]
    ]
    assert len(rows) > 1000
    for row in rows:
        count = {
            name: int(row[name])
            for name in ("records", "clean", "dial", "answer", "no_answer", "answer_machine")
        }
        results = (
            count["answer"]
            + count["no_answer"]
            + count["answer_machine"]
            + int(row["busy/congestion/failed"])
        )
        assert 0 <= count["clean"] <= count["records"]
        assert results == count["dial"]


def test_a_seed_makes_the_same_month_and_campaigns_keep_their_pace() -> None:
    month, answers = lived("mixta-pereira")
    assert answers == lived("mixta-pereira")[1]
    for campaign in month.operation.campaigns:
        on = sum(month.on[campaign.campaign_id])
        calls = sum(month.calls[campaign.campaign_id])
        assert calls <= 3 * campaign.pace * on / 60 + 20
        assert campaign.spare or on > 8 * 60


def test_alerts_that_come_together_are_one_ring_and_a_later_one_waits_for_the_group(
    alertmanager: Alertmanager,
) -> None:
    sent = alertmanager.notifications(
        [
            firing("WolkvoxCampaignStopped", 0, 60, campaign="1"),
            firing("WolkvoxCampaignStopped", 0, 60, campaign="2"),
            firing("WolkvoxCampaignStopped", 2, 60, campaign="3"),
        ]
    )
    assert [((n.at - NINE) / MINUTE, len(n.new), len(n.resolved)) for n in sent] == [
        (0.5, 2, 0),
        (2.5, 1, 0),
        (60.5, 0, 3),
    ]
    assert {n.receiver for n in sent} == {"pager-en"}


def test_what_is_held_back_rings_only_when_its_source_has_ended(alertmanager: Alertmanager) -> None:
    stopped = firing("WolkvoxCampaignStopped", 0, 60, campaign="1")
    blind = firing("WolkvoxOperationBlind", -5, 20, severity="none")
    rings = [n for n in alertmanager.notifications([stopped, blind]) if n.receiver == "pager-en"]
    assert [(n.at - NINE) / MINUTE for n in rings if n.new] == [20.5]


def test_what_was_told_and_is_held_back_for_a_while_does_not_ring_again(alertmanager: Alertmanager) -> None:
    stopped = firing("WolkvoxCampaignStopped", 0, 90, campaign="1")
    blind = firing("WolkvoxOperationBlind", 20, 40, severity="none")
    rings = [n for n in alertmanager.notifications([stopped, blind]) if n.receiver == "pager-en"]
    assert [(n.at - NINE) / MINUTE for n in rings if n.new] == [0.5]
    assert [(n.at - NINE) / MINUTE for n in rings if n.resolved] == [90.5]


def test_warnings_wait_for_the_floors_hours_and_pages_do_not(alertmanager: Alertmanager) -> None:
    night = [
        firing("WolkvoxCampaignStopped", -240, 60, campaign="1"),
        firing("WolkvoxSkillChanged", -240, 60, severity="warning", campaign="1"),
    ]
    sent = {n.receiver: (n.at - NINE) / MINUTE for n in reversed(alertmanager.notifications(night)) if n.new}
    assert sent["pager-en"] == -239.5
    assert -120 <= sent["chat-en"] < -114


def verdict(alertmanager: Alertmanager, *firings: Firing) -> Verdict:
    stopped = Incident(
        "stopped",
        "ventas-bogota",
        ("1",),
        NINE,
        NINE + 60 * MINUTE,
        NINE + 17 * MINUTE,
        "page",
        ("WolkvoxCampaignStopped",),
    )
    return judge("ventas-bogota", ZONE, [stopped], firings, alertmanager, Shares({}, START), days=[])


@pytest.mark.parametrize(
    ("firings", "words"),
    [
        ([firing("WolkvoxCampaignStopped", 12, 61, campaign="1")], ["true"]),
        ([firing("WolkvoxCampaignStopped", 18, 61, campaign="1")], ["late"]),
        ([firing("WolkvoxCampaignStopped", 70, 75, campaign="1")], ["over"]),
        ([firing("WolkvoxCampaignStopped", 12, 61, campaign="2")], ["false"]),
        ([firing("WolkvoxCampaignStalled", 12, 61, campaign="1")], ["false"]),
        (
            [
                firing("WolkvoxCampaignStopped", 12, 30, campaign="1"),
                firing("WolkvoxCampaignStopped", 45, 61, campaign="1"),
            ],
            ["true", "twice"],
        ),
    ],
)
def test_a_ring_is_judged_by_what_happened(
    alertmanager: Alertmanager, firings: list[Firing], words: list[str]
) -> None:
    found = verdict(alertmanager, *firings)
    assert [word for word, _, _ in found.rings] == words
    assert bool(found.told[0].rings) == ("true" in words or "late" in words or "over" in words)


@pytest.mark.integration
def test_a_day_of_one_operation_from_end_to_end() -> None:
    """Two campaigns that are stopped: whatever else the rules may say, those must be told."""
    command = [sys.executable, "-m", "benchmarks.month", "--seed=15", "--days=1", "--density=3", "--step=5"]
    result = subprocess.run(
        [*command, "--operations", "b2b-barranquilla"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert "'stopped for hours': 1" in result.stdout, result.stdout + result.stderr
    assert re.search("incidents that must page: [1-9][0-9]*, missed 0", result.stdout), result.stdout
