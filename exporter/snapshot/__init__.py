"""What is known: the last good answers and the state of their polling, immutable and replaced whole."""

from exporter.snapshot.model import (
    Answers,
    Listing,
    OperationSnapshot,
    PollRecord,
    PollStatus,
    QuotaReading,
    Row,
    Tally,
    TokenUse,
    Usage,
)
from exporter.snapshot.snapshots import SnapshotCell, Snapshots

__all__ = [
    "Answers",
    "Listing",
    "OperationSnapshot",
    "PollRecord",
    "PollStatus",
    "QuotaReading",
    "Row",
    "SnapshotCell",
    "Snapshots",
    "Tally",
    "TokenUse",
    "Usage",
]
