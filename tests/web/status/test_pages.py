import gzip
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from http import HTTPStatus

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exporter.snapshot import Usage
from exporter.status import SortKey
from exporter.toolkit.message import Request, Response
from exporter.web.status import FILES
from exporter.wolkvox import Cause
from support.fakes import campaign_settings_row, campaigns_row, make_operation
from support.floor import Floor

HOSTILE = (
    "</title><script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)> ' onmouseover='alert(2)",
    "{{ 7 * 7 }} {% raw %} ${x}",
    "\u202eatavni\u202c \u2066 مرحبا שלום",
    "👩\u200d👩\u200d👧 ñ\u0301",
    "two\nlines\r\n\ttab \x00\x1b[31m",
    "W" * 300,
    "javascript:alert(1)",
)
_TAGS = """
html head meta title link script noscript body svg symbol path rect circle use a header div img h1 h2 h3 h4 p
span nav main section ul li b article table thead tbody tr th td small form label input select option button
bdi code details summary footer strong br
"""
TAGS = frozenset(_TAGS.split())
"""The elements that the page is made of."""

VOID = {"meta", "link", "img", "input", "br"}


class Parser(HTMLParser):
    """Collects the elements of a page; an element that is not closed in its place fails the test."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self._open: list[str] = []
        self.feed(page)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def attributes(self, name: str) -> Iterator[str]:
        return (value for _, found in self.elements if (value := found.get(name)) is not None)


def ask(floor: Floor, path: str = "/", query: str = "", **headers: str) -> Response:
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return floor.pages.answer(Request("GET", path, query, fields))


def page(floor: Floor, query: str = "", **headers: str) -> str:
    answer = ask(floor, "/", query, **headers)
    assert (answer.status, answer.content_type) == (HTTPStatus.OK, "text/html; charset=utf-8")
    return answer.content.decode()


def words(html: str) -> str:
    return " ".join(" ".join(Parser(html).text).split())


def listed(html: str) -> str:
    """Return what stands in the list of what to attend to."""
    (found,) = re.findall(r'<section id="attention" data-part>(.*?)<div class="side">', html, re.DOTALL)
    return words(found.rsplit("</section>", 1)[0]).replace("\N{NO-BREAK SPACE}", " ")


@pytest.fixture
def floor() -> Floor:
    floor = Floor([make_operation("ventas-bogota"), make_operation("cobranza-lima")])
    for name in floor.operations:
        floor.answer("campaigns", [campaigns_row(), campaigns_row("4876 - Región")], name)
        floor.answer("campaign_settings", [campaign_settings_row()], name)
        floor.use(Usage("2026-08-12", floor.clock.wall + 3600, 4120, limit=25000, budget=12500), name)
    return floor


def test_a_page_in_english_with_everything(floor: Floor) -> None:
    said = words(page(floor))
    for text in (
        "ventas-bogota",
        "VENTAS",
        "Región",
        "predictive",
        "Running",
        "just now",
        "4,120 of 25,000",
        "the exporter stops at 12,500",
        "60%",
        "16.7%",
        "14.3%",
        "400",
        "4 campaigns",
    ):
        assert text in said, text


def test_a_page_in_spanish(floor: Floor) -> None:
    html = page(floor, accept_language="es-CO,es;q=0.9")
    assert '<html lang="es">' in html
    said = words(html)
    for text in (
        "Encendida",
        "ahora mismo",
        "4.120 de 25.000",
        "predictiva",
        "16,7",
        "Contactabilidad",
        "4 campañas",
    ):
        assert text in said, text
    assert "Running" not in said


def test_the_switch_wins_and_stays_in_every_link(floor: Floor) -> None:
    html = page(floor, "lang=es&theme=dark&sort=-calls", accept_language="en")
    assert '<html lang="es" data-theme="dark">' in html
    links = [link for link in Parser(html).attributes("href") if link.startswith("?")]
    assert len(links) > 10
    assert sum("lang=es" in link for link in links) == len(links) - 1
    assert sum("sort=-calls" in link for link in links) > 5
    assert 'name="lang" value="es"' in html


def test_it_says_in_which_language_it_is(floor: Floor) -> None:
    answer = ask(floor, accept_language="es")
    assert answer.headers["Content-Language"] == "es"
    assert answer.headers["Vary"] == "Accept-Encoding, Accept-Language"


@pytest.mark.parametrize("query", ["", "operation=ventas-bogota", "lang=es&operation=ventas-bogota"])
def test_nothing_inline_and_nothing_from_elsewhere(floor: Floor, query: str) -> None:
    answer = ask(floor, "/", query)
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in policy
    parsed = Parser(answer.content.decode())
    assert not any(tag == "style" for tag, _ in parsed.elements)
    assert all("src" in found for tag, found in parsed.elements if tag == "script")
    assert not any(name == "style" or name.startswith("on") for _, found in parsed.elements for name in found)
    addresses = [*parsed.attributes("src"), *parsed.attributes("href"), *parsed.attributes("action")]
    # Relative ones, so that the page works behind a reverse proxy under any path.
    assert not [a for a in addresses if ":" in a.partition("?")[0] or a.startswith("/")]


def test_what_it_links_to_is_there(floor: Floor) -> None:
    parsed = Parser(page(floor))
    linked = {a.partition("?")[0] for a in (*parsed.attributes("src"), *parsed.attributes("href"))}
    static = {f"/{a}" for a in linked if a.startswith("static/")}
    assert static == {f"/static/{name}" for name in FILES}
    for path in static:
        answer = ask(floor, path)
        assert answer.status == HTTPStatus.OK
        assert answer.content
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert {"metrics", "status.json", "-/healthy"} <= linked


def test_ids_and_labels_are_in_order(floor: Floor) -> None:
    parsed = Parser(page(floor, "operation=ventas-bogota"))
    ids = list(parsed.attributes("id"))
    assert len(ids) == len(set(ids))
    targets = {link[1:] for link in parsed.attributes("href") if re.fullmatch(r"#[\w-]+", link)}
    assert targets <= set(ids)


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_text_whatever_they_are(name: str) -> None:
    floor = Floor([make_operation(f"op {name[:100]}")])
    floor.answer("campaigns", [campaigns_row("4875 - X", skill_id=name)])
    floor.answer("campaign_settings", [campaign_settings_row(campaign_name=name, type_campaign=name)])
    for query in ("", "lang=es"):
        parsed = Parser(page(floor, query))
        tags = {tag for tag, _ in parsed.elements}
        assert sum(tag == "script" for tag, _ in parsed.elements) == 1
        assert not any(name.startswith("on") for _, found in parsed.elements for name in found)
        assert tags <= TAGS
    told = json.loads(ask(floor, "/status.json").content)
    # Controls and line breaks are blanks, several of them one.
    assert told["campaigns"][0]["name"] == re.sub("[\x00-\x1f]+", " ", name).strip()


def test_what_is_asked_for_is_text_too(floor: Floor) -> None:
    html = page(
        floor, "q=%3C%2Fscript%3E%22%3E%3Cb%3E&operation=%22%3E%3Ci%3E&lang=%3Cu%3E&theme=%3Cu%3E&sort=%3C"
    )
    parsed = Parser(html)
    assert not {"i", "u"} & {tag for tag, _ in parsed.elements}
    assert 'There is no operation called “"><i>”.' in words(html)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(query=st.text(max_size=80))
def test_no_query_breaks_the_page(floor: Floor, query: str) -> None:
    refusals = {HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND}
    for path, answers in (("/", {HTTPStatus.OK}), ("/status.json", {HTTPStatus.OK, *refusals})):
        assert ask(floor, path, query).status in answers
        assert ask(floor, path, f"q={query}&sort={query}&page={query}&operation={query}").status in answers
    assert ask(floor, "/", "&".join(["q=x"] * 100)).status == HTTPStatus.OK


def test_before_the_first_poll() -> None:
    said = words(page(Floor()))
    assert "Waiting for the first answer" in said
    assert "Campaigns appear as soon as wolkvox has answered." in said
    assert re.search(r"Campaigns started \S Not known Operations", said)
    assert re.search(r"Calls per minute \S Not known", said)
    assert "no list of campaigns at present" in said
    assert "Nothing to attend to" not in said


def test_an_operation_without_campaigns() -> None:
    floor = Floor()
    floor.answer("campaigns", [])
    floor.answer("campaign_settings", [])
    assert "wolkvox lists no campaigns." in words(page(floor))
    # What else fails says nothing about the list, which is there.
    floor.fail("token_info", Cause.CONNECTION)
    said = words(page(floor))
    assert "Partly answering" in said
    assert "wolkvox lists no campaigns." in said
    assert "no usable answer" not in said


def test_an_empty_list_does_not_speak_for_another_operation() -> None:
    floor = Floor([make_operation("ventas-bogota"), make_operation("cobranza-lima")])
    floor.answer("campaigns", [], "ventas-bogota")
    floor.answer("campaign_settings", [], "ventas-bogota")
    assert "wolkvox lists no campaigns. (1 of 2 operations)" in words(page(floor))


def test_what_never_came_is_not_said_to_be_withdrawn() -> None:
    floor = Floor()
    floor.fail("campaigns", Cause.AUTH)
    said = words(page(floor))
    assert "wolkvox has not given a usable answer yet." in said
    assert "no longer shown" not in said


def test_nothing_is_said_of_an_operation_that_does_not_exist(floor: Floor) -> None:
    html = page(floor, "operation=removed")
    table = html.partition('<div id="table" data-part>')[2].partition("</div>")[0]
    assert words(table) == "There is no operation called “removed”."
    # The filter says what is asked for, and not that all are shown.
    assert "<option selected>removed</option>" in html


def test_a_failing_operation_tells_why_and_what_to_look_at(floor: Floor) -> None:
    floor.clock.advance(400)
    floor.fail("campaigns", Cause.CONNECTION, "ventas-bogota")
    html = page(floor, "operation=ventas-bogota")
    said = words(html)
    assert "Not answering" in said
    assert "list of allowed IP addresses" in said
    # The figures are still there, with their age.
    assert "6 min ago" in said.replace("\N{NO-BREAK SPACE}", " ")
    assert "VENTAS" in said
    assert "Last 2 polls: 1 failed" in said
    assert "What to attend to now 1 Not answering Runbook ventas-bogota since 10:06 Campaigns: No" in listed(
        html
    )
    assert "Nothing to attend to" not in said
    assert "Fulano" not in html
    floor.clock.advance(600)
    said = words(page(floor, "operation=ventas-bogota"))
    assert "too old, no longer shown" in said
    assert "the last figures are no longer shown" in said
    assert "VENTAS" not in said


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("state=stopped_in_hour", "state=stopped_in_hour"),
        ("states=stopped_in_hours", "states=stopped_in_hours"),
        ("state=no_calls&state=running", "state=no_calls, running"),
        ("page=two&sort=<b>", "page=two sort=<b>"),
        # However many fields stand before it.
        ("q=x&" * 500 + "state=%0Ax", "state=x"),
    ],
)
def test_what_is_asked_for_in_vain_is_told(floor: Floor, query: str, told: str) -> None:
    html = page(floor, query)
    (part,) = re.findall(r'<div id="refused" data-part>.*?</div>', html)
    assert words(part) == f"Not applied, because this page does not understand it: {told}"
    assert "No se aplica, porque" in words(page(floor, f"{query}&lang=es"))
    answer = ask(floor, "/status.json", query)
    assert (answer.status, answer.content_type) == (HTTPStatus.BAD_REQUEST, "text/plain; charset=utf-8")
    assert answer.content.decode().startswith(f"invalid query: {told.split(maxsplit=1)[0].rstrip(',')}")


def test_a_state_that_does_not_exist_is_refused_with_those_that_do(floor: Floor) -> None:
    said = ask(floor, "/status.json", "state=stopped_in_hour%00").content.decode()
    assert said.startswith("invalid query: state=stopped_in_hour\\x00; expected one of ")
    assert "stopped_in_hours, " in said
    assert '<div id="refused" data-part></div>' in page(floor, "state=stopped_in_hours&lang=en&theme=dark")
    assert ask(floor, "/status.json", "state=stopped_in_hours&lang=en").status == HTTPStatus.OK


def test_json_refuses_an_operation_that_does_not_exist(floor: Floor) -> None:
    answer = ask(floor, "/status.json", "operation=removed")
    assert (answer.status, answer.content) == (
        HTTPStatus.NOT_FOUND,
        b"unknown operation; /sd lists the operations\n",
    )


def charts(html: str) -> list[str]:
    """Return what each chart says to who hovers over it, which must be what a screen reader says."""
    found = re.findall(r'class="chart [^>]*aria-label="([^"]*)">\s*<title>([^<]*)<', html)
    assert all(label == title for label, title in found)
    return [label.replace("\N{NO-BREAK SPACE}", " ") for label, _ in found]


@pytest.mark.parametrize(
    ("code", "past", "now"),
    [("en", "Over the last 1 h: 70 to 90", ", now 85"), ("es", "En 1 h: de 70 a 90", ", ahora 85")],
)
def test_a_chart_says_now_only_as_long_as_the_figure_beside_it_is_shown(
    code: str, past: str, now: str
) -> None:
    floor = Floor()
    for calls in ("70", "90", "85"):
        floor.answer("campaigns", [campaigns_row(calls_x_min=calls)])
        floor.clock.advance(300)
    assert charts(page(floor, f"lang={code}")) == [past + now] * 2
    # Its list stays, but without the calls: both charts are drawn still.
    floor.answer("campaign_settings", [campaign_settings_row()])
    floor.clock.advance(600)
    floor.fail("campaigns", Cause.CONNECTION)
    html = page(floor, f"lang={code}")
    assert charts(html) == [past] * 2
    assert floor.status().campaigns[0].calls_per_minute is None
    # An answer without the figure is no figure either.
    floor.answer("campaigns", [campaigns_row(calls_x_min="-")])
    assert charts(page(floor, f"lang={code}")) == [past] * 2


def test_nothing_is_said_to_have_begun_in_the_future(floor: Floor) -> None:
    floor.clock.advance(400)
    floor.fail("campaigns", Cause.CONNECTION, "ventas-bogota")
    assert "since" in listed(page(floor))
    floor.clock.wall -= 7200
    html = page(floor)
    assert "Not answering" in listed(html)
    assert "since" not in words(html)


def test_quota_that_is_spent_is_told(floor: Floor) -> None:
    floor.use(
        Usage("2026-08-12", floor.clock.wall + 14 * 3600, 12500, limit=25000, budget=12500), "ventas-bogota"
    )
    said = words(page(floor, "lang=es&operation=ventas-bogota"))
    assert "Sin consultas por hoy" in said
    spent = "Hoy se hicieron 12.500 consultas, y el exportador se detiene en 12.500."
    assert said.count(spent) == 2
    assert f"{spent} Las consultas siguen después de la medianoche." in said


def test_heads_sort_and_a_second_click_turns_round(floor: Floor) -> None:
    heads = re.findall(
        r'<th scope="col" class="c-calls"[^>]*><a data-live id="sort-calls" href="([^"]*)"', page(floor)
    )
    assert heads == ["?sort=-calls#campaigns"]
    html = page(floor, "sort=-calls")
    assert (
        'class="c-calls" aria-sort="descending"><a data-live id="sort-calls" href="?sort=calls#campaigns"'
        in html
    )
    assert page(floor, "sort=calls").count('aria-sort="ascending"') == 1


@pytest.mark.parametrize("key", SortKey)
def test_the_sort_field_has_what_is_in_force(floor: Floor, key: SortKey) -> None:
    for sign in ("", "-"):
        html = page(floor, f"sort={sign}{key.value}")
        assert re.findall(r'<option value="([^"]+)" selected', html) == [f"{sign}{key.value}"]


def test_many_campaigns_come_in_pages_with_a_note() -> None:
    floor = Floor()
    floor.answer("campaigns", [campaigns_row(f"{i} - C{i}") for i in range(1000, 1250)])
    html = page(floor)
    assert html.count('<tr class="row') == 100
    said = words(html)
    assert "1\N{EN DASH}100 of 250 campaigns" in said
    assert "Only 100 campaigns are shown at a time." in said
    assert 'rel="next" id="campaigns-next" href="?page=2#campaigns"' in html
    assert page(floor, "page=3&q=C1").count('<tr class="row') == 50
    # Whoever sorts or filters begins at the first page.
    assert 'href="?sort=name#campaigns"' in page(floor, "page=2")


def test_among_hundreds_of_operations_one_is_asked_for_by_name() -> None:
    floor = Floor([make_operation(f"operacion-{i}") for i in range(300)])
    html = page(floor, "operation=operacion-271")
    assert "<option>operacion-" not in html
    assert re.search(r'<input type="search" name="operation" value="operacion-271"', html)
    assert html.count('<div class="operation') == 1
    said = words(page(floor))
    assert "Only 12 operations are shown at a time" in said
    assert "1 / 25" in said


def test_json_says_the_same(floor: Floor) -> None:
    answer = ask(floor, "/status.json", "operation=ventas-bogota&sort=name")
    assert (answer.status, answer.content_type) == (HTTPStatus.OK, "application/json")
    told = json.loads(answer.content)
    assert [c["name"] for c in told["campaigns"]] == ["Región", "VENTAS"]
    assert told["query"]["operation"] == "ventas-bogota"
    assert told["campaigns"][1]["contact_ratio"] == pytest.approx(1 / 6)
    assert told["campaigns"][1]["history"]["calls_per_minute"] == [12]
    assert told["operations"][0]["apis"][0]["polls"][0]["http_status"] == 200
    assert told["operations"][0]["quota"]["used"] == 4120
    assert "fake-token" not in answer.content.decode()


@pytest.mark.parametrize("path", ["/", "/status.json"])
def test_it_is_compressed_for_who_asks(floor: Floor, path: str) -> None:
    answer = ask(floor, path, accept_encoding="gzip")
    assert answer.headers["Content-Encoding"] == "gzip"
    assert b"ventas-bogota" in gzip.decompress(answer.content)
    assert "Content-Encoding" not in ask(floor, path).headers
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_order_that_puts_urgent_ones_last_says_so() -> None:
    said = page(Floor([make_operation("a")]), "sort=-attention")
    options = dict(re.findall(r'<option value="(-?attention)"[^>]*>([^<]*)<', said))
    assert {key: text.strip() for key, text in options.items()} == {
        "attention": "Needs attention first",
        "-attention": "Needs attention last",
    }


def test_an_operation_without_campaigns_says_so_in_its_line() -> None:
    floor = Floor([make_operation("a")])
    assert "no campaigns" not in page(floor).split('id="operations"')[1].split('id="campaigns"')[0]
    floor.answer("campaigns", [])
    assert "no campaigns" in page(floor).split('id="operations"')[1].split('id="campaigns"')[0]
