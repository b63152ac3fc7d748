"""What is known: the last good answers and the state of their polling, immutable and replaced whole."""

from exporter.snapshot.board import Board, BoardEntry
from exporter.snapshot.model import (
    Answers,
    Listing,
    OperationSnapshot,
    PollRecord,
    PollStatus,
    Row,
    Tally,
    TokenUse,
    Usage,
)

__all__ = [
    "Answers",
    "Board",
    "BoardEntry",
    "Listing",
    "OperationSnapshot",
    "PollRecord",
    "PollStatus",
    "Row",
    "Tally",
    "TokenUse",
    "Usage",
]
