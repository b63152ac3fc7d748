"""Polling: decides when the vendor is called, calls it, and keeps what it answered in the snapshot."""

from exporter.polling.archive import Archive
from exporter.polling.engine import Engine
from exporter.polling.poller import OperationPoller
from exporter.polling.timetable import Slot, Timetable, first_poll_delay
from exporter.polling.token import Token
from exporter.polling.updates import first_snapshot

__all__ = [
    "Archive",
    "Engine",
    "OperationPoller",
    "Slot",
    "Timetable",
    "Token",
    "first_poll_delay",
    "first_snapshot",
]
