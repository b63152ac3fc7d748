"""The answers as the vendor's pages and real operations have them, over HTTP."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from exporter.simulator import OperationStyle
from simulator.caller import HOUR, MINUTE, Caller, FakeClock
from support.fakes import campaign_settings_row, campaigns_row, telephone_row
from support.simulator import Simulator


def fields_of_the_page(name: str) -> set[str]:
    body = json.loads((Path(__file__).parents[1] / "golden" / "vendor" / f"{name}.json").read_text())
    return set((body if isinstance(body, list) else body["data"])[0])


# What the exporter reads, and the fields of the vendor's pages.
REAL_TIME, INFORMATION = map(set, (campaigns_row(), campaign_settings_row()))
REAL_TIME_PAGE, INFORMATION_PAGE = map(fields_of_the_page, ("real_time_campaigns", "information_campaigns"))
CODES = list(telephone_row())
TOKEN_INFO = [
    "description",
    "token_limit",
    "token_use_today",
    "all_token_today",
    "available_consumption_options",
]
SKILLS = [
    "skill_id",
    "skill_name",
    "calls_in_queue_now",
    "stat_inbound",
    "stat_answer",
    "stat_abandon",
    "service_level_10seg",
    "service_level_20seg",
    "service_level_30seg",
    "by_abandon",
]
AGENTS = [
    "agent_id",
    "agent_name",
    "agent_status",
    "calls",
    "inbound",
    "outbound",
    "internal",
    "time_state_now",
    "ready_time",
    "ocupation",
    "aux_time",
]
DIFFER = "exporter/simulator/shapes.py writes a row with other fields than the API in exporter/apis/ reads"
TAIL = re.compile(r" - (?:\w+ \(\d+%\)(?: - |, | )?)+$")


def test_real_time_has_the_fields_of_the_page_as_strings(bogota: Caller) -> None:
    answer = bogota.real_time()
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.headers["Transfer-Encoding"] == "chunked"
    for row in bogota.rows(answer):
        assert REAL_TIME_PAGE <= set(row) <= REAL_TIME, DIFFER
        assert all(value is None or isinstance(value, str) for value in row.values())
        assert row["status"] in {"started", "stopped"}


def test_information_has_the_fields_of_the_page_as_strings(bogota: Caller) -> None:
    for row in bogota.rows(bogota.information()):
        assert INFORMATION_PAGE <= set(row) <= INFORMATION, DIFFER
        assert all(isinstance(value, str) for value in row.values())
        assert row["status"] in {"Started", "Stopped"}
        assert row["type_campaign"] in {"predictive", "preview"}
        assert re.fullmatch(r"autopilot|strategy|phone[12] – ring: (60|45)\(seg\)", row["dial_mode"])  # noqa: RUF001 - the page's dash


def test_token_info_tells_the_use(bogota: Caller) -> None:
    bogota.real_time()
    (row,) = bogota.rows(bogota.token_info())
    assert list(row) == TOKEN_INFO
    assert [row[name] for name in TOKEN_INFO[1:]] == ["25000", "2", "2", "24998"]


def test_codes_add_up_for_each_telephone(bogota: Caller) -> None:
    rows = bogota.rows(bogota.codes("4875"))
    assert len({row["telephone"] for row in rows}) == len(rows) > 100
    for row in rows:
        assert list(row) == CODES
        # Telephones are invented: no country has such numbers.
        assert re.fullmatch(r"555\d{7}", row["telephone"])
        assert int(row["total_machine_recognitions"]) == sum(int(row[name]) for name in CODES[2:])


def test_some_telephones_never_work(bogota: Caller) -> None:
    rows = bogota.rows(bogota.codes("4875"))
    dead = [
        row
        for row in rows
        if int(row["total_machine_recognitions"]) >= 3
        and int(row["congestion"]) + int(row["failed"]) == int(row["total_machine_recognitions"])
    ]
    assert 0 < len(dead) < len(rows) / 5


@pytest.mark.parametrize(
    ("number", "bare", "code"), [(0, True, None), (1, False, 200), (2, False, ""), (3, False, "200")]
)
def test_operations_wrap_their_answers_differently(
    start: Callable[..., Simulator], number: int, bare: bool, code: object
) -> None:
    simulator = start(operations=5)
    caller = Caller(simulator, simulator.operations[number])
    content = caller.real_time().json()
    assert isinstance(content, list) == bare
    if not bare:
        assert list(content) == ["code", "error", "msg", "data"]
        assert (content["code"], content["error"]) == (code, None)
        assert content["msg"] == f"{len(content['data'])} records were found"
    # The other apis always have the envelope.
    assert {"code", "error", "msg", "data"} == set(caller.information().json())


def test_a_report_may_end_with_a_total(mexico: Caller, bogota: Caller) -> None:
    *rows, total = mexico.rows(mexico.codes("5875"))
    assert total["telephone"] == "TOTAL"
    for name in CODES[1:]:
        assert int(total[name]) == sum(int(row[name]) for row in rows)
    assert "TOTAL" not in {row["telephone"] for row in bogota.rows(bogota.codes("4875"))}


def test_letters_are_escaped_or_not(bogota: Caller, mexico: Caller) -> None:
    assert rb"Regi\u00f3n" in bogota.information().content
    assert "Región".encode() in mexico.information().content
    assert "VENTAS HOGAR - Región Ficticia" in {r["campaign_name"] for r in bogota.rows(bogota.information())}


def test_both_lists_tell_the_same_campaigns(bogota: Caller) -> None:
    names = {row["campaign_id"]: row["campaign_name"] for row in bogota.rows(bogota.information())}
    live = bogota.rows(bogota.real_time())
    assert len(live) == len(names)
    for row in live:
        campaign_id, _, rest = row["campaign"].partition(" - ")
        assert TAIL.sub("", rest) == names[campaign_id]


def test_the_dialling_tail_is_written_in_every_known_way_and_changes(
    bogota: Caller, clock: FakeClock
) -> None:
    clock.now += 36 * MINUTE
    first = [row["campaign"] for row in bogota.rows(bogota.real_time())]
    shapes = {re.sub(r"\d+", "N", tail[0]) if (tail := TAIL.search(text)) else "" for text in first}
    assert {
        "",
        " - telN (N%)",
        " - telN (N%) - telN (N%)",
        " - telN (N%), telN (N%), telN (N%)",
        " - telN (N%) telN (N%)",
        " - Strategy (N%)",
    } <= shapes
    clock.now += HOUR
    assert [row["campaign"] for row in bogota.rows(bogota.real_time())] != first


def test_percentages_and_thousands_are_written_as_the_vendor_does(bogota: Caller, clock: FakeClock) -> None:
    clock.now += 7 * HOUR
    rows = bogota.rows(bogota.real_time())
    assert any("," in row["records"] for row in rows)
    for row in rows:
        assert re.fullmatch(r"\d{1,3}(,\d{3})*\.\d\d %", row["penetration_day"])
        assert re.fullmatch(r"[\d,]+ \(\d{1,3}(,\d{3})*\.\d\d %\)", row["hits"])
        assert row["speed"] == "" or re.fullmatch(r"\d+%", row["speed"])


def test_values_may_be_empty_a_dash_or_null(bogota: Caller) -> None:
    parked = next(row for row in bogota.rows(bogota.real_time()) if row["campaign"].startswith("4877"))
    assert (parked["status"], parked["speed"], parked["penetration_now"]) == ("stopped", "", None)
    assert parked["calls_x_min"] == "-"


def test_a_campaign_that_never_dialled_has_no_last_use(
    start: Callable[..., Simulator], clock: FakeClock
) -> None:
    sunday = start(start=datetime(2026, 8, 16, 15, tzinfo=UTC))
    clock.now += HOUR
    caller = Caller(sunday, sunday.operations[0])
    texts = {row["campaign_id"]: row["last_use"] for row in caller.rows(caller.information())}
    assert texts.pop("4881") == ""
    # The work before the simulator started was done just now, by the real clock.
    assert set(texts.values()) == {"2026-08-12 10:00:00"}


def test_last_use_may_be_precise_to_the_day_only(lima: Caller) -> None:
    texts = {row["last_use"] for row in lima.rows(lima.information())} - {""}
    assert texts == {"2026-08-12"}


def test_turbo_dial_is_spelled_in_many_ways(start: Callable[..., Simulator]) -> None:
    simulator = start(operations=5)
    spelled = [
        {row["turbo_dial"] for row in caller.rows(caller.information())}
        for caller in (Caller(simulator, one) for one in simulator.operations)
    ]
    assert spelled == [{"yes", "no"}, {"Si", "No"}, {"1", "0"}, {"active", "inactive"}, {"ON", "OFF"}]


def test_skills_have_the_fields_of_the_collection(bogota: Caller, clock: FakeClock) -> None:
    clock.now += HOUR
    rows = bogota.rows(bogota.skills())
    assert [row["skill_id"] for row in rows] == ["4000", "4001", "4002"]
    for row in rows:
        assert list(row) == SKILLS
        assert all(isinstance(value, str) for value in row.values())
        for name in SKILLS[-4:]:
            assert re.fullmatch(r"\d{1,3}\.\d\d %", row[name])
    assert bogota.rows(bogota.skills("4001")) == rows[1:2]
    assert bogota.skills("9").status_code == 404
    assert bogota.call("real_time", api="skills").status_code == 400
    used = {row["skill_id"] for row in bogota.rows(bogota.information())}
    assert used <= {row["skill_id"] for row in rows}


def test_a_skill_without_calls_has_no_service_level(start: Callable[..., Simulator]) -> None:
    simulator = start(campaigns=1)
    caller = Caller(simulator, simulator.operations[0])
    calm = caller.rows(caller.skills("4001"))[0]
    assert (calm["stat_inbound"], calm["by_abandon"], calm["service_level_20seg"]) == ("0", "0.00 %", "-")


def test_agents_have_the_fields_of_the_collection(bogota: Caller, mexico: Caller) -> None:
    for caller in (bogota, mexico):
        rows = caller.rows(caller.agents())
        assert len(rows) == 24
        for row in rows:
            assert list(row) == AGENTS
            assert all(isinstance(value, str) for value in row.values())
            assert row["agent_status"] in {"Ready", "Talk", "ACW", "Auxiliary", "Logout"}
            assert int(row["calls"]) == sum(int(row[name]) for name in ("inbound", "outbound", "internal"))
            for name in ("time_state_now", "ready_time", "aux_time"):
                assert re.fullmatch(r"\d\d:[0-5]\d:[0-5]\d", row[name])
    assert isinstance(bogota.agents().json(), list)
    assert isinstance(mexico.agents().json(), dict)


def test_services_are_one_row_or_an_object(start: Callable[..., Simulator]) -> None:
    simulator = start(operations=5)
    callers = [Caller(simulator, one) for one in simulator.operations]
    assert [type(caller.services().json()["data"]) for caller in callers] == [list, dict, list, list, dict]
    told = [caller.rows(caller.services()) for caller in callers]
    assert [row["customer_prot"] for (row,) in told] == ["yes", "Si", "1", "active", "ON"]
    assert {row["licenses"] for (row,) in told} == {"25"}
    for condition in ("protection_off", "licences_changed"):
        simulator.service.world.named("cobranza-mexico").set_condition(condition, 0, holds=True)
    (row,) = callers[1].rows(callers[1].services())
    assert (row["customer_prot"], row["licenses"]) == ("No", "30")


def test_gzip_only_for_who_accepts_it(bogota: Caller, start: Callable[..., Simulator]) -> None:
    assert bogota.real_time().headers["Content-Encoding"] == "gzip"
    plain = start(gzip=False)
    assert "Content-Encoding" not in Caller(plain, plain.operations[0]).real_time().headers


def test_a_recycled_campaign_counts_times_here_and_records_there(bogota: Caller, clock: FakeClock) -> None:
    clock.now += HOUR
    times = {row["campaign"][:4]: row["recycled"] for row in bogota.rows(bogota.real_time())}["4878"]
    row = next(row for row in bogota.rows(bogota.information()) if row["campaign_id"] == "4878")
    assert int(times) > 0
    assert int(row["recycled"]) == int(times) * int(row["records"])


def test_counts_of_the_report_follow_the_range(bogota: Caller, clock: FakeClock) -> None:
    def calls(first: str, last: str) -> int:
        answer = bogota.codes("4875", first, last)
        rows = [] if answer.status_code == 404 else bogota.rows(answer)
        return sum(int(row["total_machine_recognitions"]) for row in rows)

    clock.now += 2 * HOUR
    early = calls("20260812000000", "20260812105959")
    late = calls("20260812110000", "20260812235959")
    assert early > 0
    assert late > 0
    assert early + late == calls("20260812000000", "20260812235959")
    assert calls("20260811000000", "20260811235959") == 0


def test_campaigns_are_ordered_by_their_ids(bogota: Caller) -> None:
    ids = [int(row["campaign_id"]) for row in bogota.rows(bogota.information())]
    assert all(one < other for one, other in pairwise(ids))


def test_styles_can_be_chosen(start: Callable[..., Simulator]) -> None:
    simulator = start(styles=(OperationStyle(envelope=True, code="int"),))
    caller = Caller(simulator, simulator.operations[0])
    assert caller.real_time().json()["code"] == 200
