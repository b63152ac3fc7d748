"""The web edge: negotiation, pages, and the server that carries them."""

from exporter.web.address import DEFAULT_LISTEN_ADDRESS, Address, parse_address
from exporter.web.app import App
from exporter.web.server import Server
from exporter.web.status import StatusPages

__all__ = ["DEFAULT_LISTEN_ADDRESS", "Address", "App", "Server", "StatusPages", "parse_address"]
