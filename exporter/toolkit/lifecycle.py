"""`POST /-/reload`, as Prometheus has it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from urllib.parse import urlsplit

from exporter.toolkit.message import Handler, Request, Response, plain

RELOAD_PATH = "/-/reload"
_METHODS = ("POST", "PUT")
_DEFAULT_PORTS = {"http": 80, "https": 443}

Reload = Callable[[], Awaitable[Sequence[str]]]
"""Reloads the configuration and returns what is wrong, one line each; nothing if it succeeded."""


class Lifecycle:
    """Handles requests for a reload and passes on all others; `reload` is None while that is disabled."""

    def __init__(self, handler: Handler, reload: Reload | None) -> None:
        self._handler = handler
        self._reload = reload

    async def __call__(self, request: Request) -> Response:
        """Return the response to a request."""
        if request.path != RELOAD_PATH:
            return await self._handler(request)
        if request.method not in _METHODS:
            return plain(
                HTTPStatus.METHOD_NOT_ALLOWED,
                "send a POST request to reload the configuration",
                {"Allow": ", ".join(_METHODS)},
            )
        if self._reload is None:
            return plain(
                HTTPStatus.FORBIDDEN, "reloading by request is disabled; --web.enable-lifecycle enables it"
            )
        if _from_other_site(request.headers):
            return plain(HTTPStatus.FORBIDDEN, "pages of other sites may not reload the configuration")
        problems = await self._reload()
        if problems:
            lines = ["reload failed, the current configuration stays in use:", *problems]
            return plain(HTTPStatus.INTERNAL_SERVER_ERROR, "\n".join(lines))
        return plain(HTTPStatus.OK, "reloaded")


def _from_other_site(headers: Mapping[str, str]) -> bool:
    """Return whether a browser says that a page of another site has made a request.

    Browsers say so by Sec-Fetch-Site (W3C, Fetch Metadata Request Headers, section 2.4); without TLS, and but
    for loopback, only by Origin (RFC 6454, section 7). Other clients send neither.
    """
    if (site := headers.get("sec-fetch-site")) is not None:
        return site not in {"same-origin", "none"}
    if (origin := headers.get("origin")) is None:
        return False
    try:
        there, here = urlsplit(origin), urlsplit(f"//{headers.get('host', '')}")
        port = _DEFAULT_PORTS[there.scheme]
        same = (there.hostname, there.port or port) == (here.hostname, here.port or port)
    except (KeyError, ValueError):
        same = False
    return not same
