"""The web edge: negotiation, pages, and the server that carries them.

It loads nothing until one of its names is asked for: the command line needs an address of it, and the health
check of a container, which runs every few seconds, nothing more.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from exporter.web.address import DEFAULT_LISTEN_ADDRESS as DEFAULT_LISTEN_ADDRESS
    from exporter.web.address import Address as Address
    from exporter.web.address import parse_address as parse_address
    from exporter.web.app import App as App
    from exporter.web.server import Server as Server

_HOMES = {
    "DEFAULT_LISTEN_ADDRESS": "address",
    "Address": "address",
    "App": "app",
    "Server": "server",
    "parse_address": "address",
}


def __getattr__(name: str) -> object:
    """Load the module of a public name at its first use."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - as the module's docstring says

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
