"""The wolkvox API: calls, deadlines, refusals, and rows as they arrive."""

from exporter.wolkvox.call import Call
from exporter.wolkvox.campaign_api import ALL_CAMPAIGNS, Codified, Coding, FoundRecord, Outcome, find_record
from exporter.wolkvox.client import (
    MOST_ROWS,
    Answer,
    Client,
    Sink,
)
from exporter.wolkvox.errors import Cause, RequestFailed

__all__ = [
    "ALL_CAMPAIGNS",
    "MOST_ROWS",
    "Answer",
    "Call",
    "Cause",
    "Client",
    "Codified",
    "Coding",
    "FoundRecord",
    "Outcome",
    "RequestFailed",
    "Sink",
    "find_record",
]
