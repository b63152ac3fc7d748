"""A client that stops in the middle of 30 MB: others go on, and it gets its own in the end."""

import asyncio
import gzip
import re
from http import HTTPStatus

import pytest

from exporter.metrics import Format
from exporter.toolkit.connection import ClientLimits
from exporter.toolkit.message import Request, Response
from metrics.floor import Floor, grown, plain_rows, snapshot
from toolkit.served import WITHIN, served

CAMPAIGNS = 17_000


def records(text: bytes) -> list[bytes]:
    """Return the figures of one family."""
    start = text.index(b"# TYPE wolkvox_campaign_records ")
    lines = text[start : text.index(b"# HELP", start)].splitlines()[1:]
    return [line.rpartition(b" ")[2] for line in lines]


@pytest.fixture(scope="module")
def floor() -> Floor:
    return Floor(snapshot("op", campaigns=plain_rows("campaigns", CAMPAIGNS, 0.0)))


def test_a_reader_that_stalls_holds_up_neither_polls_nor_scrapes(floor: Floor) -> None:
    async def app(request: Request) -> Response:
        encoding = request.query or "identity"
        return Response(HTTPStatus.OK, "text/plain", floor.exposition.body(Format.TEXT, encoding))

    async def scenario() -> None:
        # On a loaded machine the polls meanwhile may take longer than a client is given to read on.
        patient = ClientLimits(write=WITHIN * 2)
        async with asyncio.timeout(WITHIN * 2), served(app, patient) as running:
            stalled = await running.client(limit=2**12)
            await stalled.send(b"GET /metrics HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n")
            head = await stalled.reader.readuntil(b"\r\n\r\n")
            length = int(re.search(rb"content-length: (\d+)", head, re.IGNORECASE)[1])  # type: ignore[index]
            assert length > 30_000_000
            for turn in range(1, 4):
                # In a thread, as polls land: a lock that the stalled answer held would end in a time-out.
                news = grown(floor.board.current()["op"], float(turn), CAMPAIGNS)
                await asyncio.to_thread(floor.land, news)
                other = await running.ask("/metrics?gzip")
                assert set(records(gzip.decompress(other.body))) == {b"%d" % turn}
            parts = []
            while part := await stalled.reader.read(2**16):
                parts.append(part)
            body = b"".join(parts)
            assert len(body) == length
            assert set(records(body)) == {b"0"}
            assert len(records(body)) == CAMPAIGNS

    asyncio.run(scenario())


def test_the_memory_of_the_answer_is_shared(floor: Floor) -> None:
    bodies = [floor.exposition.render(form) for form in Format]
    first, second = ({id(part) for part in body if len(part) > 10_000} for body in bodies)
    assert first
    assert first == second
