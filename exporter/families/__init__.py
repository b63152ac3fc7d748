"""The metric families as data: what each is called, what it means, and how it is read from the vendor."""

from exporter.families.campaigns import CAMPAIGN_FAMILIES, CAMPAIGN_LABELS, COLUMNS
from exporter.families.model import Column, Family, Kind, Labelled, Scope, Value

__all__ = [
    "CAMPAIGN_FAMILIES",
    "CAMPAIGN_LABELS",
    "COLUMNS",
    "Column",
    "Family",
    "Kind",
    "Labelled",
    "Scope",
    "Value",
]
