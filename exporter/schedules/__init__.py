"""Schedules: when a campaign is expected to dial, and when it may. Pure: the local time is passed in."""

from exporter.schedules.calendar import Calendar, CalendarError
from exporter.schedules.schedule import (
    DEFAULT_TOLERANCE_SECONDS,
    LEY_2300,
    PRESETS,
    UNPLANNED,
    Preset,
    Schedule,
    ScheduleState,
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
    "Preset",
    "Schedule",
    "ScheduleSet",
    "ScheduleState",
    "Week",
    "Window",
    "WindowError",
    "moment_text",
    "overlap",
    "parse_window",
]
