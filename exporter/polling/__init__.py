"""Polling: decides when the vendor is called, calls it, and lands what it answered in the snapshot."""

from exporter.polling.engine import Engine
from exporter.polling.poller import OperationPoller
from exporter.polling.timetable import Slot, Timetable, spread

__all__ = ["Engine", "OperationPoller", "Slot", "Timetable", "spread"]
