"""Lets only those pass who have a password, where the web config asks for one; adds its headers."""

import base64
import binascii
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from http import HTTPStatus

from exporter.toolkit.message import Request, Response, plain
from exporter.toolkit.security.passwords import BusyError, Passwords
from exporter.toolkit.security.web_config_file import WebConfigFile

App = Callable[[Request], Awaitable[Response]]

_CHALLENGE = {"WWW-Authenticate": 'Basic realm="wolkvox-exporter", charset="UTF-8"'}


class Guard:
    """Stands before the pages; every one of them is protected alike."""

    def __init__(self, app: App, config: WebConfigFile, passwords: Passwords | None = None) -> None:
        self._app = app
        self._config = config
        self._passwords = passwords or Passwords()

    async def __call__(self, request: Request) -> Response:
        """Answer a request."""
        config = await self._config.current()
        refusal = await self._refusal(request, config.users) if config.users else None
        response = refusal or await self._app(request)
        if not config.headers:
            return response
        # What a page says of itself goes first.
        return replace(response, headers={**config.headers, **response.headers})

    def close(self) -> None:
        """End its threads."""
        self._passwords.close()

    async def _refusal(self, request: Request, users: Mapping[str, bytes]) -> Response | None:
        given = credentials(request.headers.get("authorization", ""))
        if given is None:
            return plain(HTTPStatus.UNAUTHORIZED, "a user and a password are expected", _CHALLENGE)
        try:
            good = await self._passwords.good(users, *given, request.peer)
        except BusyError:
            return plain(
                HTTPStatus.TOO_MANY_REQUESTS, "too many passwords are being checked", {"Retry-After": "1"}
            )
        return None if good else plain(HTTPStatus.UNAUTHORIZED, "wrong user or password", _CHALLENGE)


def credentials(header: str) -> tuple[str, str] | None:
    """Read user and password from the header Authorization (RFC 7617); None when they are not there."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    user, colon, password = decoded.partition(":")
    return (user, password) if colon else None
