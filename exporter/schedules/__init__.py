"""Schedules: when a campaign is expected to dial, and when it may. Pure: the local time is passed in."""

from exporter.schedules.advice import holiday_lines, shadow_notes, tolerance_notes, zone_notes
from exporter.schedules.calendar import Calendar, CalendarError, library_version
from exporter.schedules.presets import LEY_2300, PRESETS, Law, Preset
from exporter.schedules.schedule import (
    DEFAULT_TOLERANCE_SECONDS,
    UNPLANNED,
    Schedule,
    ScheduleState,
    matches_any,
    overlap,
)
from exporter.schedules.schedule_set import ScheduleSet
from exporter.schedules.windows import (
    DAYS,
    MINUTES_PER_WEEK,
    Week,
    Window,
    WindowError,
    moment_text,
    parse_window,
)

__all__ = [
    "DAYS",
    "DEFAULT_TOLERANCE_SECONDS",
    "LEY_2300",
    "MINUTES_PER_WEEK",
    "PRESETS",
    "UNPLANNED",
    "Calendar",
    "CalendarError",
    "Law",
    "Preset",
    "Schedule",
    "ScheduleSet",
    "ScheduleState",
    "Week",
    "Window",
    "WindowError",
    "holiday_lines",
    "library_version",
    "matches_any",
    "moment_text",
    "overlap",
    "parse_window",
    "shadow_notes",
    "tolerance_notes",
    "zone_notes",
]
