"""Which page answers which path. Nothing here waits for the vendor."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qs

from exporter.metrics import IDENTITY, OFFERED, Exposition, Format, Selection
from exporter.snapshot import Snapshots
from exporter.toolkit.message import Request, Response, plain
from exporter.web.discovery import targets
from exporter.web.negotiation import content_encoding, exposition_format
from exporter.web.status import PATHS

_log = logging.getLogger(__name__)

_READ_METHODS = ("GET", "HEAD")
_MAX_FIELDS = 1000
_THREADS = 4

DOCUMENTS = "/docs/"
"""What the paths of the documentation begin with."""

Page = Callable[[Request], Response]
Probe = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Route:
    """The page of a path, and its methods; `slow` returns whether answering a request is worth a thread.

    The pages for people share one thread of their own, so that no scrape waits for them.
    """

    page: Page
    methods: Sequence[str] = _READ_METHODS
    slow: Callable[[Request], bool] = lambda _: True
    for_people: bool = False


def _document(request: Request) -> Response:
    """Return a page of the documentation; what makes it is loaded when it is first asked for."""
    from exporter.web.documents import answer  # noqa: PLC0415

    return answer(request)


_DOCUMENT = Route(_document, for_people=True)


class _BadQueryError(Exception):
    pass


class App:
    """The pages of the exporter."""

    def __init__(  # noqa: PLR0913 - everything that it shows is passed in
        self,
        *,
        snapshots: Snapshots,
        exposition: Exposition,
        healthy: Probe,
        ready: Probe,
        status: Page,
        telemetry_path: str = "/metrics",
    ) -> None:
        self._snapshots = snapshots
        self._exposition = exposition
        self._healthy = healthy
        self._ready = ready
        self._telemetry_path = telemetry_path
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="web")
        self._people = ThreadPoolExecutor(1, thread_name_prefix="status")
        self._routes: Mapping[str, Route] = {
            **dict.fromkeys(PATHS, Route(status, for_people=True)),
            DOCUMENTS.rstrip("/"): Route(_to_documents, slow=_never),
            "/-/healthy": Route(lambda _: _probe(self._healthy(), "healthy"), slow=_never),
            "/-/ready": Route(lambda _: _probe(self._ready(), "ready"), slow=_never),
            "/probe": Route(self._probe),
            "/sd": Route(lambda request: targets(request, list(self._snapshots.current())), slow=_never),
            telemetry_path: Route(self._metrics, slow=self._must_render),
        }

    async def __call__(self, request: Request) -> Response:
        """Return the answer to a request; an unexpected error is logged and answered with 500."""
        route = self._routes.get(request.path)
        if route is None and request.path.startswith(DOCUMENTS):
            route = _DOCUMENT
        if route is None:
            return plain(HTTPStatus.NOT_FOUND, f"not found; the metrics are at {self._telemetry_path}")
        if request.method not in route.methods:
            allowed = {"Allow": ", ".join(route.methods)}
            return plain(HTTPStatus.METHOD_NOT_ALLOWED, "method not allowed", allowed)
        try:
            if not route.slow(request):
                return route.page(request)
            threads = self._people if route.for_people else self._threads
            return await asyncio.get_running_loop().run_in_executor(threads, route.page, request)
        except _BadQueryError as error:
            return plain(HTTPStatus.BAD_REQUEST, f"invalid query: {error}")
        except Exception:  # noqa: BLE001 - it is logged whole, and the client gets a 500
            _log.exception(
                "unexpected error while answering a request; please report this as a bug",
                extra={"path": request.path},
            )
            return plain(HTTPStatus.INTERNAL_SERVER_ERROR, "internal error, see the log")

    def close(self) -> None:
        """Stop the threads, without waiting for what still runs in them."""
        for threads in (self._threads, self._people):
            threads.shutdown(wait=False, cancel_futures=True)

    def _must_render(self, request: Request) -> bool:
        """Return whether the metrics that are asked for are not rendered yet."""
        format_, encoding = _negotiated(request)
        return bool(request.query) or not (
            format_ and encoding and self._exposition.at_hand(format_, encoding)
        )

    def _metrics(self, request: Request) -> Response:
        fields = _fields(request)
        return self._exposed(request, Selection(names=frozenset(fields.get("name[]", ())) or None))

    def _probe(self, request: Request) -> Response:
        """Return the metrics of one operation; the target is its name, never an address to call."""
        fields = _fields(request)
        found = fields.get("target", ())
        if len(found) != 1:
            return plain(HTTPStatus.BAD_REQUEST, "exactly one target is expected: /probe?target=OPERATION")
        if found[0] not in self._snapshots.current():
            return plain(HTTPStatus.NOT_FOUND, "unknown operation; /sd lists the operations")
        return self._exposed(
            request, Selection(operation=found[0], names=frozenset(fields.get("name[]", ())) or None)
        )

    def _exposed(self, request: Request, selection: Selection) -> Response:
        headers = {"Vary": "Accept, Accept-Encoding", "Cache-Control": "no-store"}
        format_, encoding = _negotiated(request)
        if format_ is None or encoding is None:
            formats = "text/plain; version=0.0.4, application/openmetrics-text; version=1.0.0"
            encodings = ", ".join((*OFFERED, IDENTITY))
            text = f"available formats: {formats}; available encodings: {encodings}"
            return plain(HTTPStatus.NOT_ACCEPTABLE, text, headers)
        if encoding != IDENTITY:
            headers["Content-Encoding"] = encoding
        body = self._exposition.body(format_, encoding, selection)
        return Response(HTTPStatus.OK, format_.value, body, headers)


def _fields(request: Request) -> Mapping[str, list[str]]:
    try:
        return parse_qs(request.query, max_num_fields=_MAX_FIELDS)
    except ValueError as error:
        raise _BadQueryError(str(error)) from None


def _negotiated(request: Request) -> tuple[Format | None, str | None]:
    """Return the format and the content encoding by the request's headers; None where none will do."""
    return (
        exposition_format(request.headers.get("accept")),
        content_encoding(request.headers.get("accept-encoding"), OFFERED),
    )


def _to_documents(_request: Request) -> Response:
    return plain(HTTPStatus.FOUND, f"see {DOCUMENTS}", {"Location": DOCUMENTS.removeprefix("/")})


def _never(_request: Request) -> bool:
    return False


def _probe(good: bool, word: str) -> Response:
    return plain(HTTPStatus.OK, word) if good else plain(HTTPStatus.SERVICE_UNAVAILABLE, f"not {word}")
