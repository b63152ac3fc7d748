"""A real browser, Debian's Chromium without a window, and pages for it that are served in this process."""

import asyncio
import contextlib
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Self

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright

from exporter.toolkit import message
from exporter.toolkit.address import Address
from exporter.toolkit.server import Server
from exporter.web.app import App
from support.floor import Floor
from support.programs import program

STARTS_WITHIN = 60.0


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Run a browser; nothing is downloaded, and what is not asked for is not connected to."""
    path = program("chromium")
    # Its sandbox needs a user that is not root.
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Visit:
    """A tab, and what went wrong in it: messages of the console, errors of scripts, requests elsewhere."""

    page: Page
    complaints: list[str] = field(default_factory=list)


@contextlib.contextmanager
def visit(browser: Browser, url: str, **options: Any) -> Iterator[Visit]:
    """Open a tab whose addresses begin at `url`; the options are those of a Playwright context."""
    context: BrowserContext = browser.new_context(base_url=url, **{"locale": "en-US", **options})
    context.set_default_timeout(STARTS_WITHIN * 1000)
    seen = Visit(context.new_page())
    seen.page.on("console", lambda message: seen.complaints.append(f"console: {message.text}"))
    seen.page.on("pageerror", lambda error: seen.complaints.append(f"error: {error}"))
    seen.page.on("dialog", lambda dialog: seen.complaints.append(f"dialog: {dialog.message}"))

    def requested(request: Request) -> None:
        if not request.url.startswith(f"{url}/"):
            seen.complaints.append(f"request: {request.url}")

    seen.page.on("request", requested)
    try:
        yield seen
    finally:
        context.close()


def violations(page: Page) -> list[str]:
    """Return what axe has against the page as it is: each rule, and where it is broken."""
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {' '.join(node['html'] for node in one['nodes'])}" for one in found]


class Served:
    """The pages of an exporter on a free port of 127.0.0.1; `answering` False breaks every connection off."""

    def __init__(self, app: App) -> None:
        self.answering = True
        self._app = app
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(),))
        self.url = ""

    async def _serve(self) -> None:
        server = Server(self._answer)
        (address,) = await server.start([Address("127.0.0.1", 0)])
        self.url = address.url()
        self._ready.set()
        await self._stop.wait()
        await server.stop()
        self._app.close()

    async def _answer(self, request: message.Request) -> message.Response:
        if not self.answering:
            raise ConnectionAbortedError
        return await self._app(request)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(STARTS_WITHIN)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(STARTS_WITHIN)
        self._loop.close()


class ServedFloor(Served):
    """The pages of a floor."""

    def __init__(self, floor: Floor) -> None:
        self.floor = floor
        super().__init__(
            App(
                snapshots=floor.snapshots,
                exposition=floor.exposition,
                healthy=lambda: True,
                ready=lambda: True,
                status=floor.pages.answer,
            )
        )
