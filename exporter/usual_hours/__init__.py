"""From weeks of history, the hours that a floor really keeps, and `schedules` for the configuration. Pure."""

from exporter.usual_hours.campaign_history import SLOT_SECONDS, FloorHistory
from exporter.usual_hours.groups import UsualHours, find_usual_hours
from exporter.usual_hours.schedules_text import Heading, schedules_text

__all__ = [
    "SLOT_SECONDS",
    "FloorHistory",
    "Heading",
    "UsualHours",
    "find_usual_hours",
    "schedules_text",
]
