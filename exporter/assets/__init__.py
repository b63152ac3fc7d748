"""The files beside the program that its users want: rules, dashboards, documentation."""

from exporter.assets.bundle import Asset, MissingAssetsError, bundled, documents, metric_reference, rules
from exporter.assets.rescaling import fit_to_polls, rescaled

__all__ = [
    "Asset",
    "MissingAssetsError",
    "bundled",
    "documents",
    "fit_to_polls",
    "metric_reference",
    "rescaled",
    "rules",
]
