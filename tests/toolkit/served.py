"""A server under test on a free port of 127.0.0.1, and clients that write to it byte by byte."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from http import HTTPStatus

import h11

from exporter.toolkit.address import Address
from exporter.toolkit.connection import ClientLimits
from exporter.toolkit.message import Handler, Request, Response
from exporter.toolkit.server import GetTlsContext, Server

WITHIN = 60.0
"""Seconds that any wait of these tests may take on a loaded machine."""


async def hello(request: Request) -> Response:
    """Answer everything."""
    return Response(HTTPStatus.OK, "text/plain", (b"hello ", request.path.encode(), b"\n"))


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


class Client:
    """One connection; its answers are read by h11."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self._protocol = h11.Connection(h11.CLIENT)

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def ask(self, path: str, method: str = "GET", **headers: str) -> Answer:
        fields = [("host", "test"), *((name.replace("_", "-"), value) for name, value in headers.items())]
        data = self._protocol.send(h11.Request(method=method, target=path, headers=fields))
        assert data is not None
        await self.send(data + (self._protocol.send(h11.EndOfMessage()) or b""))
        answer = await self._answer()
        if self._protocol.our_state is h11.DONE and self._protocol.their_state is h11.DONE:
            self._protocol.start_next_cycle()
        return answer

    async def _answer(self) -> Answer:
        response, body = None, bytearray()
        async with asyncio.timeout(WITHIN):
            while True:
                event = self._protocol.next_event()
                if event is h11.NEED_DATA:
                    self._protocol.receive_data(await self.reader.read(2**16))
                elif isinstance(event, h11.Response):
                    response = event
                elif isinstance(event, h11.Data):
                    body += event.data
                elif isinstance(event, h11.EndOfMessage):
                    assert response is not None
                    headers = {name.decode(): value.decode() for name, value in response.headers}
                    return Answer(response.status_code, headers, bytes(body))
                else:
                    raise ConnectionError(f"no answer but {event}")

    async def rest(self) -> bytes:
        """Return everything until the server ends the connection, in whatever way it does."""
        data = bytearray()
        async with asyncio.timeout(WITHIN):
            with contextlib.suppress(ConnectionError):
                while part := await self.reader.read(2**16):
                    data += part
        return bytes(data)

    def close(self) -> None:
        self.writer.close()


class Served:
    """A running server."""

    def __init__(self, server: Server, address: Address) -> None:
        self.server = server
        self.address = address
        self._clients: list[Client] = []

    async def client(self, tls: ssl.SSLContext | None = None, limit: int = 2**16) -> Client:
        """Connect; a small `limit` makes a client that takes little of an answer."""
        name = "localhost" if tls else None
        async with asyncio.timeout(WITHIN):
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", self.address.port, ssl=tls, server_hostname=name, limit=limit
            )
        client = Client(reader, writer)
        self._clients.append(client)
        return client

    async def ask(self, path: str, method: str = "GET", **headers: str) -> Answer:
        """Ask on a connection of its own."""
        client = await self.client()
        try:
            return await client.ask(path, method, **headers)
        finally:
            client.close()

    async def say(self, data: bytes) -> bytes:
        """Send bytes and return all that comes back until the end of the connection."""
        client = await self.client()
        with contextlib.suppress(ConnectionError):
            await client.send(data)
        return await client.rest()

    def close(self) -> None:
        for client in self._clients:
            client.writer.transport.abort()


@contextlib.asynccontextmanager
async def served(
    handler: Handler = hello,
    limits: ClientLimits | None = None,
    tls_context: GetTlsContext | None = None,
) -> AsyncIterator[Served]:
    server = Server(handler, limits, tls_context)
    (address,) = await server.start([Address("127.0.0.1", 0)])
    running = Served(server, address)
    try:
        yield running
    finally:
        running.close()
        await server.stop()
