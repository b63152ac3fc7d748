"""What the page says of an operation as a whole: agents, queues, abandoned calls, and findings."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from exporter.apis import APIS, agents, campaign_results, services, skills
from exporter.config import Operation
from exporter.judgement import Finding
from exporter.schedules import LEY_2300, Schedule, Week
from support.fakes import campaigns_row, make_operation
from support.floor import Floor
from web.status.test_pages import ask, listed, page, words

NO_BREAK = "\N{NO-BREAK SPACE}"
NOT_KNOWN = "\N{EN DASH} Not known"
LAW = Schedule((re.compile(".*"),), None, Week.of(LEY_2300.windows), preset=LEY_2300.name)
FIVE = [agents.NAME, skills.NAME, campaign_results.NAME, services.NAME, "audit_log"]


def an_operation(name: str = "ventas", *, off: tuple[str, ...] = (), **more: Any) -> Operation:
    made = make_operation(name, **more)
    return replace(made, apis={**made.apis, **{api: replace(made.apis[api], enabled=False) for api in off}})


def said(floor: Floor, query: str = "") -> str:
    return words(page(floor, query)).replace(NO_BREAK, " ")


def agent(number: int, status: str) -> dict[str, object]:
    return {"agent_id": f"70{number:02}", "agent_name": f"FULANA {number}", "agent_status": status}


def results(abandon: int, answer: int) -> list[dict[str, object]]:
    counts = {"abandon": abandon, "ANSWER": answer, "no-answer": 200}
    return [{"result": name, "records": str(count), "percent": "1.00 %"} for name, count in counts.items()]


def abandoned(html: str) -> list[str]:
    """Return the cells of the column, in its order."""
    cells = re.findall(r'<td class="c-abandonment[^>]*>(.*?)</td>', html, re.DOTALL)
    return [words(cell).replace(NO_BREAK, " ") for cell in cells]


def test_agents_are_told_by_status_and_never_by_name() -> None:
    floor = Floor([an_operation()])
    floor.answer("campaigns", [campaigns_row()])
    assert f"Agents {NOT_KNOWN} Calls waiting {NOT_KNOWN}" in said(floor)
    statuses = ["Ready", "Talk", "Talk", "ACW", "Logout", "Logout", "Logout"]
    floor.answer("agents", [agent(i, status) for i, status in enumerate(statuses)])
    for query, told in (
        ("", "Agents just now Ready 1 Talking 2 After-call work 1 Auxiliary 0 Logged out 3 Calls"),
        (
            "lang=es",
            (
                "mismo Disponibles 1 En llamada 2 En documentación (ACW) 1 En auxiliar 0 Desconectados 3 "
                "Llamadas"
            ),
        ),
    ):
        assert told in said(floor, query)
    for path in ("/", "/status.json"):
        assert not re.search("FULANA|70[0-9]{2}", ask(floor, path).content.decode())
    # Where one has a status of another name, nobody knows which of the usual ones that is.
    floor.answer("agents", [agent(1, "Ready"), agent(2, "<b>Coaching")])
    unknown = " ".join(
        f"{name} {NOT_KNOWN}" for name in ("Talking", "After-call work", "Auxiliary", "Logged out")
    )
    assert f"Ready 1 {unknown} <b>coaching 1" in said(floor)
    assert "<b>coaching" not in page(floor)
    floor.clock.advance(901)
    floor.answer("campaigns", [campaigns_row()])
    assert f"Agents {NOT_KNOWN}" in said(floor)


def test_calls_that_wait_are_those_of_all_skills() -> None:
    floor = Floor([an_operation()])
    floor.answer("campaigns", [campaigns_row()])
    floor.answer(
        "skills",
        [{"skill_id": str(i), "skill_name": "X", "calls_in_queue_now": str(i)} for i in (3, 4)],
    )
    assert "Calls waiting just now 7" in said(floor)
    assert "Llamadas en cola ahora mismo 7" in said(floor, "lang=es")


@pytest.mark.parametrize(
    ("query", "under", "over"),
    [("", "3% limit 3%", "3.1% over 3%"), ("lang=es", "3 % límite 3 %", "3,1 % más del 3 %")],
)
def test_abandonment_stands_beside_its_limit_and_more_than_that_is_marked(
    query: str, under: str, over: str
) -> None:
    floor = Floor([an_operation()])
    floor.answer("campaigns", [campaigns_row("1 - A"), campaigns_row("2 - B"), campaigns_row("3 - C")])
    unknown = NOT_KNOWN if not query else "\N{EN DASH} Sin dato"
    assert abandoned(page(floor, query)) == [unknown] * 3
    floor.answer("campaign_results", results(3, 97), campaign_id="1")
    floor.answer("campaign_results", results(31, 969), campaign_id="2")
    floor.answer("campaign_results", results(0, 0), campaign_id="3")
    floor.answer("campaign_results", results(34, 1066))
    html = page(floor, query)
    age = "ahora mismo" if query else "just now"
    assert abandoned(html) == [f"{under} {age}", f"{over} {age}", unknown]
    assert html.count('class="over"><svg class="icon"') == 2
    heading = "Abandono hoy" if query else "Abandoned today"
    assert f"{heading} {age} {over}" in said(floor, query)
    told = json.loads(ask(floor, "/status.json").content)
    assert [one["abandonment_ratio"] for one in told["campaigns"]] == [0.03, 0.031, None]
    assert {one["abandonment_limit"] for one in (*told["campaigns"], *told["operations"])} == {0.03}
    assert abandoned(page(floor, f"{query}&sort=-abandonment")) == [
        f"{over} {age}",
        f"{under} {age}",
        unknown,
    ]
    # Yesterday's figures are nobody's today.
    floor.clock.advance(14.1 * 3600)
    floor.answer("campaigns", [campaigns_row("1 - A")])
    assert abandoned(page(floor, query)) == [unknown]


def test_what_is_from_no_list_of_campaigns_has_its_own_age() -> None:
    floor = Floor([an_operation()])
    floor.answer("campaign_results", results(3, 97), campaign_id="1")
    floor.clock.advance(300)
    floor.answer("campaign_results", results(3, 97))
    floor.clock.advance(240)
    floor.answer("agents", [agent(1, "Ready")])
    floor.clock.advance(120)
    floor.answer("skills", [{"skill_id": "3", "skill_name": "X", "calls_in_queue_now": "4"}])
    # Without a list of campaigns, these figures are shown nevertheless.
    floor.clock.advance(60)
    assert "no list of campaigns at present" in said(floor)
    floor.answer("campaigns", [campaigns_row("1 - A")])
    told = said(floor)
    assert "oldest list of campaigns: just now" in told
    for text in ("Agents 3 min ago Ready 1", "Calls waiting 1 min ago 4", "Abandoned today 7 min ago 3%"):
        assert text in told
    assert abandoned(page(floor)) == ["3% limit 3% 12 min ago"]
    assert "lista de campañas más vieja: ahora mismo" in said(floor, "lang=es")
    json_told = json.loads(ask(floor, "/status.json").content)
    (operation,), (campaign,) = json_told["operations"], json_told["campaigns"]
    ages = [operation[f"{name}_age"] for name in ("agents", "queued_calls", "abandonment")]
    assert (ages, campaign["abandonment_age"], json_told["summary"]["oldest"]) == ([180, 60, 420], 720, 0)
    # What is not shown has no age.
    floor.clock.advance(14.1 * 3600)
    (operation,) = json.loads(ask(floor, "/status.json").content)["operations"]
    assert [operation[f"{name}_age"] for name in ("agents", "queued_calls", "abandonment")] == [None] * 3


def test_each_operation_has_its_own_limit() -> None:
    floor = Floor([an_operation("a", abandonment_limit=0.05), an_operation("b")])
    for name in ("a", "b"):
        floor.answer("campaigns", [campaigns_row("1 - A")], name)
        floor.answer("campaign_results", results(4, 96), name, campaign_id="1")
    assert abandoned(page(floor)) == ["4% limit 5% just now", "4% over 3% just now"]


def test_nothing_is_said_of_what_nobody_asks_for() -> None:
    floor = Floor([an_operation(off=(agents.NAME, skills.NAME, campaign_results.NAME))])
    floor.answer("campaigns", [campaigns_row()])
    told = said(floor)
    for heading in ("Agents", "Calls waiting", "Abandoned today"):
        assert heading not in told
    assert abandoned(page(floor)) == []
    assert 'class="c-abandonment"' not in page(floor)
    (campaign,) = json.loads(ask(floor, "/status.json").content)["campaigns"]
    assert (campaign["abandonment_ratio"], campaign["abandonment_limit"]) == (None, None)


def test_an_operation_that_asks_shows_the_column_for_all_of_the_page() -> None:
    floor = Floor([an_operation("a", off=(campaign_results.NAME,)), an_operation("b")])
    for name in ("a", "b"):
        floor.answer("campaigns", [campaigns_row("1 - A")], name)
    floor.answer("campaign_results", results(1, 99), "b", campaign_id="1")
    assert abandoned(page(floor)) == [NOT_KNOWN, "1% limit 3% just now"]


def wrong_floor() -> Floor:
    """Return an operation with every finding behind eleven without, and one more."""
    names = [f"operacion-{i:02}" for i in range(13)]
    floor = Floor([an_operation(name, schedules=(LAW,), predictives_limit=1) for name in names])
    for name in names:
        floor.answer("campaigns", [campaigns_row("1 - A"), campaigns_row("2 - B")], name)
        protected, licences = ("no", "30") if name == names[-1] else ("yes", "25")
        floor.answer("services", [{"licenses": licences, "customer_prot": protected}], name)
    kinds = [{"campaign_id": i, "campaign_name": "A", "type_campaign": "predictive"} for i in ("1", "2")]
    floor.answer("campaign_settings", [{"status": "started", **kind} for kind in kinds], names[-1])
    return floor


@pytest.mark.parametrize("code", ["en", "es"])
def test_findings_are_told_first_with_what_to_do_and_where(code: str) -> None:
    html = page(wrong_floor(), f"lang={code}")
    top, _, rest = html.partition('<section id="operations"')
    told = listed(html)
    runbook = "Guía" if code == "es" else "Runbook"
    for finding in Finding:
        assert f"{finding.words[code]} {finding.term.do[code]} {runbook} operacion-12" in told
        folder = "docs/es/runbooks" if code == "es" else "docs/runbooks"
        assert f'href="{folder}/{finding.term.runbook}.md"' in top
    assert f"{'Qué atender ahora' if code == 'es' else 'What to attend to now'} 3 " in told
    assert ("Nada por atender" if code == "es" else "Nothing to attend to") not in told
    # The operation that has them comes first, though it is the last by its place.
    first, second = rest.split('<div class="operation')[1:3]
    assert "operacion-12" in first
    assert all(finding.words[code] in first for finding in Finding)
    assert not any(finding.words[code] in second for finding in Finding)


def test_findings_in_json() -> None:
    told = json.loads(ask(wrong_floor(), "/status.json", "operation=operacion-12").content)
    assert told["summary"]["findings"] == dict.fromkeys(Finding, 1)
    assert told["operations"][0]["findings"] == [*Finding]
    told = json.loads(ask(wrong_floor(), "/status.json", "operation=operacion-01").content)
    assert told["summary"]["findings"] == {}
    assert told["operations"][0]["findings"] == []


def test_what_is_not_known_is_no_finding() -> None:
    floor = Floor([an_operation(schedules=(LAW,))])
    floor.answer("campaigns", [campaigns_row("1 - A")])
    assert "Nothing to attend to" in listed(page(floor))


@pytest.mark.parametrize("code", ["en", "es"])
def test_every_api_is_listed_by_its_title(code: str) -> None:
    told = said(Floor(), f"lang={code}")
    assert all(api.title[code] in told for api in APIS)
    assert {*FIVE} <= {api.name for api in APIS}
