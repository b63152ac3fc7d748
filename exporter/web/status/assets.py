"""The files that the page links to, from the package itself."""

import hashlib
from functools import cache
from http import HTTPStatus
from importlib import resources

from exporter.judgement import CampaignState
from exporter.toolkit.message import Response

_TYPES = {
    "status.css": "text/css; charset=utf-8",
    "status.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}


@cache
def content(name: str) -> bytes:
    """Return a file's bytes; the style has the colours of the states from the glossary."""
    read = resources.files("exporter.web.status").joinpath("static", name).read_bytes()
    return read + _state_colors().encode() if name == "status.css" else read


def _state_colors() -> str:
    return "".join(
        f"\n.is-{state}, .edge-{state} {{ --state: {state.color}; }}"
        for state in CampaignState
        if state.color
    )


def path(name: str) -> str:
    """Return the URL of a file, relative to the page.

    Its query changes with the content, so that a browser may keep the file.
    """
    return f"static/{name}?v={hashlib.sha256(content(name)).hexdigest()[:12]}"


def response(name: str) -> Response:
    """Return a file as a response."""
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
    return Response(HTTPStatus.OK, _TYPES[name], (content(name),), headers)
