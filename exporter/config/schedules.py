"""The entries of `schedules` in config.yaml."""

from collections.abc import Iterable
from datetime import date

from exporter.schedules import (
    PRESETS,
    Calendar,
    Preset,
    Schedule,
    Week,
    Window,
    moment_text,
    overlap,
    parse_window,
)
from exporter.settings import values
from exporter.settings.section import Section


def read_schedule(entry: Section) -> Schedule:
    """Read one schedule."""
    campaigns = entry.each("campaigns", values.pattern, [])
    if not campaigns and entry.good("campaigns"):
        entry.note("campaigns", "a list of at least one regular expression is expected")
    preset, permitted = _permitted(entry)
    expected = _windows(entry, "expected")
    if expected is not None and permitted is not None and entry.good("expected", "permitted"):
        _refuse_outside(entry, expected, permitted)
    schedule = Schedule(
        campaigns=campaigns,
        expected=None if expected is None else Week.of(expected),
        permitted=None if permitted is None else Week.of(permitted),
        holidays=_holidays(entry, preset),
        except_dates=frozenset(entry.each("except_dates", _date, [])),
    )
    entry.finish()
    return schedule


def _permitted(entry: Section) -> tuple[Preset | None, tuple[Window, ...] | None]:
    """Read the windows, or the name of a preset that stands for them."""
    if not entry.holds("permitted", str):
        return None, _windows(entry, "permitted")
    preset = entry.get("permitted", _preset, None)
    return preset, preset.windows if preset else None


def _windows(entry: Section, key: str) -> tuple[Window, ...] | None:
    """Read a list of windows; None where there is none."""
    if not entry.given(key):
        return None
    windows = entry.each(key, _window, [])
    twice = overlap(windows) if entry.good(key) else None
    if twice is not None:
        later, before = (windows[index].text for index in twice)
        entry.note(key, f"{later!r} overlaps {before!r}")
    return windows


def _refuse_outside(entry: Section, expected: Iterable[Window], permitted: Iterable[Window]) -> None:
    open_minutes = 0
    for window in permitted:
        open_minutes |= window.minutes()
    for window in expected:
        outside = window.minutes() & ~open_minutes
        if outside:
            since = moment_text(outside)
            entry.note("expected", f"{window.text!r} is expected but not permitted from {since} on")
            return


def _holidays(entry: Section, preset: Preset | None) -> Calendar | None:
    holidays = entry.get("holidays", _calendar, None)
    if preset is None:
        return holidays
    if holidays is not None and holidays.code != preset.holidays:
        entry.note("holidays", f"{preset.name} brings the holidays of {preset.holidays}")
    return Calendar(preset.holidays)


def _window(raw: object) -> Window:
    if not isinstance(raw, str):
        raise ValueError("a window such as 'Mon-Fri 08:00-12:00' is expected")  # noqa: TRY004 - gathered
    if raw in PRESETS:
        raise ValueError(f"the preset {raw} stands alone, without a list, and only as permitted")
    return parse_window(raw)


def _preset(raw: object) -> Preset:
    if not isinstance(raw, str) or raw not in PRESETS:
        raise ValueError(f"unknown preset {raw!r}: a list of windows, or {', '.join(PRESETS)}, is expected")
    return PRESETS[raw]


def _calendar(raw: object) -> Calendar:
    if not isinstance(raw, str):
        # Norway's NO is a boolean to YAML.
        raise ValueError('a country code in quotes, such as "CO", is expected')  # noqa: TRY004 - gathered
    return Calendar.of(raw)


def _date(raw: object) -> date:
    # YAML has dates of its own; a date with a time is another type below date.
    if type(raw) is date:
        return raw
    try:
        return date.fromisoformat(raw if isinstance(raw, str) else "")
    except ValueError:
        raise ValueError("a date such as 2026-12-24 is expected") from None
