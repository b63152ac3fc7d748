"""Accepts clients and carries their requests to the pages, on asyncio: an idle client costs no thread."""

import asyncio
import contextlib
import errno
import logging
import resource
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus

import h11

from exporter.toolkit import listening
from exporter.toolkit.address import Address
from exporter.toolkit.connection import Connection, Limits
from exporter.toolkit.message import Request, Response, plain

_log = logging.getLogger(__name__)

App = Callable[[Request], Awaitable[Response]]
Tls = Callable[[], Awaitable[ssl.SSLContext | None]]
"""Returns the present certificates, or None while connections are not encrypted."""

_DESCRIPTORS_KEPT_BACK = 128
_OUT_OF_DESCRIPTORS = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
_BROKEN = {errno.EBADF, errno.EINVAL, errno.ENOTSOCK}
_PAUSE_WITHOUT_DESCRIPTORS = 0.2
_GONE = (OSError, TimeoutError, h11.LocalProtocolError, asyncio.CancelledError)
"""Clients that break off, stall or talk nonsense are their own problem, and no news."""


class Server:
    """Listens on any number of sockets until it is stopped."""

    def __init__(self, app: App, limits: Limits | None = None, tls: Tls | None = None) -> None:
        self._app = app
        self._limits = limits or Limits()
        self._tls = tls
        descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        self._most = max(min(self._limits.connections, descriptors - _DESCRIPTORS_KEPT_BACK), 8)
        self._listeners: dict[asyncio.Task[None], socket.socket] = {}
        self._clients: dict[asyncio.Task[None], Connection | None] = {}
        self._stopping = False

    async def start(self, addresses: Sequence[Address]) -> list[Address]:
        """Listen; returns the addresses with the ports that were got. Raises OSError when one is taken."""
        bound = []
        for address in addresses:
            listeners = await asyncio.get_running_loop().run_in_executor(None, listening.listen, address)
            self.adopt(listeners)
            bound.append(Address(address.host, listeners[0].getsockname()[1]))
        return bound

    def adopt(self, listeners: Sequence[socket.socket]) -> None:
        """Accept clients of sockets that listen already."""
        for listener in listeners:
            listener.setblocking(False)
            self._listeners[asyncio.create_task(self._accept(listener))] = listener

    async def stop(self) -> None:
        """Take no more clients and requests, let running answers end, and close everything."""
        self._stopping = True
        accepting = list(self._listeners)
        for task in accepting:
            task.cancel()
        await asyncio.gather(*accepting, return_exceptions=True)
        listening.close(self._listeners.values())
        for task, connection in list(self._clients.items()):
            if connection is None or connection.idle:
                task.cancel()
        await self._clients_end(self._limits.shutdown)
        for task in list(self._clients):
            task.cancel()
        await self._clients_end(1)

    async def _clients_end(self, timeout: float) -> None:  # noqa: ASYNC109 - not to be cancelled, but left alone
        if self._clients:
            await asyncio.wait(self._clients, timeout=timeout)

    async def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                client, _ = await loop.sock_accept(listener)
            except OSError as error:
                if error.errno in _OUT_OF_DESCRIPTORS:
                    _log.warning("cannot accept a client", extra={"error": error.strerror})
                    if idle := self._idle():
                        idle.cancel()
                    await asyncio.sleep(_PAUSE_WITHOUT_DESCRIPTORS)
                elif error.errno in _BROKEN:
                    # It would fail for ever, and at once.
                    _log.error("a listening socket is broken", extra={"error": error.strerror})
                    return
                # A client that broke off before it was accepted is no reason to pause.
                continue
            self._make_room()
            task = loop.create_task(self._serve(client))
            self._clients[task] = None
            task.add_done_callback(self._clients.pop)

    def _make_room(self) -> None:
        """End an idle connection, the oldest, when there are too many: a new client goes first."""
        if len(self._clients) >= self._most:
            (self._idle() or next(iter(self._clients))).cancel()

    def _idle(self) -> asyncio.Task[None] | None:
        return next((task for task, c in self._clients.items() if c is None or c.idle), None)

    async def _serve(self, client: socket.socket) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - for the type checker: this runs in a task
        try:
            connection = await self._connect(client)
            self._clients[task] = connection
            try:
                await self._converse(connection)
            finally:
                connection.close()
        except _GONE as error:
            # asyncio keeps the error with the connection, and its traceback holds connection and answer: a
            # cycle that is not found for long, while answers have megabytes.
            error.__traceback__ = None

    async def _connect(self, client: socket.socket) -> Connection:
        """Shake hands where connections are encrypted; raises OSError (ssl.SSLError is one)."""
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        local, peer = listening.place_of(client), _peer(client)
        try:
            context = await self._tls() if self._tls else None
            if local:
                # Else a short answer in two packets waits for the client's delayed acknowledgement, 40 ms.
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            transport, _ = await loop.connect_accepted_socket(
                lambda: protocol,
                client,
                ssl=context,
                ssl_handshake_timeout=self._limits.handshake if context else None,
                ssl_shutdown_timeout=self._limits.write if context else None,
            )
        except BaseException as error:
            client.close()
            if isinstance(error, OSError):
                _log.debug("no TLS connection", extra={"peer": peer, "error": str(error)})
            raise
        writer = asyncio.StreamWriter(transport, protocol, reader, loop)
        return Connection(reader, writer, self._limits, local=local, peer=peer)

    async def _converse(self, connection: Connection) -> None:
        wait = self._limits.request
        while not self._stopping:
            try:
                request = await connection.next_request(wait)
            except h11.RemoteProtocolError as error:
                await self._refuse(connection, HTTPStatus(error.error_status_hint))
                return
            if request is None:
                return
            response = await self._app(request)
            _log.debug(
                "request",
                extra={"method": request.method, "path": request.path, "status": int(response.status)},
            )
            # Who came in by certificates that are not good any more must shake hands again.
            stale = self._tls is not None and await self._tls() is not connection.tls
            await connection.answer(request.method, response, close=self._stopping or stale)
            if connection.protocol.our_state is not h11.DONE:
                await connection.finish()
                return
            connection.protocol.start_next_cycle()
            connection.idle = True
            wait = self._limits.idle

    async def _refuse(self, connection: Connection, status: HTTPStatus) -> None:
        if connection.protocol.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            await connection.answer("GET", plain(status, status.phrase), close=True)
            await connection.linger()


def _peer(client: socket.socket) -> str:
    """Return the client's IP address; "" on a Unix socket, or when the client is gone already."""
    with contextlib.suppress(OSError):
        if client.family in {socket.AF_INET, socket.AF_INET6}:
            return listening.unmapped(str(client.getpeername()[0]))
    return ""
