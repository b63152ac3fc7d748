"""An HTTP server on asyncio: an idle client costs no thread."""

import asyncio
import contextlib
import errno
import logging
import resource
import socket
import ssl
from asyncio.sslproto import SSLProtocol
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus

import h11

from exporter.toolkit import listening
from exporter.toolkit.address import Address
from exporter.toolkit.connection import READ_BYTES, ClientConnection, ClientLimits
from exporter.toolkit.connections import Connections, Phase
from exporter.toolkit.message import Handler, Request, Response, plain

_log = logging.getLogger(__name__)

GetTlsContext = Callable[[], Awaitable[ssl.SSLContext | None]]
"""Returns the TLS context to use for a new connection; None while connections are not encrypted."""

RESERVED_DESCRIPTORS = 256
"""What the rest of the process may need: 64 calls at once have two each."""
_MIN_CONNECTIONS = 8
_OUT_OF_DESCRIPTORS = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
_NOTSENT_LOWAT_OPTION: int | None = getattr(socket, "TCP_NOTSENT_LOWAT", None)
_BROKEN_SOCKET = {errno.EBADF, errno.EINVAL, errno.ENOTSOCK}
_MAX_ACCEPTED_CONNECTIONS = 64
_ACCEPT_RETRY_SECONDS = 0.2
_WARNING_INTERVAL_SECONDS = 60.0
_FIRST_REQUEST_SECONDS = 1.0
"""How long a stop waits for the request of a client that has just connected."""
_UNSENT_BYTES = 64 * 2**10
"""How much the system takes ahead of what the network of a client does."""
_UNREAD_BYTES = 32 * 2**10
"""How much the system keeps of what a client sends before the server reads it."""
_CLIENT_GONE = (OSError, TimeoutError, h11.LocalProtocolError, asyncio.CancelledError)
"""What clients cause that disconnect, stall or violate the protocol; not worth a line in the log."""

# asyncio keeps a buffer of this size for each encrypted connection, by itself 256 KiB.
SSLProtocol.max_size = READ_BYTES


class Server:
    """Serves any number of listening sockets until it is stopped."""

    def __init__(
        self, handler: Handler, limits: ClientLimits | None = None, tls_context: GetTlsContext | None = None
    ) -> None:
        self._handler = handler
        self._limits = limits or ClientLimits()
        self._tls_context = tls_context
        affordable = _descriptors(self._limits.connections + RESERVED_DESCRIPTORS) - RESERVED_DESCRIPTORS
        self._connections = Connections(max(affordable, _MIN_CONNECTIONS), self._limits.responses)
        self._listeners: dict[asyncio.Task[None], socket.socket] = {}
        self._stopping = False
        self._warns_after = 0.0

    async def start(self, addresses: Sequence[Address]) -> list[Address]:
        """Return the addresses with their actual ports once it listens.

        Raises OSError, with the address as its file's name, if one is in use.
        """
        bound = []
        for address in addresses:
            try:
                listeners = await asyncio.to_thread(listening.listen, address, addresses)
            except OSError as error:
                raise OSError(error.errno, error.strerror, str(address)) from None
            self.adopt(listeners)
            bound.append(Address(address.host, listeners[0].getsockname()[1]))
        return bound

    def adopt(self, listeners: Sequence[socket.socket]) -> None:
        """Serve sockets that are listening already."""
        for listener in listeners:
            listener.setblocking(False)
            # Connections inherit it. A request is small, and the system would keep more for each client.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _UNREAD_BYTES)
            self._listeners[asyncio.create_task(self._accept(listener))] = listener

    async def stop(self) -> None:
        """Stop accepting connections and requests, complete pending responses, and close everything."""
        self._stopping = True
        accepting = list(self._listeners)
        for task in accepting:
            task.cancel()
        await asyncio.gather(*accepting, return_exceptions=True)
        listening.close(self._listeners.values())
        self._connections.close(Phase.IDLE)
        # Whoever has just connected is about to ask, and where systemd listens, no request may be lost.
        await self._connections.end_new(_FIRST_REQUEST_SECONDS)
        self._connections.close(Phase.NEW, Phase.CONNECTED)
        await self._connections.end(self._limits.shutdown)
        self._connections.cancel()
        await self._connections.end(1)

    async def _accept(self, listener: socket.socket) -> None:
        """Accept the clients of a listening socket for as long as it works."""
        loop = asyncio.get_running_loop()
        while True:
            await _readable(listener)
            await self._connections.make_room()
            try:
                for _ in range(_MAX_ACCEPTED_CONNECTIONS):
                    client, _ = listener.accept()
                    client.setblocking(False)
                    self._connections.add(loop.create_task(self._serve(client)), client)
                    if self._connections.full:
                        break
            except OSError as error:
                if error.errno in _OUT_OF_DESCRIPTORS:
                    self._warn(error)
                    if not await self._connections.close_some():
                        await asyncio.sleep(_ACCEPT_RETRY_SECONDS)
                elif error.errno in _BROKEN_SOCKET:
                    # It would fail again at once, for ever.
                    _log.error("a listening socket has failed", extra={"error": error.strerror})
                    return
                # That nobody waits any more, or that a client has left, is no reason to pause.

    def _warn(self, error: OSError) -> None:
        now = asyncio.get_running_loop().time()
        if now >= self._warns_after:
            self._warns_after = now + _WARNING_INTERVAL_SECONDS
            _log.warning("cannot accept a connection, closing others", extra={"error": error.strerror})

    async def _serve(self, client: socket.socket) -> None:
        try:
            connection = await self._connect(client)
            try:
                await asyncio.sleep(0)  # a first request that is there already is read, and not waited for
                await self._handle_requests(connection)
            finally:
                await connection.close()
        except _CLIENT_GONE as error:
            # asyncio keeps the error with the connection, whose traceback refers to connection and response:
            # a cycle that may not be collected for a long time, while responses have megabytes.
            error.__traceback__ = None

    async def _connect(self, client: socket.socket) -> ClientConnection:
        """Return the connection, after the handshake if encrypted; raises OSError (ssl.SSLError is one)."""
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(READ_BYTES)
        protocol = asyncio.StreamReaderProtocol(reader)
        local, peer = listening.address_of(client), _peer(client)
        try:
            context = await self._tls_context() if self._tls_context else None
            if local:
                _set_options(client)
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
        transport.set_write_buffer_limits(high=1, low=0)
        writer = asyncio.StreamWriter(transport, protocol, reader, loop)
        return ClientConnection(reader, writer, self._limits, self._connections.enter, local=local, peer=peer)

    async def _handle_requests(self, connection: ClientConnection) -> None:
        phase, wait = Phase.CONNECTED, self._limits.request
        while True:
            try:
                request = await connection.next_request(phase, wait)
            except h11.RemoteProtocolError as error:
                await self._reject(connection, HTTPStatus(error.error_status_hint))
                return
            if request is None:
                return
            # The response has no name here: see ClientConnection.answer.
            await connection.answer(
                request.method,
                await self._response(request),
                close=self._stopping or await self._stale(connection),
            )
            if connection.protocol.our_state is not h11.DONE:
                await connection.finish()
                return
            if self._stopping:
                return
            phase, wait = Phase.IDLE, self._limits.idle

    async def _response(self, request: Request) -> Response:
        response = await self._handler(request)
        _log.debug(
            "request", extra={"method": request.method, "path": request.path, "status": int(response.status)}
        )
        return response

    async def _stale(self, connection: ClientConnection) -> bool:
        """Return whether a client connected with an outdated TLS context, and must repeat the handshake."""
        return self._tls_context is not None and await self._tls_context() is not connection.tls

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


def _set_options(client: socket.socket) -> None:
    """Set the options of a TCP connection."""
    # Otherwise a short response in two packets waits 40 ms for the client's delayed ACK.
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if _NOTSENT_LOWAT_OPTION is not None:
        # The system would take megabytes for a client that does not read them.
        client.setsockopt(socket.IPPROTO_TCP, _NOTSENT_LOWAT_OPTION, _UNSENT_BYTES)


async def _readable(listener: socket.socket) -> None:
    """Wait for a client; others of the event loop have their turn in any case."""
    loop, someone = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(listener, someone.set)
    try:
        await someone.wait()
    finally:
        loop.remove_reader(listener)


def _descriptors(wanted: int) -> int:
    """Return how many of `wanted` files the process may open, after raising its soft limit if it may."""
    soft, hard = (
        wanted if limit == resource.RLIM_INFINITY else min(limit, wanted)
        for limit in resource.getrlimit(resource.RLIMIT_NOFILE)
    )
    if soft < hard:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
        except (OSError, ValueError):
            return soft
    return hard
