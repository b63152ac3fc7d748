"""What is known: the last good answers and the state of their polling, immutable and replaced whole."""

from exporter.snapshot.board import Board, BoardEntry
from exporter.snapshot.history import History
from exporter.snapshot.model import (
    CampaignRow,
    Listing,
    OperationSnapshot,
    PollRecord,
    PollStatus,
    Tally,
    TokenUse,
    Usage,
)

__all__ = [
    "Board",
    "BoardEntry",
    "CampaignRow",
    "History",
    "Listing",
    "OperationSnapshot",
    "PollRecord",
    "PollStatus",
    "Tally",
    "TokenUse",
    "Usage",
]
