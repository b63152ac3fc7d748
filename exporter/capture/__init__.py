"""Answers of wolkvox as a file that a person may read and send: made anonymous, and read once more."""

from exporter.capture.anonymising import anonymised
from exporter.capture.capture_file import read_capture, read_capture_and_config, write_capture
from exporter.capture.captured_config import config_mapping, config_of
from exporter.capture.model import Capture, CaptureError, Exchange, Failure
from exporter.capture.treating import without_most_people

__all__ = [
    "Capture",
    "CaptureError",
    "Exchange",
    "Failure",
    "anonymised",
    "config_mapping",
    "config_of",
    "read_capture",
    "read_capture_and_config",
    "without_most_people",
    "write_capture",
]
