"""What is right, odd or wrong with an operation's configuration, connection and answers."""

from exporter.doctor.examination import examine
from exporter.doctor.model import Check, Examination, Circumstances, Observation, Grade
from exporter.doctor.observing import Observer, count_addresses, order
from exporter.doctor.recording import Recorder

__all__ = [
    "Check",
    "Examination",
    "Circumstances",
    "Observation",
    "Observer",
    "Recorder",
    "Grade",
    "count_addresses",
    "examine",
    "order",
]
