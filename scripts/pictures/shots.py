"""A browser looks at a dashboard or at the status page until it is quiet, and takes the picture."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from urllib.parse import urlencode

from playwright.sync_api import Browser, Page, Request

from scripts.pictures.plan import Picture
from support.browser import STARTS_WITHIN, Served

_LOCALES = {"en": "en-US", "es": "es-ES"}
_ZONE = "America/Bogota"
_QUIET_SECONDS = 1.5
_GIVE_UP_SECONDS = 60.0
_PANELS = '[data-testid^="data-testid Panel header"]'
_FAILED = '[data-testid="data-testid Panel status error"]'
_PHONE_WIDTH = 500
_DEAD_FOR_SECONDS = 300


class ShotError(Exception):
    """The picture would not show what it should; the text says why."""


@dataclass
class _Traffic:
    """The requests of a tab that have no answer yet, and when the last one began or ended."""

    open: set[Request] = field(default_factory=set)
    last: float = field(default_factory=monotonic)

    def begun(self, request: Request) -> None:
        self.open.add(request)
        self.last = monotonic()

    def ended(self, request: Request) -> None:
        self.open.discard(request)
        self.last = monotonic()

    @property
    def quiet(self) -> bool:
        return not self.open and monotonic() - self.last > _QUIET_SECONDS


def dashboard(browser: Browser, base: str, picture: Picture, moment: float, file: Path) -> None:
    """Take the picture of a dashboard. Raises ShotError where a panel says that its query failed."""
    times = (("from", picture.start), ("to", picture.end))
    query = [
        ("theme", picture.theme),
        ("lang", _LOCALES[picture.language]),
        *((name, value) for name, value in times if value),
        *((f"var-{name}", value) for name, value in picture.values),
    ]
    with _tab(browser, picture, moment) as (page, traffic):
        page.goto(f"{base}/d/{picture.uid}/d?{urlencode(query)}&kiosk")
        page.locator(_PANELS).first.wait_for()
        _wait_until_quiet(page, traffic)
        if picture.scroll:
            page.mouse.move(picture.size[0] / 2, picture.size[1] / 2)
            page.mouse.wheel(0, picture.scroll)
            _wait_until_quiet(page, traffic)
        failed = page.locator(_PANELS, has=page.locator(_FAILED))
        titles = [one.get_attribute("data-testid") or "" for one in failed.all()]
        page.screenshot(path=file)
    if titles:
        names = ", ".join(title.removeprefix("data-testid Panel header ") for title in titles)
        raise ShotError(f"{picture.name}: a query failed of {names}")


def status_page(  # noqa: PLR0913 - what the picture is of
    browser: Browser, served: Served, picture: Picture, moment: float, file: Path, *, dies: bool
) -> None:
    """Take the picture of the status page; dies: some minutes after the exporter has ended."""
    query = urlencode([("lang", picture.language), ("theme", picture.theme), *picture.values])
    with _tab(browser, picture, moment) as (page, traffic):
        page.goto(f"{served.url}/?{query}")
        _wait_until_quiet(page, traffic)
        if dies:
            served.answering = False
            page.clock.fast_forward(_DEAD_FOR_SECONDS * 1000)
            _wait_until_quiet(page, traffic)
        page.mouse.wheel(0, picture.scroll)
        page.screenshot(path=file)


@contextmanager
def _tab(browser: Browser, picture: Picture, moment: float) -> Iterator[tuple[Page, _Traffic]]:
    """Open a tab whose clock shows the moment of the picture, and goes on."""
    width, height = picture.size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        locale=_LOCALES[picture.language],
        timezone_id=_ZONE,
        color_scheme="dark" if picture.theme == "dark" else "light",
        has_touch=width < _PHONE_WIDTH,
    )
    context.set_default_timeout(STARTS_WITHIN * 1000)
    context.clock.install(time=datetime.fromtimestamp(moment, UTC))
    page, traffic = context.new_page(), _Traffic()
    page.on("request", traffic.begun)
    page.on("requestfinished", traffic.ended)
    page.on("requestfailed", traffic.ended)
    try:
        yield page, traffic
    finally:
        context.close()


def _wait_until_quiet(page: Page, traffic: _Traffic) -> None:
    end = monotonic() + _GIVE_UP_SECONDS
    page.wait_for_timeout(500)
    while not traffic.quiet:
        if monotonic() > end:
            waiting = ", ".join(sorted(re.sub(r"\?.*", "", request.url) for request in traffic.open))
            raise ShotError(f"the page is not quiet after {_GIVE_UP_SECONDS:.0f} s: {waiting}")
        page.wait_for_timeout(100)
