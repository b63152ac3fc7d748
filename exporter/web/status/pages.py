"""The status as a page and as JSON: reads what was asked for, and hands the status to the template."""

import gzip
from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from urllib.parse import parse_qs

import msgspec

from exporter.glossary import LANGUAGES
from exporter.metrics import IDENTITY, OFFERED
from exporter.metrics.content_encoding import GZIP_LEVEL, ZSTD_LEVEL, zstd
from exporter.status import Reporter
from exporter.status.query import parse
from exporter.toolkit.message import Request, Response
from exporter.web.negotiation import content_encoding, language
from exporter.web.status import FILES, assets
from exporter.web.status.language import language_of
from exporter.web.status.page import THEMES, Preferences, render

_MOST_FIELDS = 50

_PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
    ),
    "Referrer-Policy": "no-referrer",
    "Vary": "Accept-Encoding, Accept-Language",
}
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


class StatusPages:
    """Answers for the status page, its JSON and the files that the page links to."""

    def __init__(self, reporter: Reporter, telemetry_path: str) -> None:
        self._reporter = reporter
        self._telemetry_path = telemetry_path
        self._handlers: Mapping[str, Callable[[Request], Response]] = {
            "/": self._page,
            "/status.json": self._json,
            **{f"/static/{name}": partial(_file, name) for name in FILES},
        }

    def answer(self, request: Request) -> Response:
        """Answer one of PATHS; KeyError for another."""
        return self._handlers[request.path](request)

    def _page(self, request: Request) -> Response:
        fields = _fields(request)
        chosen, theme = fields.get("lang", [""])[-1], fields.get("theme", [""])[-1]
        preferences = Preferences(
            language=chosen if chosen in LANGUAGES else "", theme=theme if theme in THEMES else ""
        )
        spoken = preferences.language or language(request.headers.get("accept-language"), LANGUAGES)
        status = self._reporter.status(parse(fields))
        html = render(status, language_of(spoken), preferences, self._telemetry_path)
        body = html.encode()
        return _encoded(
            request, "text/html; charset=utf-8", body, {**_PAGE_HEADERS, "Content-Language": spoken}
        )

    def _json(self, request: Request) -> Response:
        status = self._reporter.status(parse(_fields(request)))
        body = msgspec.json.encode(status)
        return _encoded(request, "application/json", body, {"Vary": "Accept-Encoding"})


def _file(name: str, _request: Request) -> Response:
    return assets.response(name)


def _fields(request: Request) -> Mapping[str, list[str]]:
    try:
        return parse_qs(request.query, max_num_fields=_MOST_FIELDS)
    except ValueError:
        return {}


def _encoded(request: Request, content_type: str, body: bytes, headers: Mapping[str, str]) -> Response:
    encoding = content_encoding(request.headers.get("accept-encoding"), OFFERED) or IDENTITY
    headers = {**_HEADERS, **headers}
    if encoding != IDENTITY:
        headers["Content-Encoding"] = encoding
        body = zstd.compress(body, ZSTD_LEVEL) if encoding == "zstd" else gzip.compress(body, GZIP_LEVEL)
    return Response(HTTPStatus.OK, content_type, (body,), headers)
