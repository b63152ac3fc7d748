"""However many people look at the page, a scrape does not wait for them."""

import asyncio
import threading
from http import HTTPStatus

from exporter.toolkit.message import Request, Response, plain
from exporter.web.app import App
from support.floor import Floor

WITHIN = 60.0


def test_no_scrape_queues_behind_people() -> None:
    floor, release, looking = Floor(), threading.Event(), threading.Semaphore(0)

    def status(_request: Request) -> Response:
        looking.release()
        assert release.wait(WITHIN)
        return plain(HTTPStatus.OK, "seen")

    async def all_at_once() -> tuple[Response, list[Response]]:
        app = App(
            snapshots=floor.snapshots,
            exposition=floor.exposition,
            healthy=lambda: True,
            ready=lambda: True,
            status=status,
        )
        async with asyncio.timeout(WITHIN):
            people = [asyncio.create_task(app(Request("GET", "/"))) for _ in range(50)]
            await asyncio.to_thread(looking.acquire)
            scraped = await app(Request("GET", "/metrics"))
            release.set()
            seen = await asyncio.gather(*people)
        app.close()
        return scraped, seen

    scraped, seen = asyncio.run(all_at_once())
    assert scraped.status == HTTPStatus.OK
    assert [answer.status for answer in seen] == [HTTPStatus.OK] * 50
