"""The wolkvox API: calls, deadlines, refusals, and rows as they arrive."""

from exporter.wolkvox.client import INFORMATION, REAL_TIME, TOKEN_INFO, Answer, Call, Client, Sink, campaign_8
from exporter.wolkvox.errors import Cause, RequestFailed
from exporter.wolkvox.transport import is_loopback

__all__ = [
    "INFORMATION",
    "REAL_TIME",
    "TOKEN_INFO",
    "Answer",
    "Call",
    "Cause",
    "Client",
    "RequestFailed",
    "Sink",
    "campaign_8",
    "is_loopback",
]
