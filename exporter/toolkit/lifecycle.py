"""`POST /-/reload`, as Prometheus has it."""

from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus

from exporter.toolkit.message import Request, Response, plain

PATH = "/-/reload"
_METHODS = ("POST", "PUT")

App = Callable[[Request], Awaitable[Response]]
Reload = Callable[[], Awaitable[Sequence[str]]]
"""Reloads and returns what is wrong, one line each; nothing when all is well."""


class Lifecycle:
    """Answers for the reload, and leaves everything else to the pages; `reload` is None while it is off."""

    def __init__(self, app: App, reload: Reload | None) -> None:
        self._app = app
        self._reload = reload

    async def __call__(self, request: Request) -> Response:
        """Answer a request."""
        if request.path != PATH:
            return await self._app(request)
        if request.method not in _METHODS:
            return plain(
                HTTPStatus.METHOD_NOT_ALLOWED,
                "a POST reloads the configuration",
                {"Allow": ", ".join(_METHODS)},
            )
        if self._reload is None:
            return plain(HTTPStatus.FORBIDDEN, "the reload is off: --web.enable-lifecycle turns it on")
        problems = await self._reload()
        if problems:
            told = "\n".join(["not reloaded, the configuration in use is kept:", *problems])
            return plain(HTTPStatus.INTERNAL_SERVER_ERROR, told)
        return plain(HTTPStatus.OK, "reloaded")
