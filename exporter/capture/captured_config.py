"""The operations of a capture: as a mapping that config.yaml may have, and back."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from exporter.apis import BY_NAME
from exporter.capture.model import Capture
from exporter.config import ApiSettings, Config, Operation, read_config
from exporter.schedules import DEFAULT_TOLERANCE_SECONDS, PRESETS, Schedule
from exporter.settings.durations import format_duration

_DEFAULT_MAX_AGE_INTERVALS: Final = 3
_SHOWN_AS = Path("capture")


def config_mapping(operations: Iterable[Operation]) -> Mapping[str, object]:
    """Return what config.yaml may say of operations, as JSON values: without tokens, and without defaults."""
    return {"operations": [operation_entry(one) for one in operations]}


def config_of(capture: Capture) -> Config:
    """Return the configuration of a capture, with tokens that are none; raises ConfigError."""
    raw: dict[object, object] = dict(capture.config.items())
    entries = raw.get("operations")
    if isinstance(entries, list):
        raw["operations"] = [
            {**entry, "token": f"replayed-{number}"} if isinstance(entry, Mapping) else entry
            for number, entry in enumerate(entries, 1)
        ]
    return read_config(raw, _SHOWN_AS)


def operation_entry(one: Operation) -> dict[str, Any]:
    """Return what config.yaml may say of one operation."""
    entry: dict[str, Any] = {
        "name": one.name,
        "base_url": one.base_url,
        "timezone": one.timezone.key,
        "licences": one.licences,
        "quota_reserve": one.quota_reserve,
        "abandonment_limit": one.abandonment_limit,
        "predictives_limit": one.predictives_limit,
        "apis": {name: said for name, of in one.apis.items() if (said := _api(name, of))},
        "campaigns": {
            "include": [pattern.pattern for pattern in one.campaigns.include],
            "exclude": [pattern.pattern for pattern in one.campaigns.exclude],
            "limit": one.campaigns.limit,
        },
        "schedules": [_schedule(schedule) for schedule in one.schedules],
    }
    return {key: value for key, value in entry.items() if value is not None and value != []}


def _api(name: str, of: ApiSettings) -> Mapping[str, object]:
    """Return what differs from the defaults of an API."""
    api = BY_NAME[name]
    said: dict[str, object] = {}
    if of.enabled != api.enabled:
        said["enabled"] = of.enabled
    if of.interval != api.interval:
        said["interval"] = format_duration(of.interval)
    if of.max_age != of.interval * _DEFAULT_MAX_AGE_INTERVALS:
        said["max_age"] = format_duration(of.max_age)
    return said | {one.name: of.options[one.name] for one in api.options if one.of(of.options) != one.default}


def _schedule(schedule: Schedule) -> Mapping[str, object]:
    entry: dict[str, object] = {"campaigns": [pattern.pattern for pattern in schedule.campaigns]}
    if schedule.expected is not None:
        entry["expected"] = list(schedule.expected.texts())
    if schedule.preset:
        entry["permitted"] = schedule.preset
    elif schedule.permitted is not None:
        entry["permitted"] = list(schedule.permitted.texts())
    of_preset = PRESETS[schedule.preset].calendar if schedule.preset else None
    if schedule.holidays is not None and schedule.holidays != of_preset:
        entry["holidays"] = schedule.holidays.code
    if schedule.except_dates:
        entry["except_dates"] = [day.isoformat() for day in sorted(schedule.except_dates)]
    if schedule.tolerance != DEFAULT_TOLERANCE_SECONDS:
        entry["tolerance"] = format_duration(schedule.tolerance)
    return entry
