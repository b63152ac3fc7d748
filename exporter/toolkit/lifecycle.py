"""`POST /-/reload`, as Prometheus has it."""

from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus

from exporter.toolkit.message import Handler, Request, Response, plain

RELOAD_PATH = "/-/reload"
_METHODS = ("POST", "PUT")

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
        problems = await self._reload()
        if problems:
            lines = ["reload failed, the current configuration stays in use:", *problems]
            return plain(HTTPStatus.INTERNAL_SERVER_ERROR, "\n".join(lines))
        return plain(HTTPStatus.OK, "reloaded")
