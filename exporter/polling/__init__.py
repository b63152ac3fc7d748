"""Polling: decides when the vendor is called, calls it, and lands what it answered in the snapshot."""

from exporter.polling.archive import Archive
from exporter.polling.engine import Engine
from exporter.polling.landing import first_snapshot
from exporter.polling.poller import OperationPoller
from exporter.polling.timetable import Slot, Timetable, spread
from exporter.polling.token import Token

__all__ = ["Archive", "Engine", "OperationPoller", "Slot", "Timetable", "Token", "first_snapshot", "spread"]
