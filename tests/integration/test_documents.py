"""The documentation in a real browser: what it looks like, where it leads, and that everybody can read it."""

import http.client
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from support.browser import ServedFloor, chromium, violations, visit
from support.floor import Floor

pytestmark = pytest.mark.integration

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1366, "height": 768}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def served() -> Iterator[ServedFloor]:
    with ServedFloor(Floor()) as running:
        yield running


@pytest.mark.parametrize(("size", "scheme"), [(DESKTOP, "light"), (PHONE, "dark")], ids=["desktop", "phone"])
def test_everybody_can_read_them(
    browser: Browser, served: ServedFloor, size: dict[str, int], scheme: str
) -> None:
    with visit(browser, served.url, viewport=size, color_scheme=scheme) as tab:
        for path in ("/docs/es/", "/docs/es/runbooks/WolkvoxDataStale.md", "/docs/campaign-states.md"):
            for theme in ("", f"?theme={'dark' if scheme == 'light' else 'light'}"):
                tab.page.goto(f"{path}{theme}")
                assert violations(tab.page) == []
            assert tab.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert tab.complaints == []


def test_links_and_anchors_are_followed(browser: Browser, served: ServedFloor) -> None:
    with visit(browser, served.url, viewport=PHONE) as tab:
        page = tab.page
        page.goto("/docs/runbooks/WolkvoxDataStale.md?theme=dark")
        page.get_by_role("link", name="ES", exact=True).click()
        assert page.locator("html").get_attribute("lang") == "es"
        page.get_by_role("link", name="WolkvoxTokenRejected").click()
        assert page.url == f"{served.url}/docs/es/runbooks/WolkvoxTokenRejected.md?theme=dark"
        page.get_by_role("link", name="Documentación").click()
        page.get_by_role("link", name="Números muertos fuera de la base").click()
        page.locator('main a[href$="#hojas-de-c%C3%A1lculo"]').first.click()
        assert page.evaluate("document.querySelector(':target').textContent") == "Hojas de cálculo"
        page.get_by_role("link", name="Estado de la marcación").click()
        assert page.url == f"{served.url}/?lang=es&theme=dark"
        assert page.locator("html").get_attribute("data-theme") == "dark"
        assert tab.complaints == []


def test_no_path_leads_out_of_them(served: ServedFloor) -> None:
    connection = http.client.HTTPConnection(served.url.removeprefix("http://"), timeout=30)
    for path in (
        "../pyproject.toml",
        "%2e%2e/pyproject.toml",
        "%2e%2e%2fpyproject.toml",
        "%252e%252e/pyproject.toml",
        "metrics.md%00",
        "%ff%fe.md",
        "a" * 20_000,
    ):
        connection.request("GET", f"/docs/{path}")
        answer = connection.getresponse()
        assert answer.status == 404, path
        assert len(answer.read()) < 200
    connection.request("HEAD", "/docs/metrics%2Emd")
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (200, b"")
    connection.close()
