"""The wolkvox API: calls, deadlines, refusals, and rows as they arrive."""

from exporter.wolkvox.call import Call
from exporter.wolkvox.campaign_api import (
    ALL_CAMPAIGNS,
    Disposition,
    DispositionOutcome,
    DispositionResult,
    FoundRecord,
    find_record,
)
from exporter.wolkvox.client import (
    MAX_ROWS,
    Answer,
    Client,
    Sink,
)
from exporter.wolkvox.errors import Cause, RequestFailed

__all__ = [
    "ALL_CAMPAIGNS",
    "MAX_ROWS",
    "Answer",
    "Call",
    "Cause",
    "Client",
    "Disposition",
    "DispositionOutcome",
    "DispositionResult",
    "FoundRecord",
    "RequestFailed",
    "Sink",
    "find_record",
]
