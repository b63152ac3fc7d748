"""What the server hands to the pages, and what they hand back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus


@dataclass(frozen=True, slots=True)
class Request:
    """One request: method, path without query, and headers with lower-case names (the last value counts)."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Response:
    """One answer; Content-Length and Date are the server's business."""

    status: HTTPStatus
    content_type: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def plain(status: HTTPStatus, text: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return a short answer in plain text."""
    return Response(status, "text/plain; charset=utf-8", f"{text}\n".encode(), headers or {})
