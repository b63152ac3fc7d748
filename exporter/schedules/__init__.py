"""Schedules: when a campaign is expected to dial, and when it may. Pure: the local time is passed in."""

from exporter.schedules.book import Book
from exporter.schedules.calendar import Calendar, CalendarError
from exporter.schedules.schedule import LEY_2300, PRESETS, Preset, Schedule, State, overlap
from exporter.schedules.windows import MINUTES_OF_WEEK, Week, Window, WindowError, moment_text, parse_window

__all__ = [
    "LEY_2300",
    "MINUTES_OF_WEEK",
    "PRESETS",
    "Book",
    "Calendar",
    "CalendarError",
    "Preset",
    "Schedule",
    "State",
    "Week",
    "Window",
    "WindowError",
    "moment_text",
    "overlap",
    "parse_window",
]
