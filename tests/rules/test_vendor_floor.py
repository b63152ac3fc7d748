"""What the exporter publishes over a floor, minute by minute, is what its scenario says."""

import json
from pathlib import Path

import pytest

from rules.floor import GROUPS, OTHER, RULES, campaign, fires, poll, series
from rules.vendor_floor import FloorCampaign, VendorFloor, recorded
from support.promtool import Timeline, check

Figures = dict[str, Timeline]
THIRD = {"operation": "ventas-bogota", "campaign_id": "4879", "campaign": "NUEVA", "skill_id": "4003"}


def figures(timeline: Timeline, *minutes: int) -> list[float | None]:
    return [timeline(minute) for minute in minutes]


def test_a_poll_shows_what_has_changed_before_it() -> None:
    told = VendorFloor().change(31, "4877", status="stopped").change(61, status="stopped").series(70)
    assert figures(told[campaign("running")], 0, 35, 36, 70) == [1, 1, 0, 0]
    assert figures(told[campaign("calls_per_minute")], 0, 35, 36, 70) == [20, 20, 0, 0]
    assert figures(told[campaign("running", OTHER)], 0, 65, 66) == [1, 1, 0]
    assert figures(told[series("up", {})], 0, 70) == [1, 1]


def test_a_campaign_dials_while_it_is_started() -> None:
    told = VendorFloor(before=0).change(31, status="stopped").series(60)
    dialled = told[campaign("dialed_records")]
    assert figures(dialled, 0, 6, 11, 31, 36, 60) == [None, 100, 200, 600, 620, 620]
    assert told[campaign("outcome_records", outcome="answer")](11) == 80
    assert told[campaign("outcome_records", outcome="no_answer")](11) == 80
    assert told[campaign("hits")](11) == 8


def test_a_list_ends_and_is_refilled() -> None:
    short = FloorCampaign("4877", "COBRANZA 30-60", "4001", records=300, uncalled=3)
    floor = VendorFloor(short, before=0).change(41, records=500)
    told = floor.series(60)
    assert figures(told[campaign("clean_records")], 16, 40, 46, 51) == [3, 3, 420, 320]
    assert figures(told[campaign("calls_per_minute")], 11, 16, 46) == [20, 0, 20]


def test_a_pace_follows_the_minute() -> None:
    told = VendorFloor(before=0).change(0, pace=lambda minute: minute % 2).series(60)
    assert told[campaign("dialed_records")](51) == 25


def test_campaigns_come_and_go_and_are_renamed() -> None:
    floor = VendorFloor().add(20, FloorCampaign("4879", "NUEVA", "4003"))
    floor.change(40, "4879", listed=False).change(30, "4878", name="OTRA")
    told = floor.series(50)
    assert figures(told[campaign("running", THIRD)], 20, 21, 40, 41) == [None, 1, 1, None]
    renamed = campaign("running", {**OTHER, "campaign": "OTRA"})
    assert figures(told[renamed], 30, 31) == [None, 1]


def test_what_wolkvox_answers_otherwise() -> None:
    floor = (
        VendorFloor()
        .answers(20, 40, "campaigns", status=503, body="<html>")
        .answers(20, 40, "token_info", fault="tls")
    )
    floor.answers(30, 50, "campaign_settings", seconds=52).token_use(0, 90, used=9_000)
    told = floor.series(80)
    assert figures(told[poll("up")], 20, 21, 40, 41) == [1, 0, 0, 1]
    assert told[poll("request_failures_total", cause="http_status")](41) == 4
    assert told[poll("poll_duration_seconds", "campaign_settings")](36) == pytest.approx(52)
    # Its own calls since it was told come on top.
    assert told[series("wolkvox_quota_used_requests", {"operation": "ventas-bogota"})](70) == 9_003


def test_unreadable_fields_are_as_they_are() -> None:
    floor = VendorFloor().change(20, "4877", fields={"hits": "??", "speed": None})
    told = floor.series(30)
    assert figures(told[campaign("hits")], 20, 21) == [108, None]
    assert figures(told[campaign("speed_ratio")], 20, 21) == [1.1, None]
    assert told[poll("field_errors_total", field="hits")](21) == 1


def test_the_process_and_the_scrapes() -> None:
    floor = VendorFloor().process(20, "kill").process(30, "start").scrape(40, "fails").scrape(45, "works")
    told = floor.series(60)
    up = told[series("up", {})]
    assert [minute for minute in range(61) if not up(minute)] == [*range(20, 30), *range(40, 45)]
    # What was stored is served at once, with its true age; the counters begin anew.
    assert figures(told[campaign("dialed_records")], 19, 20, 30) == [2700, None, 2700]
    assert figures(told[poll("requests_total")], 19, 30) == [28, 0]
    assert told[poll("last_success_timestamp_seconds")](30) == pytest.approx(15 * 60, abs=5)


def test_hours_are_those_of_the_operation() -> None:
    hours = [{"campaigns": [".*"], "expected": ["Wed 10:30-11:00"], "permitted": ["Wed 10:00-11:10"]}]
    told = VendorFloor(schedules=hours).series(80)
    assert figures(told[campaign("expected")], 0, 29, 30, 59, 60) == [0, 0, 1, 1, 0]
    assert figures(told[campaign("permitted")], 0, 69, 70) == [1, 1, 0]
    late = [{"campaigns": [".*"], "expected": ["Sat 22:30-23:00"]}]
    told = VendorFloor(begins="2026-08-15 22:00", schedules=late).series(40)
    assert figures(told[campaign("expected")], 29, 30) == [0, 1]


def test_recorded_answers_have_the_minutes_of_their_day(tmp_path: Path) -> None:
    answers, config = tmp_path / "answers.jsonl", tmp_path / "config.yaml"
    config.write_text("operations: [{name: ventas-bogota, server: '0042', token_env: NOT_SET}]")
    lines = VendorFloor(before=0).change(7, "4877", status="stopped").lines(30)
    # As if it were recorded from 15:00:20 UTC on.
    later = [{**line, "at": float(str(line["at"])) + 15 * 3600 + 20} for line in lines]
    answers.write_text("".join(f"{json.dumps(line)}\n" for line in later))
    scenario = recorded("recorded", config, answers)
    assert scenario.minutes == 15 * 60 + 30
    running = scenario.series[campaign("running")]
    assert figures(running, 899, 900, 901, 910, 911) == [None, None, 1, 1, 0]
    told = scenario.series[poll("last_success_timestamp_seconds")](901)
    assert told == pytest.approx(900 * 60, abs=5)


@pytest.mark.integration
def test_its_scenarios_go_through_promtool(tmp_path: Path) -> None:
    floor = VendorFloor().process(30, "stop").process(60, "start")
    expected = fires(
        "WolkvoxExporterDown",
        first=35,
        last=59,
        description="Prometheus gets no answer from 127.0.0.1:10042 (job wolkvox). "
        "Nothing is known about the campaigns behind it.",
        about={"job": "wolkvox", "instance": "127.0.0.1:10042"},
    )
    scenario = floor.scenario(
        "the exporter is stopped for half an hour", 90, expected, others=["WolkvoxOperationBlind"]
    )
    order = [group["name"] for group in GROUPS]
    assert check(tmp_path, RULES, order, [scenario]) == ""
    wrong = floor.scenario("nothing is said to happen", 90)
    assert "WolkvoxExporterDown" in check(tmp_path, RULES, order, [wrong])
