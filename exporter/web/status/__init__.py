"""The status page for people, and the same as JSON."""

from exporter.web.status.pages import StatusPages

__all__ = ["StatusPages"]
