"""Encrypted connections on real sockets."""

import asyncio
import json
import ssl
from collections.abc import Callable, Coroutine
from http import HTTPStatus
from pathlib import Path
from typing import Any

import h11
import pytest

from exporter.toolkit.connection import ClientLimits
from exporter.toolkit.message import Request, Response
from exporter.toolkit.security import WebConfigFile
from support.certificates import Authority, Issued
from toolkit.served import WITHIN, Served, hello, served

LARGE = Response(HTTPStatus.OK, "application/octet-stream", (bytes(range(256)) * 4096,) * 16)


async def pages(request: Request) -> Response:
    return LARGE if request.path == "/large" else await hello(request)


def web_config(folder: Path, server: Issued, **more: Any) -> WebConfigFile:
    file = folder / "web.yaml"
    section = {"cert_file": str(server.cert), "key_file": str(server.key), **more}
    file.write_text(json.dumps({"tls_server_config": section}))
    return WebConfigFile(file)


def trusting(
    authority: Authority, client: Issued | None = None, **versions: ssl.TLSVersion
) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=authority.file)
    if client:
        context.load_cert_chain(client.cert, client.key)
    for name, version in versions.items():
        setattr(context, name, version)
    return context


def run(scenario: Callable[[Served], Coroutine[Any, Any, None]], config: WebConfigFile, **more: Any) -> None:
    async def main() -> None:
        async with asyncio.timeout(WITHIN * 2), served(tls_context=config.tls_context, **more) as running:
            await scenario(running)

    asyncio.run(main())


async def refused(running: Served, tls: ssl.SSLContext) -> None:
    # In TLS 1.3 a client learns of the refusal when it reads, if it gets to see it before the end.
    with pytest.raises((ssl.SSLError, ConnectionError, h11.RemoteProtocolError)):
        await (await running.client(tls)).ask("/")


def test_pages_go_over_an_encrypted_connection(tmp_path: Path, server: Issued, authority: Authority) -> None:
    async def scenario(running: Served) -> None:
        client = await running.client(trusting(authority))
        for number in range(3):
            assert (await client.ask(f"/{number}")).body == f"hello /{number}\n".encode()
        assert (await client.ask("/large")).body == LARGE.content

    run(scenario, web_config(tmp_path, server), handler=pages)


def test_old_versions_and_plain_text_are_out(tmp_path: Path, server: Issued, authority: Authority) -> None:
    async def scenario(running: Served) -> None:
        await refused(running, trusting(authority, maximum_version=ssl.TLSVersion.TLSv1_2))
        assert b"hello" not in await running.say(b"GET / HTTP/1.1\r\nHost: t\r\n\r\n")
        assert (await (await running.client(trusting(authority))).ask("/")).status == HTTPStatus.OK

    run(scenario, web_config(tmp_path, server, min_version="TLS13"))


@pytest.mark.parametrize("auth", ["RequireAndVerifyClientCert", "VerifyClientCertIfGiven"])
def test_client_certificates(tmp_path: Path, server: Issued, authority: Authority, auth: str) -> None:
    good = authority.issue("client")
    stranger = Authority(tmp_path, "stranger").issue("intruder")

    async def scenario(running: Served) -> None:
        client = await running.client(trusting(authority, good))
        assert (await client.ask("/")).status == HTTPStatus.OK
        await refused(running, trusting(authority, stranger))
        if auth == "RequireAndVerifyClientCert":
            await refused(running, trusting(authority))
        else:
            assert (await (await running.client(trusting(authority))).ask("/")).status == HTTPStatus.OK

    run(scenario, web_config(tmp_path, server, client_ca_file=str(authority.file), client_auth_type=auth))


def test_clients_shake_hands_again_when_certificates_change(
    tmp_path: Path, server: Issued, authority: Authority
) -> None:
    ours, theirs = authority, Authority(tmp_path, "other-clients")
    ca = tmp_path / "clients.crt"
    ca.write_bytes(ours.file.read_bytes())
    more = {"client_ca_file": str(ca), "client_auth_type": "RequireAndVerifyClientCert"}
    config = web_config(tmp_path, server, **more)

    async def scenario(running: Served) -> None:
        old = await running.client(trusting(authority, ours.issue("old-client")))
        assert "connection" not in (await old.ask("/")).headers
        ca.write_bytes(theirs.file.read_bytes())
        config.read()()
        assert (await old.ask("/")).headers["connection"] == "close"
        await refused(running, trusting(authority, ours.issue("old-client")))
        new = await running.client(trusting(authority, theirs.issue("new-client")))
        assert (await new.ask("/")).status == HTTPStatus.OK

    run(scenario, config)


def test_those_who_never_finish_to_shake_hands_slow_nobody(
    tmp_path: Path, server: Issued, authority: Authority
) -> None:
    async def scenario(running: Served) -> None:
        silent = [await running.client() for _ in range(200)]
        for client in silent[:100]:
            await client.send(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc")  # the beginning of a ClientHello
        for _ in range(5):
            assert (await (await running.client(trusting(authority))).ask("/")).status == HTTPStatus.OK
        assert all(not client.reader.at_eof() for client in silent)

    run(scenario, web_config(tmp_path, server))


def test_who_never_finishes_to_shake_hands_is_left(tmp_path: Path, server: Issued) -> None:
    async def scenario(running: Served) -> None:
        client = await running.client()
        await client.send(b"\x16\x03\x01\x02\x00")
        await client.rest()
        await running.server._connections.end(WITHIN)
        assert len(running.server._connections) == 0

    run(scenario, web_config(tmp_path, server), limits=ClientLimits(handshake=0.2))


def test_a_reader_that_takes_nothing_is_left(tmp_path: Path, server: Issued, authority: Authority) -> None:
    async def scenario(running: Served) -> None:
        client = await running.client(trusting(authority), limit=2**12)
        await client.send(b"GET /large HTTP/1.1\r\nHost: t\r\n\r\n")
        await running.server._connections.end(WITHIN)
        assert len(running.server._connections) == 0

    run(scenario, web_config(tmp_path, server), handler=pages, limits=ClientLimits(write=0.2))


def test_a_slow_reader_gets_the_end_of_the_last_answer_too(
    tmp_path: Path, server: Issued, authority: Authority
) -> None:
    async def scenario(running: Served) -> None:
        client = await running.client(trusting(authority), limit=2**12)
        await client.send(b"GET /large HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n")
        taken = b""
        while part := await client.reader.read(2**18):
            taken += part
            await asyncio.sleep(0.001)
        assert taken.endswith(LARGE.content)

    run(scenario, web_config(tmp_path, server), handler=pages)


def test_a_stop_lets_a_running_scrape_end(tmp_path: Path, server: Issued, authority: Authority) -> None:
    asked, may_end = asyncio.Event(), asyncio.Event()

    async def slow(_: Request) -> Response:
        asked.set()
        await may_end.wait()
        return LARGE

    async def scenario(running: Served) -> None:
        client = await running.client(trusting(authority))
        scrape = asyncio.create_task(client.ask("/"))
        await asked.wait()
        stop = asyncio.create_task(running.server.stop())
        may_end.set()
        assert (await scrape).body == LARGE.content
        await stop

    run(scenario, web_config(tmp_path, server), handler=slow)
