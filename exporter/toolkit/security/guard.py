"""HTTP basic authentication and extra headers, as the web config asks for them."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus

from exporter.toolkit.message import Handler, Request, Response, plain
from exporter.toolkit.security.passwords import BusyError, Passwords
from exporter.toolkit.security.web_config_file import WebConfigFile


class Guard:
    """Requires a password for every page of a handler if the web config has users, and adds its headers.

    Browsers show the `realm` when they ask for the password.
    """

    def __init__(self, handler: Handler, config: WebConfigFile, realm: str) -> None:
        self._handler = handler
        self._config = config
        self._challenge = {"WWW-Authenticate": f'Basic realm="{realm}", charset="UTF-8"'}
        self._passwords = Passwords()

    async def __call__(self, request: Request) -> Response:
        """Return the response to a request."""
        config = await self._config.current()
        refusal = await self._refusal(request, config.users) if config.users else None
        response = refusal or await self._handler(request)
        if not config.headers:
            return response
        # Headers that a page sets itself take precedence.
        return replace(response, headers={**config.headers, **response.headers})

    def close(self) -> None:
        """Stop its threads."""
        self._passwords.close()

    async def _refusal(self, request: Request, users: Mapping[str, bytes]) -> Response | None:
        given = credentials(request.headers.get("authorization", ""))
        if given is None:
            return plain(HTTPStatus.UNAUTHORIZED, "user name and password required", self._challenge)
        try:
            good = await self._passwords.good(users, *given, request.peer)
        except BusyError:
            return plain(
                HTTPStatus.TOO_MANY_REQUESTS, "too many password checks in progress", {"Retry-After": "1"}
            )
        return (
            None if good else plain(HTTPStatus.UNAUTHORIZED, "wrong user name or password", self._challenge)
        )


def credentials(header: str) -> tuple[str, str] | None:
    """Return user and password from an Authorization header (RFC 7617); None if it has none."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    user, colon, password = decoded.partition(":")
    return (user, password) if colon else None
