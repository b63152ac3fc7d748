"""One client's connection: HTTP/1.1 by h11 (RFC 9112), with an end to every wait."""

import asyncio
import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.utils import formatdate
from urllib.parse import unquote, urlsplit

import h11

from exporter.toolkit.address import Address
from exporter.toolkit.message import Request, Response

_READ_SIZE = 16 * 2**10
_WRITE_SIZE = 256 * 2**10


@dataclass(frozen=True, slots=True)
class Limits:
    """What a client may take; times in seconds, sizes in bytes.

    `handshake` bounds that of TLS, `request` the arrival of a request, `idle` the wait for the next one on a
    connection, `write` the taking of each 256 KiB of an answer, `linger` the reading of what a refused client
    still sends, `shutdown` the end of running answers when the server stops.
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


class _Counted:
    """Stands for that many bytes, in a place of which h11 says that it asks for the length alone."""

    def __init__(self, length: int) -> None:
        self._length = length

    def __len__(self) -> int:
        return self._length


class Connection:
    """The state of one client for the protocol, and whether it waits for a request."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        limits: Limits,
        *,
        local: Address | None = None,
        peer: str = "",
    ) -> None:
        self.protocol = h11.Connection(h11.SERVER, max_incomplete_event_size=limits.header)
        self.idle = True
        self._reader = reader
        self._writer = writer
        self._limits = limits
        self._local = local
        self._peer = peer
        self.tls = writer.get_extra_info("sslcontext")

    async def next_request(self, wait: float) -> Request | None:
        """Wait for the first byte for `wait` seconds, then for the rest; None when the client is gone.

        Raises TimeoutError, OSError and h11.RemoteProtocolError.
        """
        if self.idle and not self.protocol.trailing_data[0]:
            async with asyncio.timeout(wait):
                data = await self._reader.read(_READ_SIZE)
            self.protocol.receive_data(data)
        self.idle = False
        async with asyncio.timeout(self._limits.request):
            return await self._request()

    async def _event(self) -> h11.Event | type[h11.PAUSED]:
        while True:
            event = self.protocol.next_event()
            if not isinstance(event, type) or event is h11.PAUSED:
                return event
            if self.protocol.they_are_waiting_for_100_continue:
                await self._send(h11.InformationalResponse(status_code=100, headers=[]))
            self.protocol.receive_data(await self._reader.read(_READ_SIZE))

    async def _request(self) -> Request | None:
        """Read a request; its body is read and dropped, because no page takes one."""
        event = await self._event()
        if not isinstance(event, h11.Request):
            return None
        if not event.http_version.startswith(b"1."):
            raise h11.RemoteProtocolError("not HTTP/1", error_status_hint=505)
        if {b"content-length", b"transfer-encoding"} <= {name for name, _ in event.headers}:
            # A proxy that goes by the other of the two would see other requests (RFC 9112, section 6.3).
            raise h11.RemoteProtocolError("two lengths of one body", error_status_hint=400)
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
            self.tls is not None,
        )

    async def answer(self, method: str, response: Response, *, close: bool) -> None:
        """Send a whole answer; raises TimeoutError and OSError."""
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
            # Data of a known length is sent as it is: h11 only counts it, and need not see it.
            self.protocol.send_with_data_passthrough(h11.Data(data=_Counted(response.length)))  # type: ignore[arg-type]
        # Head and body together, because each write is a packet.
        for batch in batches([head or b"", *body], _WRITE_SIZE):
            # Not writelines(): until Python 3.12.9 and 3.13.2 it never told that a client takes nothing.
            self._writer.write(b"".join(batch))
            await self._taken()
        self.protocol.send(h11.EndOfMessage())

    async def _send(self, event: h11.Event) -> None:
        data = self.protocol.send(event)
        if data:
            self._writer.write(data)
            await self._taken()

    async def _taken(self) -> None:
        """Wait until the client has taken most of what was written."""
        async with asyncio.timeout(self._limits.write):
            await self._writer.drain()

    async def linger(self) -> None:
        """Read on for a while after a refusal.

        To close while the client still sends would reset the connection, and the client would not see why
        (RFC 9112, section 9.6).
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._limits.linger):
                if self._writer.can_write_eof():
                    self._writer.write_eof()
                while await self._reader.read(_READ_SIZE):
                    pass

    async def finish(self) -> None:
        """Let the client take what is left of the last answer, and part from it in good order.

        Raises TimeoutError and OSError.
        """
        self._writer.close()
        async with asyncio.timeout(self._limits.write):
            await self._writer.wait_closed()

    def close(self) -> None:
        """End the connection; what the client has not taken by now is dropped."""
        self._writer.transport.abort()


def batches(pieces: Sequence[bytes], size: int) -> Iterator[list[memoryview]]:
    """Share pieces out in batches of at most `size` bytes, without copying."""
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
    """Return fields by name; what stands in several lines is one list (RFC 9110, section 5.3)."""
    headers: dict[str, str] = {}
    for name, value in fields:
        key, text = name.decode("latin-1"), value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return headers


def _target(target: str) -> tuple[str, str]:
    """Return path and query of a request target, which may hold a host too (RFC 9112, section 3.2.2)."""
    if target.lower().startswith(("http://", "https://")):
        try:
            parts = urlsplit(target)
        except ValueError:
            return "", ""
        return unquote(parts.path) or "/", parts.query
    path, _, query = target.partition("?")
    return unquote(path), query
