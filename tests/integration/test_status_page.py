"""The status page in a real browser: hostile names, sorting and filtering, with and without scripts."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from exporter.judgement import CampaignState, Reason
from exporter.schedules import Schedule, Week, parse_window
from exporter.snapshot import Usage
from exporter.wolkvox import Cause
from support.browser import STARTS_WITHIN, ServedFloor, chromium, visit
from support.exporter import exporter
from support.fakes import campaign_settings_row, campaigns_row, make_operation
from support.floor import Floor
from support.waiting import until
from web.status.test_pages import HOSTILE

pytestmark = pytest.mark.integration

expect.set_options(timeout=STARTS_WITHIN * 1000)

TOP = "document.querySelector('th.c-calls').getBoundingClientRect().top"

WIDER_THAN_ITS_PLACE = """
() => [...document.querySelectorAll("body, .card, .tile, .row, .sources")]
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
        page.get_by_label("Operaciones").select_option("cobranza-lima")
        expect(page.locator("tr.row")).to_have_count(1)
        assert "q=region" in page.url
        assert "lang=es" in page.url
        # The field is still the one that is typed into.
        assert page.get_by_label("Buscar").input_value() == "region"
        page.get_by_label("Buscar").fill("nadie")
        expect(page.locator(".empty")).to_have_text("Ninguna campaña coincide.")
        page.reload()
        assert page.get_by_label("Buscar").input_value() == "nadie"
        assert page.get_by_label("Operaciones").input_value() == "cobranza-lima"
        assert tab.complaints == []


def test_it_refreshes_itself_and_moves_nothing(browser: Browser, served: ServedFloor) -> None:
    with visit(browser, served.url, viewport=DESKTOP) as tab:
        page = tab.page
        page.clock.install()
        page.goto("/?operation=ventas-bogota")
        page.locator("summary").first.click()
        page.locator("th.c-calls a").focus()
        page.get_by_label("Search").fill("sur")
        expect(page.locator("tr.row")).to_have_count(1)
        page.evaluate("scrollTo(0, 150)")
        before = page.evaluate(TOP)
        served.floor.clock.advance(300)
        land(served.floor, ["Región Sur"], "ventas-bogota", calls=77)
        page.clock.fast_forward(16_000)
        expect(page.locator("tr.row .c-calls .value")).to_have_text("77")
        assert page.locator("details[open]").count() == 1
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
        page.clock.fast_forward(16_000)
        expect(page.locator("#lost")).to_contain_text("El exportador no responde desde las")
        keep(page, "lost")
        served.answering = True
        page.clock.fast_forward(16_000)
        expect(page.locator("#lost")).to_be_hidden()
        assert [c for c in tab.complaints if "ERR_EMPTY_RESPONSE" not in c] == []


def test_everything_works_without_scripts(browser: Browser, served: ServedFloor) -> None:
    with visit(browser, served.url, viewport=DESKTOP, java_script_enabled=False) as tab:
        page = tab.page
        page.goto("/")
        assert page.locator('noscript meta[http-equiv="refresh"], meta[http-equiv="refresh"]').count() == 1
        page.get_by_label("Search").fill("ñandu")
        page.get_by_label("Operations").select_option("ventas-bogota")
        page.get_by_role("button", name="Apply").click()
        expect(page.locator("tr.row")).to_have_count(1)
        page.get_by_role("link", name="Clear").click()
        expect(page.locator("tr.row")).to_have_count(5)
        page.locator("th.c-left a").click()
        assert names(page)[0] == "Región Sur"
        page.get_by_role("link", name="ES", exact=True).click()
        expect(page.locator("th.c-left")).to_have_text("Base por marcar↓")
        page.get_by_role("link", name="Oscura").click()
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        expect(page.locator("th.c-left")).to_have_text("Base por marcar↓")
        page.locator("summary").first.click()
        expect(page.locator("table.polls").first).to_be_visible()
        assert tab.complaints == []


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
    browser: Browser, size: dict[str, int], locale: str, scheme: str
) -> None:
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
    with (
        ServedFloor(floor) as served,
        visit(browser, served.url, viewport=size, color_scheme=scheme, locale=locale) as tab,
    ):
        for name in ("", *floor.operations):
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
        expect(tab.page.locator("tr.row", has_text="DIA EN CERO").locator(".c-state")).to_contain_text(
            Reason.SPEED_ZERO.words[code]
        )
        assert too_wide(tab.page) == []
        keep(tab.page, f"states-{width}-{scheme}-{locale}")
        assert tab.complaints == []


def test_the_demo_shows_its_campaigns(browser: Browser, tmp_path: Path) -> None:
    with (
        exporter("demo", tmp_path, "--operations=2", "--campaigns=8") as demo,
        visit(browser, demo.url, viewport=DESKTOP) as tab,
    ):
        page = tab.page
        until(lambda: demo.get("/-/ready").ok, STARTS_WITHIN, "the first polls")
        page.goto("/?lang=es")
        expect(page.locator("tr.row").first).to_be_visible()
        expect(page.locator("article.card")).to_have_count(2)
        expect(page.locator("tr.row", has_text='ENCUESTA "Satisfacción" (piloto)')).to_have_count(2)
        page.locator("article.card", has_text="ventas-bogota").locator(".more a").click()
        expect(page.locator("#polls summary")).to_have_count(4)
        assert tab.complaints == []
