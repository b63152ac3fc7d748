"""The server on real sockets. Bounds of time are generous where only an end is wanted."""

import asyncio
import contextlib
import errno
import gc
import socket
import time
import weakref
from collections.abc import Callable, Coroutine
from http import HTTPStatus
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.toolkit.address import Address
from exporter.toolkit.connection import ClientLimits, batches
from exporter.toolkit.message import Request, Response
from exporter.toolkit.server import Server
from toolkit.served import WITHIN, Served, hello, served

PIECE = bytes(2**20)
LARGE = Response(HTTPStatus.OK, "application/octet-stream", (PIECE,) * 32)
SCRAPE_WITHIN = 1.0
"""A scrape answers within a second however many other clients there are."""


async def pages(request: Request) -> Response:
    return LARGE if request.path == "/large" else await hello(request)


def run(scenario: Callable[[Served], Coroutine[Any, Any, None]], **settings: Any) -> None:
    async def main() -> None:
        async with asyncio.timeout(WITHIN * 2), served(**settings) as running:
            await scenario(running)

    asyncio.run(main())


async def scrapes_in_time(running: Served) -> None:
    # The best of a few: a loaded machine may hold one back, a server that is blocked holds back all of them.
    times = []
    for _ in range(5):
        started = time.monotonic()
        assert (await running.ask("/metrics")).status == HTTPStatus.OK
        times.append(time.monotonic() - started)
    assert min(times) < SCRAPE_WITHIN


def test_an_answer_has_what_http_wants() -> None:
    async def scenario(running: Served) -> None:
        answer = await running.ask("/a?b=c")
        assert (answer.status, answer.body) == (HTTPStatus.OK, b"hello /a\n")
        assert answer.headers["content-length"] == "9"
        assert answer.headers["content-type"] == "text/plain"
        assert answer.headers["date"].endswith(" GMT")

    run(scenario)


def test_head_has_the_headers_of_get_and_no_body() -> None:
    async def scenario(running: Served) -> None:
        client = await running.client()
        get, head = await client.ask("/a"), await client.ask("/a", "HEAD")
        assert (head.status, head.body) == (get.status, b"")
        assert head.headers["content-length"] == get.headers["content-length"]
        assert (await client.ask("/a")).body == get.body  # the connection still stands

    run(scenario)


def test_a_connection_carries_many_requests() -> None:
    async def scenario(running: Served) -> None:
        client = await running.client()
        for number in range(20):
            assert (await client.ask(f"/{number}")).body == f"hello /{number}\n".encode()

    run(scenario)


def test_pipelined_requests_are_answered_in_order() -> None:
    async def scenario(running: Served) -> None:
        asked = b"".join(b"GET /%d HTTP/1.1\r\nHost: t\r\n\r\n" % number for number in range(50))
        told = await running.say(asked + b"GET /last HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n")
        places = [told.index(b"hello /%d\n" % number) for number in range(50)]
        assert all(a < b for a, b in pairwise(places))
        assert told.endswith(b"hello /last\n")

    run(scenario)


def test_http_1_0_ends_the_connection() -> None:
    async def scenario(running: Served) -> None:
        assert (await running.say(b"GET /old HTTP/1.0\r\n\r\n")).endswith(b"\r\n\r\nhello /old\n")

    run(scenario)


@pytest.mark.parametrize(
    ("target", "path"),
    [
        (b"http://evil.example:1/metrics?x=1", "/metrics"),
        (b"HTTPS://evil.example", "/"),
        (b"/%6detrics", "/metrics"),
        (b"/caf%C3%A9", "/café"),
        (b"http://[", ""),
        (b"*", "*"),
    ],
)
def test_all_forms_of_a_target_are_read(target: bytes, path: str) -> None:
    async def scenario(running: Served) -> None:
        told = await running.say(b"GET " + target + b" HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n")
        assert told.endswith(b"hello " + path.encode() + b"\n")

    run(scenario)


def test_a_body_is_read_past() -> None:
    async def scenario(running: Served) -> None:
        whole = b"POST /p HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\n\r\nabcde"
        chunked = b"POST /q HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
        last = b"GET /end HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n"
        told = await running.say(whole + chunked + last)
        assert [told.count(b"hello " + path + b"\n") for path in (b"/p", b"/q", b"/end")] == [1, 1, 1]

    run(scenario)


@pytest.mark.parametrize("empty", [b"\r\n", b"\n", b"\r\n\r\n\n", b"\r\n" * 20_000])
def test_empty_lines_before_a_request_are_skipped(empty: bytes) -> None:
    async def scenario(running: Served) -> None:
        body = b"POST /p HTTP/1.1\r\nHost: t\r\nContent-Length: 1\r\n\r\nx"
        last = b"GET /end HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n"
        told = await running.say(empty + body + empty + last)
        assert [told.count(b"hello " + path + b"\n") for path in (b"/p", b"/end")] == [1, 1]

    run(scenario)


def test_an_empty_line_may_come_in_pieces() -> None:
    async def scenario(running: Served) -> None:
        client = await running.client()
        for _ in range(3):
            for piece in (b"\r", b"\n", b"\r\n"):
                await client.send(piece)
                await asyncio.sleep(0.01)
            assert (await client.ask("/metrics")).body == b"hello /metrics\n"

    run(scenario)


def test_empty_lines_alone_are_no_request() -> None:
    async def scenario(running: Served) -> None:
        client = await running.client()
        with contextlib.suppress(ConnectionError):
            async with asyncio.timeout(WITHIN):
                while not client.reader.at_eof():
                    await client.send(b"\r\n")
                    await asyncio.sleep(0.01)
        assert await client.rest() == b""

    run(scenario, limits=ClientLimits(request=0.2))


def test_a_body_is_asked_for() -> None:
    async def scenario(running: Served) -> None:
        client = await running.client()
        head = b"POST /p HTTP/1.1\r\nHost: t\r\nContent-Length: 1\r\nConnection: close\r\n"
        await client.send(head + b"Expect: 100-continue\r\n\r\n")
        async with asyncio.timeout(WITHIN):
            assert await client.reader.readline() == b"HTTP/1.1 100 \r\n"
        await client.send(b"x")
        assert b"hello /p" in await client.rest()

    run(scenario)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200) + b"\r\n\r\n", b"400"),
        (b"GARBAGE\r\n\r\n", b"400"),
        (b"GET / HTTP/9.9\r\nHost: t\r\n\r\n", b"505"),
        (b"GET / HTTP/1.1\r\n\r\n", b"400"),  # no Host
        (b"GET / HTTP/1.1\r\nHost: t\r\nBad Header: x\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: t\r\nContent-Length: -1\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", b"400"),
        (
            b"POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            b"400",
        ),
        (b"POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: gzip\r\n\r\n", b"501"),
        (b"POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", b"400"),
        (b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: t\r\n\r\n", b"431"),
        (b"POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 5000000\r\n\r\n" + bytes(5_000_000), b"413"),
    ],
)
def test_nonsense_is_refused_and_harms_nobody(sent: bytes, status: bytes) -> None:
    async def scenario(running: Served) -> None:
        assert (await running.say(sent)).startswith(b"HTTP/1.1 " + status)
        assert (await running.ask("/")).status == HTTPStatus.OK

    run(scenario)


def test_ten_megabytes_of_header_are_refused_while_others_scrape() -> None:
    async def scenario(running: Served) -> None:
        sent = b"GET / HTTP/1.1\r\nHost: t\r\nX: " + b"a" * 10_000_000 + b"\r\n\r\n"
        refused = asyncio.create_task(running.say(sent))
        await scrapes_in_time(running)
        assert (await refused).startswith(b"HTTP/1.1 431 ")

    run(scenario)


def test_a_client_that_leaves_is_forgotten() -> None:
    async def scenario(running: Served) -> None:
        for sent in (
            b"",
            b"GET",
            b"GET / HTTP/1.1\r\n",
            b"POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 9\r\n\r\nx",
        ):
            client = await running.client()
            await client.send(sent)
            client.close()
        await running.server._connections.end(WITHIN)
        assert len(running.server._connections) == 0

    run(scenario)


def test_the_answer_of_a_client_that_breaks_off_is_gone_with_it() -> None:
    gone = asyncio.Event()

    async def large(_: Request) -> Response:
        response = Response(HTTPStatus.OK, "text/plain", (bytes(2**20),) * 16)
        weakref.finalize(response, gone.set)
        return response

    async def scenario(running: Served) -> None:
        client = await running.client(limit=2**12)
        await client.send(b"GET / HTTP/1.1\r\nHost: t\r\n\r\n")
        async with asyncio.timeout(WITHIN):
            await client.reader.readline()
            client.close()
            await gone.wait()

    gc.disable()
    try:
        run(scenario, handler=large)
    finally:
        gc.enable()


def test_five_hundred_idle_connections_slow_nobody() -> None:
    async def scenario(running: Served) -> None:
        idle = [await running.client() for _ in range(500)]
        await scrapes_in_time(running)
        assert (await idle[0].ask("/")).status == HTTPStatus.OK  # there was room for all of them

    run(scenario)


def test_fifty_slow_readers_slow_nobody() -> None:
    async def scenario(running: Served) -> None:
        readers = [await running.client(limit=2**12) for _ in range(50)]
        for client in readers:
            await client.send(b"GET /large HTTP/1.1\r\nHost: t\r\n\r\n")
        for client in readers:
            async with asyncio.timeout(WITHIN):
                assert await client.reader.readline() == b"HTTP/1.1 200 OK\r\n"
        await scrapes_in_time(running)

    run(scenario, handler=pages)


def test_what_a_slow_reader_does_not_take_is_not_piled_up() -> None:
    async def scenario(running: Served) -> None:
        client = await running.client(limit=2**12)
        await client.send(b"GET /large HTTP/1.1\r\nHost: t\r\n\r\n")
        async with asyncio.timeout(WITHIN):
            await client.reader.readline()
        transports = asyncio.get_running_loop()._transports.values()  # type: ignore[attr-defined]
        assert 0 < max(transport.get_write_buffer_size() for transport in transports) <= 2**15

    run(scenario, handler=pages)


def test_a_reader_that_takes_nothing_is_left() -> None:
    async def scenario(running: Served) -> None:
        client = await running.client(limit=2**12)
        await client.send(b"GET /large HTTP/1.1\r\nHost: t\r\n\r\n")
        await running.server._connections.end(WITHIN)
        assert len(running.server._connections) == 0
        assert len(await client.rest()) < LARGE.length

    run(scenario, handler=pages, limits=ClientLimits(write=0.1))


def test_a_large_answer_arrives_whole() -> None:
    pieces = tuple(bytes([number]) * (number * 1000) for number in range(200))

    async def large(_: Request) -> Response:
        return Response(HTTPStatus.OK, "text/plain", pieces)

    async def scenario(running: Served) -> None:
        assert (await running.ask("/")).body == b"".join(pieces)

    run(scenario, handler=large)


def test_a_request_that_dribbles_in_is_dropped() -> None:
    async def scenario(running: Served) -> None:
        client = await running.client()
        with contextlib.suppress(ConnectionError):
            async with asyncio.timeout(WITHIN):
                for letter in b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 10_000:
                    await client.send(bytes([letter]))
                    await asyncio.sleep(0.01)
                    if client.reader.at_eof():
                        break
        assert await client.rest() == b""

    run(scenario, limits=ClientLimits(request=0.2))


@pytest.mark.parametrize("silence", ["first", "next"])
def test_a_silent_client_is_dropped(silence: str) -> None:
    async def scenario(running: Served) -> None:
        client = await running.client()
        if silence == "next":
            await client.ask("/")
        assert await client.rest() == b""

    run(scenario, limits=ClientLimits(idle=0.1) if silence == "next" else ClientLimits(request=0.1))


def test_the_client_that_is_waited_for_longest_makes_room() -> None:
    async def scenario(running: Served) -> None:
        clients = [await running.client() for _ in range(8)]
        for client in (*clients[4:], *clients[:4]):
            assert (await client.ask("/")).status == HTTPStatus.OK
        ninth = await running.client()
        assert await clients[4].rest() == b""
        for client in (*clients[:4], *clients[5:], ninth):
            assert (await client.ask("/")).status == HTTPStatus.OK

    run(scenario, limits=ClientLimits(connections=8))


STORMS = {
    "idle": b"",
    "half a request": b"GET / HTTP/1.1\r\nX: y",
    "half a body": b"POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 9\r\n\r\nx",
    "kept alive": b"GET / HTTP/1.1\r\nHost: t\r\n\r\n",
    "does not read": b"GET /large HTTP/1.1\r\nHost: t\r\n\r\n",
    "pipelines and does not read": b"GET /large HTTP/1.1\r\nHost: t\r\n\r\n" * 1000,
    "waits for an answer": b"GET /never HTTP/1.1\r\nHost: t\r\n\r\n",
}


@pytest.mark.parametrize("listeners", [1, 3])
@pytest.mark.parametrize("sent", STORMS.values(), ids=STORMS)
def test_there_are_never_more_connections_than_the_limit(sent: bytes, listeners: int) -> None:
    async def answer(request: Request) -> Response:
        if request.path == "/never":
            await asyncio.Event().wait()
        return await pages(request)

    async def scenario(running: Served) -> None:
        limit, most = 20, 0

        async def watch() -> None:
            nonlocal most
            while True:
                most = max(most, len(running.server._connections))
                await asyncio.sleep(0)

        watching = asyncio.create_task(watch())
        addresses = [
            running.address,
            *await running.server.start([Address("127.0.0.1", 0)] * (listeners - 1)),
        ]
        ways_in = [Served(running.server, address) for address in addresses]
        clients = await asyncio.gather(*(ways_in[n % listeners].client(limit=2**12) for n in range(200)))
        for client in clients:
            with contextlib.suppress(ConnectionError):
                await client.send(sent)
        for way_in in ways_in:
            assert (await way_in.ask("/metrics")).status == HTTPStatus.OK
        assert most <= limit
        watching.cancel()
        for way_in in ways_in:
            way_in.close()

    run(scenario, handler=answer, limits=ClientLimits(connections=20, shutdown=0.1))


@pytest.mark.parametrize("limit", [2, 5])
def test_no_more_slow_readers_are_kept_than_allowed(monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    monkeypatch.setattr("exporter.toolkit.connections._SENDING_SECONDS", 0.0)

    async def scenario(running: Served) -> None:
        readers = [await running.client(limit=2**12) for _ in range(limit + 3)]
        for client in readers:
            await client.send(b"GET /large HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n")
            async with asyncio.timeout(WITHIN):
                await client.reader.readline()
        # All at once: who waits for others while they read has no time left on a slow machine.
        sizes = map(len, await asyncio.gather(*(client.rest() for client in readers)))
        assert [size > LARGE.length for size in sizes] == [False] * 3 + [True] * limit

    run(scenario, handler=pages, limits=ClientLimits(responses=limit))


class ShortOfDescriptors(socket.socket):
    """A listening socket that fails to accept once, as if the process could open no more files."""

    failures = 1

    def accept(self) -> tuple[socket.socket, Any]:
        if self.failures:
            self.failures -= 1
            raise OSError(errno.EMFILE, "Too many open files")
        return super().accept()


@pytest.mark.parametrize("others", [0, 1, 40])
def test_idle_clients_make_room_where_descriptors_are_short(others: int) -> None:
    async def scenario(running: Served) -> None:
        idle = [await running.client() for _ in range(others)]
        for client in idle:
            assert (await client.ask("/")).status == HTTPStatus.OK
        with ShortOfDescriptors(socket.AF_INET, socket.SOCK_STREAM) as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            running.server.adopt([listener])
            new = Served(running.server, Address("127.0.0.1", listener.getsockname()[1]))
            assert (await new.ask("/")).status == HTTPStatus.OK
            assert sum(client.reader.at_eof() for client in idle) == min(max(others // 16, 1), others)
            new.close()
            await running.server.stop()

    run(scenario)


def test_a_socket_that_is_broken_for_good_harms_no_other() -> None:
    async def scenario(running: Served) -> None:
        with socket.create_server(("127.0.0.1", 0)) as other:
            running.server.adopt([other])
            # As an administrator's `ss --kill` leaves it: to accept on it fails at once, and always.
            other.shutdown(socket.SHUT_RDWR)
            for _ in range(3):
                assert (await running.ask("/")).status == HTTPStatus.OK
            await running.server.stop()

    run(scenario)


def test_a_stop_lets_a_running_scrape_end() -> None:
    asked, may_end = asyncio.Event(), asyncio.Event()

    async def slow(_: Request) -> Response:
        asked.set()
        await may_end.wait()
        return Response(HTTPStatus.OK, "text/plain", (PIECE,))

    async def scenario(running: Served) -> None:
        idle, client = await running.client(), await running.client()
        scrape = asyncio.create_task(client.ask("/"))
        await asked.wait()
        stop = asyncio.create_task(running.server.stop())
        assert await idle.rest() == b""  # who says nothing is sent away
        with pytest.raises(OSError):  # noqa: PT011 - refused, or reset by what was in the backlog
            await running.ask("/")
        assert not stop.done()
        may_end.set()
        answer = await scrape
        assert (len(answer.body), answer.headers["connection"]) == (len(PIECE), "close")
        await stop

    run(scenario, handler=slow)


def test_a_stop_hears_who_has_just_connected() -> None:
    async def scenario(running: Served) -> None:
        client, other = await running.client(), await running.client()
        assert (await other.ask("/")).status == HTTPStatus.OK  # so both are accepted
        stop = asyncio.create_task(running.server.stop())
        assert await other.rest() == b""  # by now it stops
        answer = await client.ask("/")
        assert (answer.status, answer.headers["connection"]) == (HTTPStatus.OK, "close")
        await stop

    run(scenario)


def test_a_stop_does_not_wait_for_ever() -> None:
    asked = asyncio.Event()

    async def stuck(_: Request) -> Response:
        asked.set()
        await asyncio.Event().wait()
        raise AssertionError

    async def scenario(running: Served) -> None:
        client = await running.client()
        await client.send(b"GET / HTTP/1.1\r\nHost: t\r\n\r\n")
        await asked.wait()
        await running.server.stop()
        assert await client.rest() == b""

    run(scenario, handler=stuck, limits=ClientLimits(shutdown=0.1))


def test_a_request_tells_where_it_came_in_and_no_header_decides_that() -> None:
    seen: list[Request] = []

    async def note(request: Request) -> Response:
        seen.append(request)
        return await hello(request)

    async def scenario(running: Served) -> None:
        told = await running.say(
            b"GET / HTTP/1.1\r\nHost: evil.example:1\r\nX-Forwarded-For: 8.8.8.8\r\nConnection: close\r\n\r\n"
        )
        assert told.startswith(b"HTTP/1.1 200")
        (request,) = seen
        assert (request.local, request.peer) == (running.address, "127.0.0.1")

    run(scenario, handler=note)


def test_a_header_in_several_lines_is_one_list() -> None:
    async def heads(request: Request) -> Response:
        return Response(HTTPStatus.OK, "text/plain", (request.headers["accept"].encode(),))

    async def scenario(running: Served) -> None:
        told = await running.say(
            b"GET / HTTP/1.1\r\nHost: t\r\nAccept: a/b\r\nConnection: close\r\nACCEPT: c/d;q=0.1, e/f\r\n\r\n"
        )
        assert told.endswith(b"a/b, c/d;q=0.1, e/f")

    run(scenario, handler=heads)


def test_a_taken_port_is_an_error_and_a_free_one_is_told() -> None:
    async def main() -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            server = Server(hello)
            address = Address("127.0.0.1", taken.getsockname()[1])
            with pytest.raises(OSError, match="in use") as raised:
                await server.start([address])
            assert raised.value.filename == str(address)
            await server.stop()

    asyncio.run(main())


@pytest.mark.parametrize("host", ["", "localhost", "127.0.0.1"])
def test_every_address_of_a_host_is_listened_on_at_one_port(host: str) -> None:
    async def main() -> None:
        server = Server(hello)
        (address,) = await server.start([Address(host, 0)])
        assert {listener.getsockname()[1] for listener in server._listeners.values()} == {address.port}
        reader, writer = await asyncio.open_connection("127.0.0.1", address.port)
        writer.write(b"GET / HTTP/1.0\r\n\r\n")
        assert (await reader.read()).endswith(b"hello /\n")
        writer.close()
        await server.stop()

    asyncio.run(main())


@given(pieces=st.lists(st.binary(max_size=50), max_size=20), size=st.integers(1, 40))
def test_batches_lose_nothing_and_are_bounded(pieces: list[bytes], size: int) -> None:
    shared = list(batches(pieces, size))
    assert b"".join(part for batch in shared for part in batch) == b"".join(pieces)
    assert all(sum(map(len, batch)) == size for batch in shared[:-1])
    assert all(0 < sum(map(len, batch)) <= size for batch in shared)
