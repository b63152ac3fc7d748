"""Which path answers what; runs in a worker thread and never waits for the vendor."""

import gzip
import logging
from collections.abc import Callable, Mapping
from http import HTTPStatus

from exporter.clock import Clock
from exporter.metrics import Exposition
from exporter.snapshot import Board
from exporter.web import pages
from exporter.web.message import Request, Response, plain
from exporter.web.negotiation import content_encoding, exposition_format

_log = logging.getLogger(__name__)

_READ = ("GET", "HEAD")
_GZIP_LEVEL = 5

Handler = Callable[[Request], Response]
Probe = Callable[[], bool]


class App:
    """The pages of the exporter."""

    def __init__(  # noqa: PLR0913 - everything that it shows is passed in
        self,
        *,
        board: Board,
        exposition: Exposition,
        healthy: Probe,
        ready: Probe,
        clock: Clock,
        telemetry_path: str = "/metrics",
    ) -> None:
        self._board = board
        self._exposition = exposition
        self._healthy = healthy
        self._ready = ready
        self._clock = clock
        self._telemetry_path = telemetry_path
        self._routes: Mapping[str, Handler] = {
            "/": self._index,
            "/-/healthy": lambda _: _probe(self._healthy(), "healthy"),
            "/-/ready": lambda _: _probe(self._ready(), "ready"),
            telemetry_path: self._metrics,
        }

    def __call__(self, request: Request) -> Response:
        """Answer a request; whatever breaks is logged and answered with 500."""
        handler = self._routes.get(request.path)
        if handler is None:
            return plain(HTTPStatus.NOT_FOUND, f"not found; the metrics are at {self._telemetry_path}")
        if request.method not in _READ:
            return plain(HTTPStatus.METHOD_NOT_ALLOWED, "method not allowed", {"Allow": ", ".join(_READ)})
        try:
            return handler(request)
        except Exception:  # noqa: BLE001 - it is logged whole, and the client gets a 500
            _log.exception("a page broke, this is a defect of the exporter", extra={"path": request.path})
            return plain(HTTPStatus.INTERNAL_SERVER_ERROR, "internal error, see the log")

    def _index(self, _request: Request) -> Response:
        page = pages.index(self._board.current(), self._telemetry_path, self._clock.now())
        security = {
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'",
            "X-Content-Type-Options": "nosniff",
        }
        return Response(HTTPStatus.OK, "text/html; charset=utf-8", page.encode(), security)

    def _metrics(self, request: Request) -> Response:
        form = exposition_format(request.headers.get("accept"))
        encoding = content_encoding(request.headers.get("accept-encoding"), ("gzip",))
        body = self._exposition.render(form)
        headers = {"Vary": "Accept, Accept-Encoding", "Cache-Control": "no-store"}
        if encoding == "gzip":
            body = gzip.compress(body, _GZIP_LEVEL, mtime=0)
            headers["Content-Encoding"] = encoding
        return Response(HTTPStatus.OK, form.value, body, headers)


def _probe(good: bool, word: str) -> Response:
    return plain(HTTPStatus.OK, word) if good else plain(HTTPStatus.SERVICE_UNAVAILABLE, f"not {word}")
