"""From snapshots to the exposition formats of Prometheus."""

from exporter.metrics.content_encoding import IDENTITY, OFFERED
from exporter.metrics.exposition import Exposition
from exporter.metrics.process import ProcessMetrics
from exporter.metrics.selection import EVERYTHING, Selection
from exporter.metrics.table import FAMILIES
from exporter.metrics.text import Format

__all__ = [
    "EVERYTHING",
    "FAMILIES",
    "IDENTITY",
    "OFFERED",
    "Exposition",
    "Format",
    "ProcessMetrics",
    "Selection",
]
