"""The status of operations and campaigns at a glance: one model for the page and for JSON."""

from exporter.status.condition import OperationCondition, PollCondition
from exporter.status.model import ApiStatus, CampaignStatus, OperationStatus, Status
from exporter.status.query import Query, SortKey
from exporter.status.reporter import Reporter

__all__ = [
    "ApiStatus",
    "CampaignStatus",
    "OperationCondition",
    "OperationStatus",
    "PollCondition",
    "Query",
    "Reporter",
    "SortKey",
    "Status",
]
