"""The status page in a real browser: hostile names, sorting and filtering, with and without scripts."""

import os
import re
import signal
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from exporter.apis import APIS, BY_NAME
from exporter.commands.support.simulator_setup import demo_config
from exporter.judgement import CampaignState, Finding, Reason
from exporter.schedules import Schedule, Week, parse_window
from exporter.service import Service
from exporter.simulator import Simulator, SimulatorSettings
from exporter.simulator.trail import personal_data
from exporter.snapshot import Usage
from exporter.state import MemoryStore
from exporter.wolkvox import Cause
from support.browser import STARTS_WITHIN, Served, ServedFloor, chromium, violations, visit
from support.exporter import exporter
from support.fakes import FakeClock, campaign_settings_row, campaigns_row, make_operation
from support.floor import Floor
from support.waiting import until
from web.status.test_pages import HOSTILE

pytestmark = pytest.mark.integration

expect.set_options(timeout=STARTS_WITHIN * 1000)

TOP = "document.querySelector('th.c-calls').getBoundingClientRect().top"

WIDER_THAN_ITS_PLACE = """
() => [...document.querySelectorAll("body, .group, .operation, .tile, .row, .sources")]
    .filter((one) => one.scrollWidth > one.clientWidth + 1 || one.getBoundingClientRect().right > innerWidth)
    .map((one) => one.className || one.tagName)
"""

PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1440, "height": 900}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


def land(floor: Floor, names: list[str], operation: str | None = None, calls: int = 0) -> None:
    """Land a campaign for each name; the first makes the fewest calls."""
    rows = [
        campaigns_row(f"{1000 + i} - C", calls_x_min=str(calls + i), clean=str(1000 - i))
        for i in range(len(names))
    ]
    floor.answer("campaigns", rows, operation)
    known = [
        campaign_settings_row(campaign_id=str(1000 + i), campaign_name=name) for i, name in enumerate(names)
    ]
    floor.answer("campaign_settings", known, operation)


@pytest.fixture
def floor() -> Floor:
    """Two operations with five campaigns each."""
    floor = Floor([make_operation("ventas-bogota"), make_operation("cobranza-lima")])
    for operation in floor.operations:
        land(floor, ["Región Sur", "árbol", "COBRANZA", "Zulia", "Ñandú"], operation)
        floor.use(Usage("2026-08-12", floor.clock.wall + 3600, 4120, limit=25000, budget=12500), operation)
    return floor


@pytest.fixture
def served(floor: Floor) -> Iterator[ServedFloor]:
    with ServedFloor(floor) as running:
        yield running


def squeezed(name: str) -> str:
    """Return a name without blanks and controls, which are blanks in a label."""
    return re.sub(r"[\s\x00-\x1f]", "", name)


def names(page: Page) -> list[str]:
    return page.locator("tbody .c-name .name").all_text_contents()


def wait_for_news(page: Page) -> None:
    """Let the time of a page pass until it has news of the exporter again.

    What is under way, and may never end, is given up first; a browser takes its own time to do so.
    """

    def has_news() -> bool:
        page.clock.fast_forward(21_000)
        with suppress(AssertionError):
            expect(page.locator("#lost")).to_be_hidden(timeout=3000)
            return True
        return False

    until(has_news, 60, "news of the exporter")


def too_wide(page: Page) -> list[str]:
    """Return what stands over the edge of the window or of its card."""
    found: list[str] = page.evaluate(WIDER_THAN_ITS_PLACE)
    return found


def keep(page: Page, name: str) -> None:
    """Leave a picture where somebody asks for it, to be looked at."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_hostile_names_are_shown_and_do_nothing(
    browser: Browser, scripts: bool, size: dict[str, int]
) -> None:
    floor = Floor([make_operation('<b onclick="alert(3)">&amp;')])
    land(floor, list(HOSTILE))
    floor.answer("agents", [{"agent_status": name} for name in (*HOSTILE, "W" * 40)])
    floor.answer("campaign_results", [{"result": "abandon", "records": "7"}], campaign_id="1000")
    with (
        ServedFloor(floor) as served,
        visit(browser, served.url, viewport=size, java_script_enabled=scripts) as tab,
    ):
        tab.page.goto("/")
        shown = names(tab.page)
        assert sorted(map(squeezed, shown)) == sorted(map(squeezed, HOSTILE))
        keep(tab.page, f"hostile-{size['width']}-{scripts}")
        if scripts:
            assert too_wide(tab.page) == []
        assert tab.complaints == []


@pytest.mark.parametrize("language", ["en", "es"])
def test_nothing_stands_over_its_edge_at_any_width(
    browser: Browser, served: ServedFloor, language: str
) -> None:
    with visit(browser, served.url, viewport=DESKTOP) as tab:
        tab.page.goto(f"/?lang={language}")
        for width in range(340, 1940, 40):
            tab.page.set_viewport_size({"width": width, "height": 768})
            assert too_wide(tab.page) == [], width


def test_heads_sort_in_place_and_back_goes_back(browser: Browser, served: ServedFloor) -> None:
    with visit(browser, f"{served.url}", viewport=DESKTOP) as tab:
        page = tab.page
        page.goto("/?operation=ventas-bogota")
        page.evaluate("window.same = true")
        page.locator("th.c-calls a").click()
        expect(page.locator("tbody .c-name .name").first).to_have_text("Ñandú")
        page.locator("th.c-calls a").click()
        expect(page.locator("tbody .c-name .name").first).to_have_text("Región Sur")
        expect(page.locator("th.c-calls")).to_have_attribute("aria-sort", "ascending")
        page.locator("th.c-name a").click()
        expect(page.locator("tbody .c-name .name").first).to_have_text("árbol")
        assert names(page) == ["árbol", "COBRANZA", "Ñandú", "Región Sur", "Zulia"]
        page.go_back()
        expect(page.locator("tbody .c-name .name").first).to_have_text("Región Sur")
        assert page.evaluate("window.same") is True
        assert tab.complaints == []


def test_the_search_filters_while_one_types(browser: Browser, served: ServedFloor) -> None:
    with visit(browser, served.url, viewport=DESKTOP) as tab:
        page = tab.page
        page.goto("/?lang=es&sort=name")
        page.get_by_label("Buscar").press_sequentially("region")
        expect(page.locator("tr.row")).to_have_count(2)
        page.get_by_label("Operación").select_option("cobranza-lima")
        expect(page.locator("tr.row")).to_have_count(1)
        assert "q=region" in page.url
        assert "lang=es" in page.url
        # The field is still the one that is typed into.
        assert page.get_by_label("Buscar").input_value() == "region"
        page.get_by_label("Buscar").fill("nadie")
        expect(page.locator(".empty")).to_have_text("Ninguna campaña coincide.")
        page.reload()
        assert page.get_by_label("Buscar").input_value() == "nadie"
        assert page.get_by_label("Operación").input_value() == "cobranza-lima"
        assert tab.complaints == []


def test_it_refreshes_itself_and_moves_nothing(browser: Browser, served: ServedFloor) -> None:
    with visit(browser, served.url, viewport=DESKTOP) as tab:
        page = tab.page
        page.clock.install()
        page.goto("/?operation=ventas-bogota")
        page.locator("#polls summary").first.click()
        page.locator("th.c-calls a").focus()
        page.get_by_label("Search").fill("sur")
        expect(page.locator("tr.row")).to_have_count(1)
        page.evaluate("scrollTo(0, 150)")
        before = page.evaluate(TOP)
        served.floor.clock.advance(300)
        land(served.floor, ["Región Sur"], "ventas-bogota", calls=77)
        page.clock.fast_forward(16_000)
        expect(page.locator("tr.row .c-calls .value")).to_have_text("77")
        assert page.locator("#polls details[open]").count() == 1
        assert page.evaluate(TOP) == before
        assert page.get_by_label("Search").input_value() == "sur"
        assert tab.complaints == []


def test_an_exporter_that_is_gone_is_told(browser: Browser, served: ServedFloor) -> None:
    with visit(browser, served.url, viewport=DESKTOP, locale="es-CO") as tab:
        page = tab.page
        page.clock.install()
        page.goto("/")
        expect(page.locator("#lost")).to_be_hidden()
        served.answering = False
        for _ in range(3):
            page.clock.fast_forward(16_000)
        expect(page.locator("#lost")).to_contain_text(
            re.compile(r"Sin noticias del exportador desde las \d\d:\d\d:\d\d\.")
        )
        expect(page.locator("body.old")).to_have_count(1)
        keep(page, "lost")
        served.answering = True
        served.floor.clock.advance(60)
        wait_for_news(page)
        expect(page.locator("body.old")).to_have_count(0)
        assert [c for c in tab.complaints if "ERR_EMPTY_RESPONSE" not in c] == []


@pytest.mark.parametrize("what", ["another page", "a page of before", "an error", "no end"])
def test_what_is_no_news_of_the_exporter_is_told(browser: Browser, served: ServedFloor, what: str) -> None:
    """Whatever stands between: a proxy's own page, a cache, an answer that does not end."""
    with visit(browser, served.url, viewport=DESKTOP) as tab:
        page = tab.page
        page.clock.install()
        before = page.goto("/")
        assert before
        body = {"another page": "<h1>Sign in</h1>", "a page of before": before.text()}.get(what, "")

        def answer(route: Route) -> None:
            if what != "no end":
                route.fulfill(status=502 if what == "an error" else 200, content_type="text/html", body=body)

        page.route("**/*", answer)
        for _ in range(3):
            page.clock.fast_forward(16_000)
        expect(page.locator("#lost")).to_contain_text("No news from the exporter since")
        expect(page.locator("tr.row")).to_have_count(10)
        page.unroute("**/*", answer)
        served.floor.clock.advance(60)
        wait_for_news(page)


def test_an_exporter_that_hangs_is_told(browser: Browser, tmp_path: Path) -> None:
    with (
        exporter("demo", tmp_path, "--operations=1", "--campaigns=2") as demo,
        visit(browser, demo.url, viewport=DESKTOP) as tab,
    ):
        until(lambda: demo.get("/-/ready").ok, STARTS_WITHIN, "the first polls")
        page = tab.page
        page.clock.install()
        page.goto("/")
        first = page.locator(".as-of").inner_text()
        page.clock.fast_forward(16_000)
        expect(page.locator(".as-of")).not_to_have_text(first)
        demo.process.process.send_signal(signal.SIGSTOP)
        try:
            page.clock.fast_forward(16_000)
            expect(page.locator("#lost")).to_be_hidden()
            for _ in range(3):
                page.clock.fast_forward(16_000)
            expect(page.locator("#lost")).to_be_visible()
            expect(page.locator("body.old")).to_have_count(1)
        finally:
            demo.process.process.send_signal(signal.SIGCONT)
        wait_for_news(page)


def test_a_word_that_is_marked_delays_one_refresh_alone(browser: Browser, served: ServedFloor) -> None:
    with visit(browser, served.url, viewport=DESKTOP) as tab:
        page = tab.page
        page.clock.install()
        page.goto("/?operation=ventas-bogota")
        page.locator("tr.row .name").first.dblclick(position={"x": 8, "y": 8})
        assert page.evaluate("getSelection().toString()").strip()
        served.floor.clock.advance(60)
        before = page.locator(".as-of").inner_text()
        page.clock.fast_forward(16_000)
        assert page.evaluate("getSelection().toString()").strip()
        assert page.locator(".as-of").inner_text() == before
        page.clock.fast_forward(16_000)
        expect(page.locator(".as-of")).not_to_have_text(before)
        expect(page.locator("#lost")).to_be_hidden()
        assert tab.complaints == []


def test_the_keyboard_keeps_its_place(browser: Browser, served: ServedFloor) -> None:
    where = "document.activeElement.id || document.activeElement.parentElement.id"
    with visit(browser, served.url, viewport=DESKTOP) as tab:
        page = tab.page
        page.clock.install()
        page.goto("/?per_page=3")
        page.locator("#sort-calls").focus()
        for direction in ("descending", "ascending"):
            page.keyboard.press("Enter")
            expect(page.locator("th.c-calls")).to_have_attribute("aria-sort", direction)
            assert page.evaluate(where) == "sort-calls"
        page.locator("#campaigns-next").focus()
        for number in (2, 3, 4):
            page.keyboard.press("Enter")
            expect(page.locator("#table .pager span")).to_have_text(f"{number} / 4")
            # There is no link to a page behind the last one.
            assert page.evaluate(where) == ("campaigns-next" if number < 4 else "table")
        page.locator(".operation summary").first.focus()
        page.keyboard.press("Enter")
        opened = page.evaluate(where)
        before = page.locator(".as-of").inner_text()
        served.floor.clock.advance(60)
        page.clock.fast_forward(16_000)
        expect(page.locator(".as-of")).not_to_have_text(before)
        assert page.evaluate(where) == opened
        assert page.locator(".operation details[open]").count() == 1
        assert tab.complaints == []


def test_everything_works_without_scripts(browser: Browser, served: ServedFloor) -> None:
    with visit(browser, served.url, viewport=DESKTOP, java_script_enabled=False) as tab:
        page = tab.page
        page.goto("/")
        assert page.locator('noscript meta[http-equiv="refresh"], meta[http-equiv="refresh"]').count() == 1
        page.get_by_label("Search").fill("ñandu")
        page.get_by_label("Operation").select_option("ventas-bogota")
        page.get_by_role("button", name="Apply").click()
        expect(page.locator("tr.row")).to_have_count(1)
        page.get_by_role("link", name="Clear").click()
        expect(page.locator("tr.row")).to_have_count(5)
        page.locator("th.c-left a").click()
        expect(page.locator("tbody .c-name .name").first).to_have_text("Región Sur")
        page.get_by_role("link", name="ES", exact=True).click()
        expect(page.locator("th.c-left")).to_have_text("Registros por llamar↓")
        page.get_by_role("link", name="Oscura").click()
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        expect(page.locator("th.c-left")).to_have_text("Registros por llamar↓")
        page.locator("#polls summary").first.click()
        expect(page.locator("table.polls").first).to_be_visible()
        assert tab.complaints == []


@pytest.fixture(scope="module")
def of_all_sizes() -> Iterator[ServedFloor]:
    """Operations of no, one, five and 500 campaigns, polled for hours; one fails, one is not polled yet."""
    floor = Floor([make_operation(name) for name in ("empty", "failing", "waiting", "five", "five-hundred")])
    for polls in range(30):
        floor.clock.advance(300)
        land(floor, ["A", "B", "C", "D", "E"], "five", calls=polls % 7 * 5)
        if polls != 20:
            land(floor, [f"CAMPAÑA FICTICIA {i}" for i in range(500)], "five-hundred", calls=polls % 5)
        if polls < 20:
            land(floor, ["Vieja"], "failing")
    land(floor, [], "empty")
    floor.use(Usage("2026-08-12", floor.clock.wall + 3600, 24000, limit=25000, budget=12500), "five")
    for cause in (Cause.TIMEOUT, Cause.CONNECTION):
        floor.clock.advance(60)
        floor.fail("campaigns", cause, "failing")
    with ServedFloor(floor) as served:
        yield served


@pytest.mark.parametrize(
    ("size", "locale", "scheme"),
    [
        (DESKTOP, "en-US", "light"),
        (DESKTOP, "es-CO", "dark"),
        (PHONE, "en-US", "dark"),
        (PHONE, "es-CO", "light"),
    ],
)
def test_every_state_fits_the_screen(
    browser: Browser, of_all_sizes: ServedFloor, size: dict[str, int], locale: str, scheme: str
) -> None:
    with visit(browser, of_all_sizes.url, viewport=size, color_scheme=scheme, locale=locale) as tab:
        for name in ("", *of_all_sizes.floor.operations):
            tab.page.goto(f"/?operation={name}")
            expect(tab.page.locator("#campaigns")).to_be_visible()
            assert too_wide(tab.page) == [], name
            keep(tab.page, f"{name or 'all'}-{size['width']}-{scheme}-{locale}")
        assert tab.complaints == []


def floor_in_every_state() -> Floor:
    """Return an operation with a campaign in each state, the list of which nothing is known in another."""
    day, night = (Week.of([parse_window(f"Mon-Fri {hours}")]) for hours in ("08:00-18:00", "18:00-24:00"))
    schedules = (
        Schedule((re.compile("DIA.*"),), day, day),
        Schedule((re.compile("NOCHE.*"),), night, night),
    )
    floor = Floor([make_operation("ventas-bogota", schedules=schedules), make_operation("cobranza-mexico")])
    states = {
        "NOCHE MARCA": {"calls_x_min": "12"},
        "DIA DETENIDA": {"status": "stopped"},
        "DIA EN CERO": {"calls_x_min": "0", "speed": "0%"},
        "DIA AGOTADA": {"calls_x_min": "0", "clean": "0", "dial": "1000"},
        "DIA": {},
        "OTRA": {"status": "stopped"},
        "NOCHE": {"status": "stopped"},
    }
    rows = [campaigns_row(f"{100 + i} - {name}", **row) for i, (name, row) in enumerate(states.items())]
    floor.answer(
        "campaigns", [campaigns_row(f"{i} - SIN DATO", status="") for i in (1, 2)], "cobranza-mexico"
    )
    floor.answer("campaigns", rows, "ventas-bogota")
    floor.clock.advance(300)
    floor.answer("campaigns", rows, "ventas-bogota")
    floor.answer("services", [{"licenses": "30"}], "ventas-bogota")
    floor.answer("agents", [{"agent_status": status} for status in ("Ready", "Talk", "Lunch")])
    floor.answer("skills", [{"skill_id": "4000", "calls_in_queue_now": "1234"}], "ventas-bogota")
    results = [{"result": "abandon", "records": "4"}, {"result": "answer", "records": "96"}]
    for campaign_id in ("", *(str(100 + i) for i in range(len(rows)))):
        floor.answer("campaign_results", results, "ventas-bogota", campaign_id=campaign_id)
    return floor


@pytest.mark.parametrize(
    ("width", "locale", "scheme"),
    [(1366, "en-US", "dark"), (1366, "es-CO", "light"), (900, "es-CO", "light"), (360, "es-CO", "light")],
)
def test_every_state_of_a_campaign_is_told_with_since_and_why(
    browser: Browser, width: int, locale: str, scheme: str
) -> None:
    floor, code = floor_in_every_state(), locale[:2]
    with (
        ServedFloor(floor) as served,
        visit(
            browser,
            served.url,
            viewport={"width": width, "height": 768},
            color_scheme=scheme,
            locale=locale,
        ) as tab,
    ):
        tab.page.goto("/")
        shown = tab.page.locator("tr.row .badge").all_inner_texts()
        ranked = sorted(CampaignState, key=lambda state: state.rank)
        assert list(dict.fromkeys(shown)) == [state.words[code] for state in ranked]
        finding = Finding.LICENCES_DIFFER.words[code]
        expect(tab.page.locator("#what-licences_differ")).to_contain_text(finding, ignore_case=True)
        expect(tab.page.locator(".operation", has_text="ventas-bogota")).to_contain_text(finding)
        expect(tab.page.locator(".c-abandonment .over")).to_have_count(7)
        expect(tab.page.locator("tr.row", has_text="DIA EN CERO").locator(".c-why")).to_contain_text(
            Reason.SPEED_ZERO.words[code]
        )
        assert too_wide(tab.page) == []
        keep(tab.page, f"states-{width}-{scheme}-{locale}")
        assert tab.complaints == []


@pytest.fixture(scope="module")
def accessible() -> Iterator[tuple[ServedFloor, ServedFloor]]:
    """A floor with a campaign in each state, and one with a single campaign beside one with 500."""
    counted = Floor([make_operation("una"), make_operation("quinientas")])
    land(counted, ["A"], "una")
    land(counted, [f"CAMPAÑA FICTICIA {i}" for i in range(500)], "quinientas")
    counted.fail("agents", Cause.AUTH, "una")
    with ServedFloor(floor_in_every_state()) as states, ServedFloor(counted) as counts:
        yield states, counts


@pytest.mark.parametrize(
    ("size", "locale", "scheme"),
    [(DESKTOP, "en-US", "dark"), (PHONE, "es-CO", "light")],
    ids=["desktop", "phone"],
)
def test_nothing_keeps_anybody_from_reading_it(
    browser: Browser,
    accessible: tuple[ServedFloor, ServedFloor],
    size: dict[str, int],
    locale: str,
    scheme: str,
) -> None:
    states, counts = accessible
    for served, query in (
        (states, ""),
        (states, "?operation=ventas-bogota"),
        (counts, "?operation=una"),
        (counts, ""),
    ):
        with visit(browser, served.url, viewport=size, color_scheme=scheme, locale=locale) as tab:
            tab.page.goto(f"/{query}")
            tab.page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
            assert violations(tab.page) == []


@pytest.mark.parametrize("query", ["", "?theme=dark"])
def test_it_is_printed_light_whatever_the_system(
    browser: Browser, accessible: tuple[ServedFloor, ServedFloor], query: str
) -> None:
    with visit(browser, accessible[0].url, viewport=DESKTOP, color_scheme="dark") as tab:
        tab.page.goto(f"/{query}")
        tab.page.emulate_media(media="print")
        colour = "getComputedStyle(document.querySelector('{}')).{}"
        assert tab.page.evaluate(colour.format("html", "backgroundColor")) == "rgb(243, 245, 248)"
        assert tab.page.evaluate(colour.format(".gauge .track, .bar .track", "fill")) == "rgb(233, 237, 242)"
        assert tab.page.evaluate(colour.format("tr.row .badge.state", "color")) != "rgb(255, 255, 255)"
        keep(tab.page, f"print-{query[-4:]}")


STOPPED, NO_CARRIER, USED_UP, NIGHTLY = "4876", "4875", "4878", "NOCTURNA de simulacro"
SALES, EMPTY_DESKS = "ventas-bogota", "cobranza-mexico"


class SimulatedFloor:
    """The exporter over the simulated vendor, on a clock that stands still until `pass_minutes`."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        start = datetime.fromtimestamp(self.clock.wall, UTC)
        settings = SimulatorSettings(operations=2, campaigns=4, start=start, latency=0.0, events=False)
        self.simulator = Simulator(settings, clock=lambda: self.clock.wall)
        told = demo_config(self.simulator)
        # What a vendor may be asked, with the users of the audit log.
        apis = make_operation().apis
        apis = {**apis, "audit_log": replace(apis["audit_log"], options={"show_users": True})}
        operations = tuple(replace(operation, apis=apis) for operation in told.operations)
        store = MemoryStore(lambda: self.clock.monotonic)
        self.service = Service(replace(told, operations=operations), store, self.clock)

    def pass_minutes(self, minutes: int) -> None:
        """Let time pass, and poll everything."""
        self.clock.advance(60.0 * minutes)
        for poller in self.service.pollers:
            for api in poller.operation.enabled():
                for _ in poller.asked_for(api) if BY_NAME[api].by_campaign else (api,):
                    poller.poll_now(api)

    def act(self, campaign_id: str, action: str) -> None:
        """Do something to a campaign of the first operation."""
        self.simulator.campaign(SALES, campaign_id).act(action)


def whys(page: Page) -> dict[str, str]:
    """Return what the column "why" says, by the id of the campaign, or by its name."""
    rows = page.locator("tr.row").all()
    told = {row.locator(".c-name").inner_text(): row.locator(".c-why").text_content() or "" for row in rows}
    found = {
        next((one for one in (STOPPED, NO_CARRIER, USED_UP, NIGHTLY) if one in name), name): why
        for name, why in told.items()
    }
    return {name: " ".join(why.split()) for name, why in found.items()}


def test_it_says_why_a_campaign_does_not_dial(browser: Browser) -> None:
    floor = SimulatedFloor()
    with floor.simulator as simulator:
        sales, desks = (simulator.service.world.named(name) for name in (SALES, EMPTY_DESKS))
        sales.add_campaign(NIGHTLY, floor.clock.wall, parked=True, dead_every=None)
        floor.act(NO_CARRIER, "fail_calls")
        for _ in range(3):
            floor.pass_minutes(5)
        stopped_at = datetime.fromtimestamp(floor.clock.wall, sales.zone).strftime("%H:%M")
        floor.act(STOPPED, "stop")
        floor.act(NO_CARRIER, "stall")
        floor.act(USED_UP, "use_up")
        desks.set_condition("agents_gone", floor.clock.wall, holds=True)
        floor.pass_minutes(5)
        with Served(floor.service.app) as served:
            for code, size in (("en", DESKTOP), ("es", PHONE)):
                with visit(browser, served.url, viewport=size, locale=code) as tab:
                    tab.page.goto(f"/?operation={SALES}")
                    told = whys(tab.page)
                    by_hand = told.pop(STOPPED)
                    assert by_hand.startswith(f"{Reason.STOPPED_BY_HAND.words[code]} a")
                    assert f" {stopped_at} " in by_hand
                    assert by_hand.endswith(sales.workforce.supervisors)
                    assert {name: why for name, why in told.items() if why} == {
                        NO_CARRIER: Reason.CARRIER.words[code],
                        USED_UP: Reason.LIST_USED_UP.words[code],
                        NIGHTLY: Reason.FORBIDDEN_HOURS.words[code],
                    }
                    keep(tab.page, f"why-{SALES}-{code}")
                    everything = tab.page.content()
                    assert too_wide(tab.page) == []
                    tab.page.goto(f"/?operation={EMPTY_DESKS}")
                    assert set(whys(tab.page).values()) == {Reason.NO_AGENTS.words[code]}
                    keep(tab.page, f"why-{EMPTY_DESKS}-{code}")
                    everything += tab.page.content() + tab.page.request.get("/status.json").text()
                    metrics = tab.page.request.get("/metrics").text()
                    assert too_wide(tab.page) == []
                    assert tab.complaints == []
                private = personal_data(sales) | personal_data(desks)
                shown = {one for one in private if one in everything}
                assert shown <= {*sales.workforce.supervisors}
                assert not any(one in metrics for one in private)


def test_the_demo_shows_its_campaigns(browser: Browser, tmp_path: Path) -> None:
    with (
        exporter("demo", tmp_path, "--operations=2", "--campaigns=8") as demo,
        visit(browser, demo.url, viewport=DESKTOP) as tab,
    ):
        page = tab.page
        until(lambda: demo.get("/-/ready").ok, STARTS_WITHIN, "the first polls")
        page.goto("/?lang=es")
        expect(page.locator("tr.row").first).to_be_visible()
        expect(page.locator(".operation")).to_have_count(2)
        expect(page.locator("tr.row", has_text='ENCUESTA "Satisfacción" (piloto)')).to_have_count(2)
        sales = page.locator(".operation", has_text="ventas-bogota")
        sales.locator("summary").first.click()
        sales.locator(".more a").last.click()
        expect(page.locator("#polls summary")).to_have_count(len(APIS))
        assert tab.complaints == []
