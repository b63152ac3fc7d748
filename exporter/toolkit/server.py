"""An HTTP server on asyncio: an idle client costs no thread."""

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
from exporter.toolkit.connection import ClientConnection, ClientLimits
from exporter.toolkit.message import Handler, plain

_log = logging.getLogger(__name__)

GetTlsContext = Callable[[], Awaitable[ssl.SSLContext | None]]
"""Returns the TLS context to use for a new connection; None while connections are not encrypted."""

_RESERVED_DESCRIPTORS = 128
_MIN_CONNECTIONS = 8
_OUT_OF_DESCRIPTORS = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
_BROKEN_SOCKET = {errno.EBADF, errno.EINVAL, errno.ENOTSOCK}
_ACCEPT_RETRY_SECONDS = 0.2
_CLIENT_GONE = (OSError, TimeoutError, h11.LocalProtocolError, asyncio.CancelledError)
"""What clients cause that disconnect, stall or violate the protocol; not worth a line in the log."""


class Server:
    """Serves any number of listening sockets until it is stopped."""

    def __init__(
        self, handler: Handler, limits: ClientLimits | None = None, tls_context: GetTlsContext | None = None
    ) -> None:
        self._handler = handler
        self._limits = limits or ClientLimits()
        self._tls_context = tls_context
        descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        affordable = min(self._limits.connections, descriptors - _RESERVED_DESCRIPTORS)
        self._max_connections = max(affordable, _MIN_CONNECTIONS)
        self._listeners: dict[asyncio.Task[None], socket.socket] = {}
        self._clients: dict[asyncio.Task[None], ClientConnection | None] = {}
        self._stopping = False

    async def start(self, addresses: Sequence[Address]) -> list[Address]:
        """Return the addresses with their actual ports once it listens; raises OSError if one is in use."""
        bound = []
        for address in addresses:
            listeners = await asyncio.get_running_loop().run_in_executor(None, listening.listen, address)
            self.adopt(listeners)
            bound.append(Address(address.host, listeners[0].getsockname()[1]))
        return bound

    def adopt(self, listeners: Sequence[socket.socket]) -> None:
        """Serve sockets that are listening already."""
        for listener in listeners:
            listener.setblocking(False)
            self._listeners[asyncio.create_task(self._accept(listener))] = listener

    async def stop(self) -> None:
        """Stop accepting connections and requests, complete pending responses, and close everything."""
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

    async def _clients_end(self, timeout: float) -> None:  # noqa: ASYNC109 - a wait, not a deadline
        if self._clients:
            await asyncio.wait(self._clients, timeout=timeout)

    async def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                client, _ = await loop.sock_accept(listener)
            except OSError as error:
                if error.errno in _OUT_OF_DESCRIPTORS:
                    _log.warning("cannot accept a connection", extra={"error": error.strerror})
                    if idle := self._idle():
                        idle.cancel()
                    await asyncio.sleep(_ACCEPT_RETRY_SECONDS)
                elif error.errno in _BROKEN_SOCKET:
                    # It would fail again at once, for ever.
                    _log.error("a listening socket has failed", extra={"error": error.strerror})
                    return
                # A client that disconnected before it was accepted is no reason to pause.
                continue
            self._make_room()
            task = loop.create_task(self._serve(client))
            self._clients[task] = None
            task.add_done_callback(self._clients.pop)

    def _make_room(self) -> None:
        """Close the oldest idle connection, else the oldest, if there are too many: new clients go first."""
        if len(self._clients) >= self._max_connections:
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
                await self._handle_requests(connection)
            finally:
                connection.close()
        except _CLIENT_GONE as error:
            # asyncio keeps the error with the connection, whose traceback refers to connection and response:
            # a cycle that may not be collected for a long time, while responses have megabytes.
            error.__traceback__ = None

    async def _connect(self, client: socket.socket) -> ClientConnection:
        """Return the connection, after the handshake if encrypted; raises OSError (ssl.SSLError is one)."""
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        local, peer = listening.address_of(client), _peer(client)
        try:
            context = await self._tls_context() if self._tls_context else None
            if local:
                # Otherwise a short response in two packets waits 40 ms for the client's delayed ACK.
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
                _log.debug("connection not established", extra={"peer": peer, "error": str(error)})
            raise
        writer = asyncio.StreamWriter(transport, protocol, reader, loop)
        return ClientConnection(reader, writer, self._limits, local=local, peer=peer)

    async def _handle_requests(self, connection: ClientConnection) -> None:
        wait = self._limits.request
        while not self._stopping:
            try:
                request = await connection.next_request(wait)
            except h11.RemoteProtocolError as error:
                await self._reject(connection, HTTPStatus(error.error_status_hint))
                return
            if request is None:
                return
            response = await self._handler(request)
            _log.debug(
                "request",
                extra={"method": request.method, "path": request.path, "status": int(response.status)},
            )
            # Clients that connected with an outdated TLS context must repeat the handshake.
            stale = self._tls_context is not None and await self._tls_context() is not connection.tls
            await connection.answer(request.method, response, close=self._stopping or stale)
            if connection.protocol.our_state is not h11.DONE:
                await connection.finish()
                return
            connection.protocol.start_next_cycle()
            connection.idle = True
            wait = self._limits.idle

    async def _reject(self, connection: ClientConnection, status: HTTPStatus) -> None:
        if connection.protocol.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            await connection.answer("GET", plain(status, status.phrase), close=True)
            await connection.linger()


def _peer(client: socket.socket) -> str:
    """Return the client's IP address; "" on a Unix socket, or if the client has left."""
    with contextlib.suppress(OSError):
        if client.family in {socket.AF_INET, socket.AF_INET6}:
            return listening.unmapped(str(client.getpeername()[0]))
    return ""
