"""What the pages for people share: their headers, and how they are encoded."""

import gzip
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import parse_qs

from exporter.metrics import IDENTITY, OFFERED
from exporter.metrics.content_encoding import GZIP_LEVEL, ZSTD_LEVEL, zstd
from exporter.toolkit.message import Request, Response
from exporter.web.negotiation import content_encoding

_HEADERS = {"Cache-Control": "no-store", "Vary": "Accept-Encoding", "X-Content-Type-Options": "nosniff"}

_PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
    ),
    "Referrer-Policy": "no-referrer",
}


def query_fields(request: Request) -> Mapping[str, list[str]]:
    """Return the fields of a request's query, all of them: the server has limits for a request's length."""
    return parse_qs(request.query)


def page(request: Request, html: str, language: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return a page in a language as a response, which loads nothing from elsewhere."""
    headers = {**_PAGE_HEADERS, "Content-Language": language, **(headers or {})}
    return encoded(request, "text/html; charset=utf-8", html.encode(), headers)


def encoded(
    request: Request, content_type: str, body: bytes, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a response whose body is encoded as the client wishes."""
    encoding = content_encoding(request.headers.get("accept-encoding"), OFFERED) or IDENTITY
    headers = {**_HEADERS, **(headers or {})}
    if encoding != IDENTITY:
        headers["Content-Encoding"] = encoding
        body = zstd.compress(body, ZSTD_LEVEL) if encoding == "zstd" else gzip.compress(body, GZIP_LEVEL)
    return Response(HTTPStatus.OK, content_type, (body,), headers)
