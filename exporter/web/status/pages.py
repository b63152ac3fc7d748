"""The status as a page and as JSON: reads what was asked for, and hands the status to the template."""

from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus

import msgspec

from exporter.glossary import LANGUAGES
from exporter.status import Reporter
from exporter.status.query import parse
from exporter.toolkit.message import Request, Response, plain
from exporter.web.negotiation import language
from exporter.web.people import encoded, page, query_fields
from exporter.web.status import FILES, assets
from exporter.web.status.language import language_of
from exporter.web.status.page import THEMES, Preferences, render

_MOST_CHARACTERS = 100


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
        fields = query_fields(request)
        chosen, theme = fields.get("lang", [""])[-1], fields.get("theme", [""])[-1]
        preferences = Preferences(
            language=chosen if chosen in LANGUAGES else "", theme=theme if theme in THEMES else ""
        )
        spoken = preferences.language or language(request.headers.get("accept-language"), LANGUAGES)
        query, refused = parse(fields)
        status = self._reporter.status(query)
        html = render(status, language_of(spoken), preferences, self._telemetry_path, refused)
        return page(request, html, spoken, {"Vary": "Accept-Encoding, Accept-Language"})

    def _json(self, request: Request) -> Response:
        query, refused = parse(query_fields(request))
        # Whoever does not see the page must not take all campaigns for those that were asked for.
        if refused:
            name, value, expected = refused[0].name, refused[0].value, refused[0].expected
            text = f"invalid query: {_short(name)}={_short(value)}; expected {expected}"
            return plain(HTTPStatus.BAD_REQUEST, text)
        status = self._reporter.status(query)
        if query.operation and query.operation not in status.names:
            return plain(HTTPStatus.NOT_FOUND, "unknown operation; /sd lists the operations")
        return encoded(request, "application/json", msgspec.json.encode(status))


def _short(text: str) -> str:
    """Return what somebody has written, for one line of plain text."""
    return repr(text[:_MOST_CHARACTERS])[1:-1]


def _file(name: str, _request: Request) -> Response:
    return assets.response(name)
