"""What is right, odd or wrong with an operation's configuration, connection and answers."""

from exporter.doctor.examination import examine
from exporter.doctor.model import Check, Circumstances, Examination, Grade, Observation
from exporter.doctor.observing import Observer, count_addresses, order
from exporter.doctor.recording import Recorder

__all__ = [
    "Check",
    "Circumstances",
    "Examination",
    "Grade",
    "Observation",
    "Observer",
    "Recorder",
    "count_addresses",
    "examine",
    "order",
]
