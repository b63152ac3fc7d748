"""The entries of `schedules` in config.yaml."""

from collections.abc import Iterable
from datetime import date

from exporter.schedules import (
    DEFAULT_TOLERANCE_SECONDS,
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
from exporter.settings.keys import DURATION, PATTERN, Key, Kind, ListKey
from exporter.settings.section import Section


def _window(raw: object) -> Window:
    if not isinstance(raw, str):
        raise ValueError("a window such as 'Mon-Fri 08:00-12:00' is expected")  # noqa: TRY004 - gathered
    if raw in PRESETS:
        raise ValueError(f"the preset {raw} stands alone, without a list, and only as permitted")
    return parse_window(raw)


def _preset(raw: object) -> Preset:
    if not isinstance(raw, str) or raw not in PRESETS:
        raise ValueError(f"unknown preset {raw!r}: use a list of windows, or one of {', '.join(PRESETS)}")
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


_WINDOW = Kind(
    _window,
    {
        "type": "string",
        "pattern": "^\\s*[A-Za-z,-]+\\s+[0-9]{1,2}:[0-9]{2}\\s*[-\u2013]\\s*[0-9]{1,2}:[0-9]{2}\\s*$",
        "examples": ["Mon-Fri 08:00-12:00", "Fri 22:00-06:00"],
    },
)

CAMPAIGNS = ListKey(
    "campaigns",
    PATTERN,
    None,
    "Regular expressions that must match the whole name or the whole id of a campaign.",
    least=1,
)
EXPECTED = ListKey(
    "expected",
    _WINDOW,
    None,
    "Weekly windows in which the campaigns should be dialling, such as `Mon-Fri 08:00-12:00`. A window may "
    "end at 24:00 or pass midnight (`Fri 22:00-06:00` belongs to Friday). All must lie within `permitted`.",
)
PERMITTED = ListKey("permitted", _WINDOW, None, "")
PERMITTED_PRESET = Key(
    "permitted",
    Kind(_preset, {"oneOf": [{"type": "array", "items": _WINDOW.schema}, {"enum": list(PRESETS)}]}),
    None,
    "Weekly windows in which the campaigns may dial, by law or contract; or a preset, the hours of a law: "
    f"{', '.join(f'`{name}`' for name in PRESETS)} (docs/laws.md says what each covers and what not).",
)
HOLIDAYS = Key(
    "holidays",
    Kind(_calendar, {"type": "string", "pattern": "^[A-Z]{2}(-[A-Z0-9]{1,3})?$"}),
    None,
    "Country (`CO`) or region (`ES-MD`) on whose public holidays nothing is expected or permitted. A preset "
    "brings its own; beside it only its country, or a region of it, may stand.",
)
EXCEPT_DATES = ListKey(
    "except_dates",
    Kind(_date, {"type": "string", "format": "date", "examples": ["2026-12-24"]}),
    [],
    "Dates on which nothing is expected; what is permitted does not change.",
)
TOLERANCE = Key(
    "tolerance",
    DURATION,
    DEFAULT_TOLERANCE_SECONDS,
    "How long a campaign may be stopped in its hours, or started without a call, before somebody is told.",
)


def read_schedule(section: Section) -> Schedule:
    """Return one schedule."""
    campaigns = section.read_list(CAMPAIGNS)
    if not campaigns and section.good("campaigns"):
        section.note("campaigns", "a list of at least one regular expression is expected")
    preset, permitted = _permitted(section)
    expected = _windows(section, EXPECTED)
    if expected is not None and permitted is not None and section.good("expected", "permitted"):
        _refuse_outside(section, expected, permitted)
    schedule = Schedule(
        campaigns=campaigns,
        expected=None if expected is None else Week.of(expected),
        permitted=None if permitted is None else Week.of(permitted),
        holidays=_holidays(section, preset),
        except_dates=frozenset(section.read_list(EXCEPT_DATES)),
        tolerance=section.read(TOLERANCE),
        preset=preset.name if preset else "",
    )
    section.finish()
    return schedule


def _permitted(section: Section) -> tuple[Preset | None, tuple[Window, ...] | None]:
    """Return the windows, with the preset that stands for them where one is named."""
    if not section.holds("permitted", str):
        return None, _windows(section, PERMITTED)
    preset = section.read(PERMITTED_PRESET)
    return preset, preset.windows if preset else None


def _windows(section: Section, key: ListKey[Window]) -> tuple[Window, ...] | None:
    """Return a list of windows; None where there is none."""
    if not section.given(key.name):
        return None
    windows = section.read_list(key)
    twice = overlap(windows) if section.good(key.name) else None
    if twice is not None:
        later, before = (windows[index].text for index in twice)
        section.note(key.name, f"{later!r} overlaps {before!r}")
    return windows


def _refuse_outside(section: Section, expected: Iterable[Window], permitted: Iterable[Window]) -> None:
    open_minutes = 0
    for window in permitted:
        open_minutes |= window.minutes()
    for window in expected:
        outside = window.minutes() & ~open_minutes
        if outside:
            since = moment_text(outside)
            section.note("expected", f"{window.text!r} is expected but not permitted from {since} on")
            return


def _holidays(section: Section, preset: Preset | None) -> Calendar | None:
    holidays = section.read(HOLIDAYS)
    if preset is None:
        return holidays
    if holidays is None:
        return preset.calendar
    if not holidays.within(preset.country):
        country = preset.country
        brings = f"{preset.name} {'brings the holidays of' if preset.holidays_count else 'is for'} {country}"
        section.note("holidays", f"{brings}: beside it only {country} or a region of it may stand")
    return holidays
