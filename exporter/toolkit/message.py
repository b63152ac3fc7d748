"""What the server hands to the pages, and what they hand back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus

from exporter.toolkit.address import Address


@dataclass(frozen=True, slots=True)
class Request:
    """One request: method, decoded path, query, headers with lower-case names (several lines are one list).

    `local` is the address that the client reached and `peer` its own host (None and "" on a Unix socket);
    neither is taken from a header. `secure` tells that the connection is encrypted.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    local: Address | None = None
    peer: str = ""
    secure: bool = False


@dataclass(frozen=True)
class Response:
    """One answer; Content-Length and Date are the server's business.

    The body is a sequence of pieces that are sent as they are: what many answers share is never copied.
    """

    status: HTTPStatus
    content_type: str
    body: Sequence[bytes]
    headers: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def length(self) -> int:
        """Bytes of the body."""
        return sum(map(len, self.body))

    @property
    def content(self) -> bytes:
        """The body in one piece."""
        return b"".join(self.body)


def plain(status: HTTPStatus, text: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return a short answer in plain text."""
    return Response(status, "text/plain; charset=utf-8", (f"{text}\n".encode(),), headers or {})
