"""Serves the pages: HTTP/1.1 by h11 (RFC 9112) on asyncio, so that an idle client costs no thread.

Every wait for a client has an end: for its request, between requests, and for reading its answer.
"""

import asyncio
import contextlib
import logging
import resource
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus

import h11

from exporter.web.address import Address
from exporter.web.message import Request, Response, plain

_log = logging.getLogger(__name__)

App = Callable[[Request], Response]

_READ_SIZE = 16 * 2**10
_WRITE_SIZE = 256 * 2**10
_DESCRIPTORS_KEPT_BACK = 128


@dataclass(frozen=True, slots=True)
class Limits:
    """What a client may take; times in seconds, sizes in bytes.

    `request` bounds the arrival of a request, `idle` the wait for the next one on a connection, `write` the
    taking of each 256 KiB of an answer, `shutdown` the end of running answers when the server stops.
    """

    request: float = 10.0
    idle: float = 120.0
    write: float = 30.0
    shutdown: float = 10.0
    header: int = 32 * 2**10
    body: int = 2**20
    connections: int = 1000
    threads: int = 4


class _Connection:
    """One client: its state for the protocol, and whether it waits for a request."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, limits: Limits) -> None:
        self.reader = reader
        self.writer = writer
        self.limits = limits
        self.protocol = h11.Connection(h11.SERVER, max_incomplete_event_size=limits.header)
        self.idle = True

    async def event(self) -> h11.Event | type[h11.PAUSED]:
        """Return the next event of the client; raises h11.RemoteProtocolError and OSError."""
        while True:
            event = self.protocol.next_event()
            if not isinstance(event, type) or event is h11.PAUSED:
                return event
            if self.protocol.they_are_waiting_for_100_continue:
                await self.send(h11.InformationalResponse(status_code=100, headers=[]))
            data = await self.reader.read(_READ_SIZE)
            self.idle = False
            self.protocol.receive_data(data)

    async def request(self) -> Request | None:
        """Return the next request, its body read and dropped; None when the client is gone."""
        event = await self.event()
        if not isinstance(event, h11.Request):
            return None
        size = 0
        while not isinstance(await_event := await self.event(), h11.EndOfMessage):
            if not isinstance(await_event, h11.Data):
                return None
            size += len(await_event.data)
            if size > self.limits.body:
                raise h11.RemoteProtocolError("the body is too large", error_status_hint=413)
        path, _, query = event.target.decode("ascii", "replace").partition("?")
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in event.headers}
        return Request(event.method.decode("ascii"), path, query, headers)

    async def send(self, event: h11.Event) -> None:
        """Send an event and wait until the client has taken most of it; raises TimeoutError and OSError."""
        data = self.protocol.send(event)
        if data:
            self.writer.write(data)
            async with asyncio.timeout(self.limits.write):
                await self.writer.drain()

    async def answer(self, method: str, response: Response, *, close: bool) -> None:
        """Send a whole answer."""
        headers = [
            ("Date", formatdate(usegmt=True)),
            ("Content-Type", response.content_type),
            ("Content-Length", str(len(response.body))),
            *response.headers.items(),
        ]
        if close:
            headers.append(("Connection", "close"))
        await self.send(
            h11.Response(status_code=response.status, headers=headers, reason=response.status.phrase)
        )
        if method != "HEAD":
            # In slices, because what the client does not take piles up in the transport.
            body = memoryview(response.body)
            for start in range(0, len(body), _WRITE_SIZE):
                await self.send(h11.Data(data=bytes(body[start : start + _WRITE_SIZE])))
        await self.send(h11.EndOfMessage())


class Server:
    """Listens on any number of addresses until it is stopped."""

    def __init__(self, app: App, limits: Limits | None = None) -> None:
        self._app = app
        self._limits = limits or Limits()
        descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        self._most = max(min(self._limits.connections, descriptors - _DESCRIPTORS_KEPT_BACK), 8)
        self._threads = ThreadPoolExecutor(self._limits.threads, thread_name_prefix="web")
        self._listeners: list[asyncio.Server] = []
        self._connections: dict[asyncio.Task[None], _Connection] = {}
        self._stopping = False

    async def start(self, addresses: Sequence[Address]) -> list[Address]:
        """Listen; returns the addresses with the ports that were got. Raises OSError when one is taken."""
        bound = []
        for address in addresses:
            listener = await asyncio.start_server(
                self._accept, address.host or None, address.port, backlog=512
            )
            self._listeners.append(listener)
            bound.append(Address(address.host, listener.sockets[0].getsockname()[1]))
        return bound

    async def stop(self) -> None:
        """Take no more requests, let running answers end, and close everything."""
        self._stopping = True
        for listener in self._listeners:
            listener.close()
        for task, connection in list(self._connections.items()):
            if connection.idle:
                task.cancel()
        if self._connections:
            await asyncio.wait(self._connections, timeout=self._limits.shutdown)
        for task in list(self._connections):
            task.cancel()
        if self._connections:
            await asyncio.wait(self._connections, timeout=1)
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = _Connection(reader, writer, self._limits)
        task = asyncio.current_task()
        if task is None:  # pragma: no cover - asyncio runs this in a task
            return
        self._make_room()
        self._connections[task] = connection
        try:
            # Clients that break off, stall or talk nonsense are their own problem, and no news.
            with contextlib.suppress(OSError, TimeoutError, h11.LocalProtocolError, asyncio.CancelledError):
                await self._converse(connection)
        finally:
            del self._connections[task]
            writer.transport.abort() if writer.transport.get_write_buffer_size() else writer.close()

    def _make_room(self) -> None:
        """End an idle connection, the oldest, when there are too many: a new client goes first."""
        if len(self._connections) >= self._most:
            idle = next((task for task, c in self._connections.items() if c.idle), None)
            (idle or next(iter(self._connections))).cancel()

    async def _converse(self, connection: _Connection) -> None:
        wait = self._limits.request
        while not self._stopping:
            try:
                request = await self._next_request(connection, wait)
            except h11.RemoteProtocolError as error:
                status = HTTPStatus(error.error_status_hint)
                if connection.protocol.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
                    await connection.answer("GET", plain(status, status.phrase), close=True)
                return
            if request is None:
                return
            response = await asyncio.get_running_loop().run_in_executor(self._threads, self._app, request)
            _log.debug(
                "request",
                extra={"method": request.method, "path": request.path, "status": int(response.status)},
            )
            await connection.answer(request.method, response, close=self._stopping)
            if connection.protocol.our_state is not h11.DONE:
                return
            connection.protocol.start_next_cycle()
            connection.idle = True
            wait = self._limits.idle

    async def _next_request(self, connection: _Connection, wait: float) -> Request | None:
        """Wait for the first byte as long as an idle client may, then for the rest of the request."""
        if connection.idle and connection.protocol.trailing_data[0] == b"":
            async with asyncio.timeout(wait):
                data = await connection.reader.read(_READ_SIZE)
            connection.idle = False
            connection.protocol.receive_data(data)
        async with asyncio.timeout(self._limits.request):
            return await connection.request()
