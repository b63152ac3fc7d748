"""The column "why": when, and by whom, a campaign was stopped, and whatever else keeps it from dialling."""

import json
import re
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from exporter.apis import audit_log
from exporter.config import ApiSettings
from exporter.judgement import CampaignState, Reason
from exporter.metrics import Format
from exporter.schedules import Schedule, Week, parse_window
from support.fakes import campaigns_row, make_operation
from support.floor import Floor
from web.status.test_pages import HOSTILE, ask, listed, page, words

NO_BREAK = "\N{NO-BREAK SPACE}"
ALWAYS = Week.of([parse_window("Mon-Sun 00:00-24:00")])
ALL_DAY = Schedule((re.compile(".*"),), ALWAYS, ALWAYS)
WITH_USERS = ApiSettings(True, 300.0, 900.0, {audit_log.SHOW_USERS.name: True})
AGENT = {"agent_id": "7001", "agent_name": "FULANA DE FICCION", "agent_status": "Auxiliary"}


def a_floor(**more: Any) -> Floor:
    return Floor([make_operation(**{"schedules": (ALL_DAY,), **more})])


def stop_by_hand(floor: Floor, at: str = "2026-08-12 10:04:08", user: str = "maria.ficticia") -> None:
    """Stop the only campaign at a time of the operation, between two answers."""
    floor.answer("campaigns", [campaigns_row("1 - A")])
    floor.clock.advance(300)
    floor.answer("campaigns", [campaigns_row("1 - A", status="stopped")])
    line = {"date": at, "ip": "192.0.2.7", "user": user, "action": "Predictive: stop campaign 1"}
    floor.answer("audit_log", [{**line, "workstation": "PC"}])


def told(floor: Floor, query: str = "") -> Mapping[str, str]:
    """Return what the column says, by campaign."""
    rows = page(floor, query).split('<tr class="row')[1:]
    cells = {re.findall(r'<bdi class="name"[^>]*>(.*?)</bdi>', row)[0]: row for row in rows}
    found = {name: re.findall(r'<td class="c-why"[^>]*>(.*?)</td>', row) for name, row in cells.items()}
    return {name: words(cell).replace(NO_BREAK, " ") for name, (cell,) in found.items()}


@pytest.mark.parametrize(
    ("query", "why"), [("", "stopped by hand at 10:04"), ("lang=es", "la detuvieron a mano a las 10:04")]
)
def test_a_stop_by_hand_has_its_time(query: str, why: str) -> None:
    floor = a_floor()
    stop_by_hand(floor)
    assert told(floor, query) == {"A": why}
    (campaign,) = json.loads(ask(floor, "/status.json").content)["campaigns"]
    assert (campaign["why"], campaign["stopped_by"]) == ("stopped_by_hand", "")
    assert campaign["stopped_by_hand"] == floor.clock.wall - 52
    floor.clock.advance(300)
    floor.answer("campaigns", [campaigns_row("1 - A")])
    assert told(floor, query) == {"A": ""}


def test_a_stop_of_another_day_has_its_date_and_one_of_another_zone_says_so() -> None:
    floor = Floor(
        [
            make_operation("bogota"),
            make_operation("mexico", timezone=ZoneInfo("America/Mexico_City"), schedules=(ALL_DAY,)),
        ]
    )
    for name in ("bogota", "mexico"):
        floor.answer("campaigns", [campaigns_row("1 - A")], name)
    floor.clock.advance(300)
    floor.answer("campaigns", [campaigns_row("1 - A", status="stopped")], "mexico")
    line = {"date": "2026-08-12 09:04:08", "user": "x", "action": "Predictive: stop campaign 1"}
    floor.answer("audit_log", [line], "mexico")
    assert told(floor, "operation=mexico") == {"A": "stopped by hand at 09:04"}
    assert "stopped by hand at 09:04 (America/Mexico_City)</span>" in page(floor)
    floor.clock.advance(16 * 3600)
    floor.answer("campaigns", [campaigns_row("1 - A", status="stopped")], "mexico")
    assert told(floor, "operation=mexico") == {"A": "stopped by hand on 12 Aug 09:04"}
    assert told(floor, "operation=mexico&lang=es") == {"A": "la detuvieron a mano el 12 ago. 09:04"}


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("", "stopped by hand at 10:04 by maria.ficticia"),
        ("lang=es", "la detuvieron a mano a las 10:04 usuario maria.ficticia"),
    ],
)
def test_who_stopped_it_is_told_only_if_that_is_wanted(query: str, why: str) -> None:
    floor = a_floor(apis={"audit_log": WITH_USERS})
    stop_by_hand(floor)
    assert told(floor, query) == {"A": why}
    without = a_floor()
    stop_by_hand(without)
    # With the campaign, and in the list of what to attend to.
    for one, users in ((without, 0), (floor, 2)):
        for path in ("/", "/status.json"):
            assert ask(one, path, query).content.decode().count("maria.ficticia") == users
        assert b"maria.ficticia" not in b"".join(one.exposition.render(Format.TEXT))
        assert "192.0.2.7" not in page(one)


@pytest.mark.parametrize("user", HOSTILE)
def test_a_user_is_text_whatever_the_name(user: str) -> None:
    floor = a_floor(apis={"audit_log": WITH_USERS})
    stop_by_hand(floor, user=user)
    html = page(floor)
    assert html.count("<script") == 1
    assert "<img src=x" not in html
    assert told(floor)["A"].startswith("stopped by hand at 10:04 by ")


def test_nobody_to_answer_is_the_reason_before_a_stop_by_hand_whose_time_is_not_told() -> None:
    floor = a_floor(apis={"audit_log": WITH_USERS})
    stop_by_hand(floor)
    floor.answer("agents", [AGENT])
    assert told(floor) == {"A": "no agent is ready or talking"}
    (campaign,) = json.loads(ask(floor, "/status.json").content)["campaigns"]
    assert (campaign["reason"], campaign["stopped_by_hand"], campaign["stopped_by"]) == (
        "no_agents",
        None,
        "",
    )
    for path in ("/", "/status.json"):
        assert not re.search("7001|FULANA", ask(floor, path).content.decode())


def test_each_reason_has_the_words_of_its_table() -> None:
    night = Week.of([parse_window("Mon-Fri 20:00-21:00")])
    afternoon = Week.of([parse_window("Mon-Fri 15:00-18:00")])
    schedules = (
        Schedule((re.compile("NIGHT"),), night, night),
        Schedule((re.compile("LATER"),), afternoon, ALWAYS),
        ALL_DAY,
    )
    floor = a_floor(schedules=schedules)
    stopped = {"status": "stopped"}

    def land(dial: int, calls: str) -> None:
        rows = [
            campaigns_row("1 - NIGHT", **stopped),
            campaigns_row("2 - LATER", **stopped),
            campaigns_row("3 - SLOW", calls_x_min="0", speed="0%"),
            campaigns_row("4 - USED UP", calls_x_min="0", clean="0", dial="1000"),
            campaigns_row("5 - DIALS"),
            campaigns_row(
                "6 - CARRIER",
                calls_x_min=calls,
                dial=str(dial),
                clean=str(1000 - dial),
                **{"busy/congestion/failed": str(dial)},
            ),
            campaigns_row("7 - SILENT", calls_x_min="0"),
            campaigns_row("8 - UNKNOWN", status=""),
        ]
        floor.answer("campaigns", rows)

    land(100, "20")
    floor.clock.advance(300)
    land(200, "20")
    floor.clock.advance(300)
    land(200, "0")
    expected = {
        "NIGHT": Reason.FORBIDDEN_HOURS,
        "LATER": Reason.NOT_EXPECTED,
        "SLOW": Reason.SPEED_ZERO,
        "USED UP": Reason.LIST_USED_UP,
        "DIALS": None,
        "CARRIER": Reason.CARRIER,
        "SILENT": Reason.NOT_KNOWN,
        "UNKNOWN": None,
    }
    for code in ("en", "es"):
        assert told(floor, f"lang={code}") == {
            name: why.words[code] if why else "" for name, why in expected.items()
        }
    assert {one.name: one.why for one in floor.status().campaigns} == expected


@pytest.mark.parametrize("code", ["en", "es"])
def test_a_reason_that_says_what_to_do_is_followed_rather_than_the_state(code: str) -> None:
    floor = a_floor()
    rows = [campaigns_row(f"{i} - {i}", speed="0%", calls_x_min="0") for i in (1, 2)]
    floor.answer("campaigns", rows)
    state, reason = CampaignState.NO_CALLS.term, Reason.SPEED_ZERO.term
    attention = listed(page(floor, f"lang={code}"))
    assert state.words[code] in attention
    assert attention.count(f"→ {reason.do[code]}") == 2
    assert state.do[code] not in attention
    # The other one's reason is not known.
    rows[1] = campaigns_row("2 - 2", calls_x_min="0")
    floor.answer("campaigns", rows)
    attention = listed(page(floor, f"lang={code}"))
    assert attention.count(f"→ {reason.do[code]}") == 1
    assert state.do[code] in attention


def test_the_advice_for_a_state_stays_where_its_reason_is_its_name() -> None:
    floor = a_floor()
    floor.answer("campaigns", [campaigns_row("1 - A", records="9", dial="9", clean="0", calls_x_min="0")])
    state = CampaignState.LIST_USED_UP.term
    assert f"{state.words['en']} {state.do['en']}" in listed(page(floor))
