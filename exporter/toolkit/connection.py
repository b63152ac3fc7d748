"""The connection of one client: HTTP/1.1 by h11 (RFC 9112), with a time limit on every wait."""

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.utils import formatdate
from urllib.parse import unquote, urlsplit

import h11

from exporter.toolkit.address import Address
from exporter.toolkit.connections import Phase
from exporter.toolkit.message import Request, Response

READ_BYTES = 16 * 2**10
"""Bytes that are read at once: more than nearly every request has."""
_WRITE_BYTES = 32 * 2**10


@dataclass(frozen=True, slots=True)
class ClientLimits:
    """What clients may use; times in seconds, sizes in bytes.

    `connections` are those of all clients together, `responses` those that are being sent to them.

    `handshake` limits the TLS handshake, `request` the arrival of a request, `idle` the wait for the next one
    on a connection, `write` the sending of each 32 KiB of a response, `linger` the reading of what a client
    still sends after an error, `shutdown` the completion of pending responses when the server stops.
    """

    handshake: float = 10.0
    request: float = 10.0
    idle: float = 120.0
    write: float = 30.0
    linger: float = 2.0
    shutdown: float = 10.0
    header: int = 32 * 2**10
    body: int = 2**20
    connections: int = 1000
    responses: int = 50


class _LengthOnly:
    """Stands for that many bytes where h11, by its documentation, only asks for the length."""

    def __init__(self, length: int) -> None:
        self._length = length

    def __len__(self) -> int:
        return self._length


class ClientConnection:
    """One client's connection; `enter` is told each phase, and may raise ConnectionAbortedError."""

    def __init__(  # noqa: PLR0913 - the parts of a connection
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        limits: ClientLimits,
        enter: Callable[[Phase], None],
        *,
        local: Address | None = None,
        peer: str = "",
    ) -> None:
        self.protocol = _protocol(limits)
        self._reader = reader
        self._writer = writer
        self._limits = limits
        self._enter = enter
        self._local = local
        self._peer = peer
        self.tls = writer.get_extra_info("sslcontext")

    async def next_request(self, phase: Phase, wait: float) -> Request | None:
        """Return the next request, whose first byte may take `wait` seconds; None if the client has left.

        `phase` is that of the wait. Raises TimeoutError, OSError and h11.RemoteProtocolError.
        """
        # Empty lines before a request are skipped, which h11 does not (RFC 9112, section 2.2).
        data = self.protocol.trailing_data[0].lstrip(b"\r\n")
        if not data:
            self._enter(phase)
            async with asyncio.timeout(wait):
                while not data and (received := await self._reader.read(READ_BYTES)):
                    data = received.lstrip(b"\r\n")
        self.protocol = _protocol(self._limits)
        self.protocol.receive_data(data)
        self._enter(Phase.RECEIVING)
        async with asyncio.timeout(self._limits.request):
            request = await self._request()
        self._enter(Phase.ANSWERING)
        return request

    async def _event(self) -> h11.Event | type[h11.PAUSED]:
        while True:
            event = self.protocol.next_event()
            if not isinstance(event, type) or event is h11.PAUSED:
                return event
            if self.protocol.they_are_waiting_for_100_continue:
                await self._send(h11.InformationalResponse(status_code=100, headers=[]))
            self.protocol.receive_data(await self._reader.read(READ_BYTES))

    async def _request(self) -> Request | None:
        """Return a request, None if the client has left; the body is read and dropped."""
        event = await self._event()
        if not isinstance(event, h11.Request):
            return None
        if not event.http_version.startswith(b"1."):
            raise h11.RemoteProtocolError("not HTTP/1", error_status_hint=505)
        if {b"content-length", b"transfer-encoding"} <= {name for name, _ in event.headers}:
            # A proxy that believes the other of the two would see other requests (RFC 9112, section 6.3).
            raise h11.RemoteProtocolError("both Content-Length and Transfer-Encoding", error_status_hint=400)
        size = 0
        while not isinstance(part := await self._event(), h11.EndOfMessage):
            if not isinstance(part, h11.Data):
                return None
            size += len(part.data)
            if size > self._limits.body:
                raise h11.RemoteProtocolError("the body is too large", error_status_hint=413)
        path, query = _target(event.target.decode("latin-1"))
        return Request(
            event.method.decode("ascii"),
            path,
            query,
            _joined(event.headers),
            self._local,
            self._peer,
        )

    async def answer(self, method: str, response: Response, *, close: bool) -> None:
        """Send a response; raises TimeoutError and OSError."""
        headers = [
            ("Date", formatdate(usegmt=True)),
            ("Content-Type", response.content_type),
            ("Content-Length", str(response.length)),
            *response.headers.items(),
        ]
        if close:
            headers.append(("Connection", "close"))
        head = self.protocol.send(
            h11.Response(status_code=response.status, headers=headers, reason=response.status.phrase)
        )
        body = [] if method == "HEAD" else response.body
        if body:
            # With a known length the data is sent as it is: h11 only counts it.
            self.protocol.send_with_data_passthrough(h11.Data(data=_LengthOnly(response.length)))  # type: ignore[arg-type]
        try:
            # Head and body together, because each write is a packet of its own.
            for data in map(b"".join, batches([head or b"", *body], _WRITE_BYTES)):
                self._enter(Phase.SENDING)
                # Not writelines(): before Python 3.12.9 and 3.13.2 it never paused for a slow client.
                self._writer.write(data)
                await self._drain()
        finally:
            # asyncio keeps the error of a write with the connection, and its traceback leads to this frame
            # and its callers': a cycle that may not be collected for a long time.
            del response, body
        self.protocol.send(h11.EndOfMessage())

    async def _send(self, event: h11.Event) -> None:
        data = self.protocol.send(event)
        if data:
            self._writer.write(data)
            await self._drain()

    async def _drain(self) -> None:
        """Wait until the client has received most of what was written."""
        async with asyncio.timeout(self._limits.write):
            await self._writer.drain()

    async def linger(self) -> None:
        """Read on for a while after an error response.

        Closing while the client still sends would reset the connection, and the client might not see the
        response (RFC 9112, section 9.6).
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._limits.linger):
                if self._writer.can_write_eof():
                    self._writer.write_eof()
                while await self._reader.read(READ_BYTES):
                    pass

    async def finish(self) -> None:
        """Close the connection once the client has received the last response.

        Raises TimeoutError and OSError.
        """
        self._writer.close()
        async with asyncio.timeout(self._limits.write):
            await self._writer.wait_closed()

    async def close(self) -> None:
        """Close the connection at once; what the client has not received is dropped."""
        self._writer.transport.abort()
        await asyncio.sleep(0)  # the transport closes its socket in the next turn of the event loop


def _protocol(limits: ClientLimits) -> h11.Connection:
    return h11.Connection(h11.SERVER, max_incomplete_event_size=limits.header)


def batches(pieces: Sequence[bytes], size: int) -> Iterator[list[memoryview]]:
    """Return the pieces in batches of `size` bytes, the last one shorter, without copying."""
    batch: list[memoryview] = []
    room = size
    for piece in pieces:
        rest = memoryview(piece)
        while rest:
            batch.append(rest[:room])
            taken = len(batch[-1])
            rest, room = rest[taken:], room - taken
            if not room:
                yield batch
                batch, room = [], size
    if batch:
        yield batch


def _joined(fields: Iterable[tuple[bytes, bytes]]) -> Mapping[str, str]:
    """Return the fields by name; repeated ones are joined by commas (RFC 9110, section 5.3)."""
    headers: dict[str, str] = {}
    for name, value in fields:
        key, text = name.decode("latin-1"), value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return headers


def _target(target: str) -> tuple[str, str]:
    """Return path and query of a request target, which may contain a host (RFC 9112, section 3.2.2)."""
    if target.lower().startswith(("http://", "https://")):
        try:
            parts = urlsplit(target)
        except ValueError:
            return "", ""
        return unquote(parts.path) or "/", parts.query
    path, _, query = target.partition("?")
    return unquote(path), query
