"""Page, dashboard and alerts speak of the same campaigns at every minute of a simulated day."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from exporter.judgement import CampaignState
from exporter.toolkit.message import Request
from rules.floor import GROUPS, RULES
from rules.vendor_floor import FloorCampaign, VendorFloor
from scripts.replay import Scrape, _Replay
from support.boards import expressions
from support.promtool import Scenario, Timeline, firing

pytestmark = pytest.mark.integration

ORDER = [group["name"] for group in GROUPS]
MINUTES = 24 * 60
HOURS = [{"campaigns": [".*"], "expected": ["Mon-Fri 08:00-18:00"], "permitted": ["Mon-Fri 07:00-19:00"]}]
STATE = "wolkvox_campaign_state"
ALERTS = {
    CampaignState.STOPPED_IN_HOURS: "WolkvoxCampaignStopped|WolkvoxCampaignNotStarted",
    CampaignState.NO_CALLS: "WolkvoxCampaignStalled",
    CampaignState.LIST_USED_UP: "WolkvoxListExhausted",
}

Pages = dict[int, Mapping[str, str]]
"""The states on the page by minute and campaign."""


def at(clock: str) -> int:
    hours, _, minutes = clock.partition(":")
    return 60 * int(hours) + int(minutes)


def floor() -> VendorFloor:
    """Return a day on which campaigns stop, stall, use up their lists, and dial beyond their hours."""
    names = ("4877", "4878", "4879", "4880", "4881", "4882")
    day = VendorFloor(
        *(FloorCampaign(name, f"VENTAS {name}", "4001", status="stopped", records=100_000) for name in names),
        begins="2026-08-12 00:00",
        before=0,
        schedules=HOURS,
    )
    for name in names[:-1]:
        day.change(at("8:02"), name, status="started")
    day.change(at("8:40"), "4882", status="started")  # late
    day.change(at("10:00"), "4877", status="stopped").change(at("11:07"), "4877", status="started")
    day.change(at("12:00"), "4878", pace=0.0).change(at("12:48"), "4878", pace=20.0)
    day.change(at("13:10"), "4879", records=3_000)
    day.answers(at("14:00"), at("14:25"), "campaigns", fault="timeout")
    for name in names[:4]:
        day.change(at("18:01"), name, status="stopped")
    return day.change(at("21:00"), "4881", status="stopped")


@pytest.fixture(scope="module")
def told() -> tuple[Mapping[str, Timeline], Pages]:
    """Return what is published over the day, and what the page says at each scrape."""
    pages: Pages = {}

    def scrape_and_look(self: _Replay, when: float) -> Scrape | None:
        found = plain(self, when)
        status = json.loads(asyncio.run(self._process.service.app(Request("GET", "/status.json"))).content)
        pages[len(pages)] = {one["campaign_id"]: one["state"] for one in status["campaigns"]}
        return found

    plain = _Replay._scrape
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_Replay, "_scrape", scrape_and_look)
        series = floor().series(MINUTES)
    return series, pages


def published(series: Mapping[str, Timeline], minute: int) -> Mapping[str, str]:
    """Return the states that metrics tell at a minute, by campaign."""
    found = {}
    for name, timeline in series.items():
        if name.startswith(f"{STATE}{{") and timeline(minute) == 1:
            pairs = dict(pair.split("=", 1) for pair in name[len(STATE) + 1 : -1].split(","))
            found[pairs["campaign_id"].strip('"')] = pairs["state"].strip('"')
    return found


def test_the_page_says_what_the_metrics_say(told: tuple[Mapping[str, Timeline], Pages]) -> None:
    series, pages = told
    different = {m: states for m, states in pages.items() if states != published(series, m)}
    assert different == {}
    seen = {state for states in pages.values() for state in states.values()}
    assert seen == set(CampaignState) - {CampaignState.STOPPED, CampaignState.UNKNOWN}


def of_alerts(state: CampaignState) -> str:
    """Return where alerts about a state fire and it is not there, or it is overdue and they do not."""
    alerts = f'ALERTS{{alertname=~"{ALERTS[state]}",alertstate="firing"}}'
    campaigns = f'({STATE}{{state="{state}"}} == 1)'
    same = "on (operation, campaign_id)"
    overdue = f"{campaigns} and {same} (wolkvox_campaign_state_confirmed_seconds >= 600)"
    if state is CampaignState.NO_CALLS:
        overdue += f" and {same} (wolkvox_campaign_missed_calls >= 10)"
    wrong = f"({alerts} unless {same} {campaigns}) or (({overdue}) unless {same} {alerts})"
    return f'label_replace({wrong}, "wrong", "alert {state}", "", "")'


def of_dashboard() -> list[str]:
    """Return where the tiles of the dashboard count other campaigns."""
    tiles = {"Outside hours", "To be started", "Not dialling"}
    shown_by = [
        expression
        for expression in expressions("en/wolkvox-floor")
        if expression.where.rpartition(" ")[0] in tiles
    ]
    assert len(shown_by) == sum(state.needs_attention for state in CampaignState)
    wrong = []
    for expression in shown_by:
        (state,) = [one for one in CampaignState if f'state="{one}"' in expression.text]
        shown = expression.filled()
        counted = f'scalar(count({STATE}{{state="{state}"}} == 1) or vector(0))'
        wrong.append(f'label_replace(({shown}) - {counted} != 0, "wrong", "tile {state}", "", "")')
    return wrong


def test_alerts_and_dashboard_are_about_the_campaigns_in_the_state(
    told: tuple[Mapping[str, Timeline], Pages], tmp_path: Path
) -> None:
    series, _ = told
    query = " or ".join([*map(of_alerts, ALERTS), *of_dashboard()])
    assert firing(tmp_path, RULES, ORDER, Scenario("a day", series, MINUTES, step=1), query) == {}
    alerts = firing(tmp_path, RULES, ORDER, Scenario("a day", series, MINUTES, step=30))
    names = {name.partition("{")[0] for name in alerts}
    assert names >= {"WolkvoxCampaignNotStarted", "WolkvoxCampaignStalled", "WolkvoxListExhausted"}
