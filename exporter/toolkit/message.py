"""Requests, responses and what turns one into the other."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus

from exporter.toolkit.address import Address


@dataclass(frozen=True, slots=True)
class Request:
    """One request; the path is decoded, names of headers are lower-case, repeated ones joined by commas.

    `local` is the address that the client connected to and `peer` the client's host (None and "" on a Unix
    socket); neither is taken from a header.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    local: Address | None = None
    peer: str = ""


@dataclass(frozen=True)
class Response:
    """One response; the server adds Content-Length and Date.

    The body is a sequence of pieces that are sent as they are, so that what many responses share is never
    copied.
    """

    status: HTTPStatus
    content_type: str
    body: Sequence[bytes]
    headers: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def length(self) -> int:
        """Length of the body in bytes."""
        return sum(map(len, self.body))

    @property
    def content(self) -> bytes:
        """The body in one piece."""
        return b"".join(self.body)


Handler = Callable[[Request], Awaitable[Response]]
"""Answers requests. What adds something to all pages, such as `Guard`, wraps another handler."""


def plain(status: HTTPStatus, text: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return a response of one line or a few in plain text."""
    return Response(status, "text/plain; charset=utf-8", (f"{text}\n".encode(),), headers or {})
