"""The wolkvox API: calls, deadlines, refusals, and rows as they arrive."""

from exporter.wolkvox.call import Call
from exporter.wolkvox.campaign_api import ALL_CAMPAIGNS, Codified, Coding, FoundRecord, Outcome, find_record
from exporter.wolkvox.client import (
    INFORMATION,
    MOST_ROWS,
    REAL_TIME,
    TOKEN_INFO,
    Answer,
    Client,
    Sink,
    campaign_8,
)
from exporter.wolkvox.errors import Cause, RequestFailed

__all__ = [
    "ALL_CAMPAIGNS",
    "INFORMATION",
    "MOST_ROWS",
    "REAL_TIME",
    "TOKEN_INFO",
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
    "campaign_8",
    "find_record",
]
