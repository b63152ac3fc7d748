"""Page and /status.json say what was judged, in the words and the order of its table, and judge nothing."""

import ast
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from exporter.judgement import CampaignState, Finding, Reason
from exporter.metrics import Format
from exporter.schedules import Schedule, Week, parse_window
from support.fakes import campaigns_row, make_operation
from support.floor import Floor
from web.status.test_pages import ask, page, words

ROOT = Path(__file__).resolve().parents[3]
ROOMS = [ROOT / "exporter" / "status", ROOT / "exporter" / "web"]
TEMPLATES = sorted((ROOT / "exporter" / "web" / "status" / "templates").iterdir())
TEXTS = sorted((ROOT / "exporter" / "web" / "status" / "texts").iterdir())

FACTS = {"running", "expected", "permitted"}
"""What a state is made of."""

RANKED = sorted(CampaignState, key=lambda state: state.rank)
NO_BREAK = "\N{NO-BREAK SPACE}"


def trees() -> Iterator[tuple[str, ast.Module]]:
    for room in ROOMS:
        for source in sorted(room.rglob("*.py")):
            yield str(source.relative_to(ROOT)), ast.parse(source.read_text())


def names(node: ast.AST) -> set[str]:
    """Return the names of what an expression reads."""
    found = {inner.attr for inner in ast.walk(node) if isinstance(inner, ast.Attribute)}
    return found | {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}


def test_of_schedules_and_judgement_they_take_results_alone() -> None:
    allowed = {
        "exporter.schedules": {"ScheduleSet", "UNPLANNED"},
        "exporter.judgement": {"CampaignState", "Finding", "Judged", "Judgement", "OperationView", "Reason"},
    }
    wrong = {
        f"{source}: {node.module}.{alias.name}"
        for source, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(tuple(allowed))
        for alias in node.names
        if alias.name not in allowed.get(node.module, set())
    }
    assert wrong == set()


def test_they_name_no_state_of_a_campaign() -> None:
    """Whoever chooses a state has to name it."""
    wrong = {
        f"{source}:{node.lineno}"
        for source, tree in trees()
        for node in ast.walk(tree)
        if (isinstance(node, ast.Attribute) and names(node.value) == {"CampaignState"})
        or (isinstance(node, ast.Constant) and node.value in set(CampaignState) - FACTS)
    }
    assert wrong == set()


def test_they_compare_no_facts_with_each_other() -> None:
    """Whoever judges sets what is against what is expected."""
    wrong = {
        f"{source}:{node.lineno}"
        for source, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.BoolOp | ast.Compare | ast.IfExp | ast.If)
        and names(node.test if isinstance(node, ast.IfExp | ast.If) else node) & {"expected", "permitted"}
    }
    assert wrong == set()


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_judges(template: Path) -> None:
    code = " ".join(re.findall(r"{[{%].*?[}%]}", template.read_text()))
    assert not re.search(r"\b(c|campaign)\.(running|expected|permitted)\b", code)
    # A colour, a text or a branch by a state would be a second list of them.
    judged = {*CampaignState, *Reason, *Finding}
    named = set(re.findall(r"'(\w+)'", code)) & (judged - {"running", "stopped"})
    assert named == set()


def test_the_shapes_of_the_states_are_there_for_each_of_them() -> None:
    icons = (ROOT / "exporter/web/status/templates/icons.html").read_text()
    assert {state.value for state in CampaignState} <= set(re.findall(r'id="i-(\w+)"', icons))


@pytest.mark.parametrize("code", ["en", "es"])
def test_no_text_of_the_page_has_words_for_a_state_reason_or_finding(code: str) -> None:
    said = next(path for path in TEXTS if path.stem == code).read_text().lower()
    for one in (*CampaignState, *Reason, *Finding):
        # "Running" is also the head of a tile, "not known" also what a dash means.
        if one not in {CampaignState.RUNNING, CampaignState.STOPPED, CampaignState.UNKNOWN, Reason.NOT_KNOWN}:
            assert one.words[code].lower() not in said


STOPPED = {"status": "stopped"}
ROWS: Mapping[str, Mapping[str, object]] = {
    "NIGHT DIALS": {},
    "DAY STOPPED": STOPPED,
    "DAY SILENT": {"calls_x_min": "0", "speed": "0%"},
    "DAY USED UP": {"clean": "0", "dial": "1000"},
    "DAY UNKNOWN": {"status": ""},
    "DAY": {},
    "OTHER": STOPPED,
    "NIGHT": STOPPED,
}
"""A campaign in each state, the most urgent first."""


@pytest.fixture
def floor() -> Floor:
    day, night = (Week.of([parse_window(f"Mon-Fri {hours}")]) for hours in ("08:00-18:00", "18:00-24:00"))
    schedules = (
        Schedule((re.compile("DAY.*"),), day, day),
        Schedule((re.compile("NIGHT.*"),), night, night),
    )
    floor = Floor([make_operation(schedules=schedules)])
    floor.answer(
        "campaigns", [campaigns_row(f"{9 - i} - {name}", **ROWS[name]) for i, name in enumerate(ROWS)]
    )
    return floor


def badges(html: str, part: str) -> list[str]:
    """Return the words of the badges of campaigns in a part of the page."""
    _, _, rest = html.partition(part)
    return re.findall(r'<span class="badge state is-\w+"><svg.*?</svg><span>(.*?)</span>', rest)


@pytest.mark.parametrize("code", ["en", "es"])
def test_words_and_order_on_the_page_are_those_of_the_table(floor: Floor, code: str) -> None:
    html = page(floor, f"lang={code}")
    told = [state.words[code] for state in RANKED]
    assert badges(html, '<div id="table"') == told
    top, _, _ = html.partition('<section class="tiles"')
    assert badges(top, '<section id="attention"') == [
        state.words[code] for state in RANKED if state.needs_attention
    ]
    chosen = html.partition('<select name="state">')[2].partition("</select>")[0]
    assert re.findall(r'<option value="(\w+)">(.*?)</option>', chosen) == [
        (state.value, state.words[code]) for state in RANKED
    ]


def test_states_and_order_in_json_are_those_of_the_table(floor: Floor) -> None:
    told = json.loads(ask(floor, "/status.json").content)
    assert [campaign["name"] for campaign in told["campaigns"]] == list(ROWS)
    assert [campaign["state"] for campaign in told["campaigns"]] == [state.value for state in RANKED]
    assert told["summary"]["states"] == told["operations"][0]["states"] == dict.fromkeys(CampaignState, 1)
    for state in RANKED:
        found = json.loads(ask(floor, "/status.json", f"state={state.value}").content)["campaigns"]
        assert [campaign["state"] for campaign in found] == [state.value]


def test_page_and_json_speak_of_the_campaigns_of_the_metrics(floor: Floor) -> None:
    for _ in range(30):
        floor.clock.advance(3600)
        floor.answer(
            "campaigns", [campaigns_row(f"{i} - {name}", **ROWS[name]) for i, name in enumerate(ROWS)]
        )
        (text,) = re.findall(
            r"(?s)# TYPE wolkvox_campaign_state gauge\n(.*?)#",
            b"".join(floor.exposition.render(Format.TEXT)).decode(),
        )
        published = {
            match["name"]: match["state"]
            for match in re.finditer(r'campaign="(?P<name>[^"]*)".*state="(?P<state>\w+)"} 1', text)
        }
        assert {c.name: c.state.value for c in floor.status().campaigns} == published


@pytest.mark.parametrize(
    ("code", "since", "why"),
    [
        ("en", "since 11 Aug 23:59", "its speed is 0"),
        ("es", "desde 11 ago. 23:59", "su velocidad es 0"),
    ],
)
def test_since_is_told_in_the_zone_of_the_operation_and_with_the_date_of_another_day(
    code: str, since: str, why: str
) -> None:
    night = Week.of([parse_window("Mon-Sun 00:00-24:00")])
    floor = Floor(
        [
            make_operation("bogota"),
            make_operation(
                "mexico",
                timezone=ZoneInfo("America/Mexico_City"),
                schedules=(Schedule((re.compile(".*"),), night, night),),
            ),
        ]
    )
    # 00:59 in Bogota on the 12th, but 23:59 of the 11th in Mexico.
    floor.clock.wall -= 9 * 3600 + 60
    floor.answer("campaigns", [campaigns_row("1 - A")], "bogota", duration=0)
    floor.answer("campaigns", [campaigns_row("2 - B", status="stopped", speed="0%")], "mexico", duration=0)
    floor.clock.advance(180)
    said = words(page(floor, f"lang={code}")).replace(NO_BREAK, " ")
    stopped, running = CampaignState.STOPPED_IN_HOURS.words[code], CampaignState.RUNNING.words[code]
    # Beside another zone's clock it says whose time it is; elsewhere it is that of the page.
    assert f"{stopped} {since} (America/Mexico_City) B" in said
    assert f"· mexico {why}" in said
    assert re.search(rf"{running} (since|desde) 00:59 A", said)


def test_what_only_reports_tell_of_is_unknown_since_the_last_list() -> None:
    floor = Floor([make_operation("bogota")])
    floor.answer("campaigns", [campaigns_row("1 - A")])
    listed = floor.clock.wall
    floor.clock.advance(800)
    floor.answer("campaign_results", [{"result": "answer", "records": "9"}], campaign_id="1")
    floor.clock.advance(200)
    (campaign,) = floor.status().campaigns
    assert (campaign.state, campaign.since, campaign.confirmed) == (CampaignState.UNKNOWN, listed, 0)
    (text,) = re.findall(
        r"(?m)^wolkvox_campaign_state_since_timestamp_seconds{.*} (\S+)$",
        b"".join(floor.exposition.render(Format.TEXT)).decode(),
    )
    assert float(text) == listed


def test_a_fraction_is_of_those_that_are_known(floor: Floor) -> None:
    told = [
        campaigns_row(f"{i} - C", status=status) for i, status in enumerate(["started", "stopped", "", "?"])
    ]
    floor.answer("campaigns", told)
    assert "Campaigns started 1 of 2 2 not known Operations" in words(page(floor))
    assert "Campañas encendidas 1 de 2 2 sin dato Operaciones" in words(page(floor, "lang=es"))
    floor.answer("campaigns", told[2:])
    assert re.search(r"Campaigns started \S+ Not known 2 not known Operations", words(page(floor)))
    floor.answer("campaigns", told[:2])
    assert "Campaigns started 1 of 2 Operations" in words(page(floor))
