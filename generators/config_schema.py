"""Makes docs/config.schema.json, the JSON Schema of config.yaml, of the keys in exporter/config/."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from exporter.apis import APIS, Api
from exporter.config import config_keys, schedule_keys
from exporter.settings.durations import format_duration
from exporter.settings.keys import DURATION, Key, ListKey

Schema = dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class SectionKey:
    """A key with a section, or with a list of `many`; `rules` are what keys must keep among each other."""

    name: str
    description: str
    keys: Sequence["AnyKey"]
    many: bool = False
    least: int = 0
    rules: Mapping[str, object] = field(default_factory=dict)


AnyKey = Key[Any] | ListKey[Any] | SectionKey


def _api_keys(api: Api) -> tuple[Key[Any], ...]:
    keys = config_keys.API_KEYS[api.name]
    return (keys.enabled, keys.interval, keys.max_age, *keys.options)


ROOT = SectionKey(
    "",
    "Everything except `operations` has a default; an operation needs only its server and token.",
    (
        SectionKey(
            "operations",
            "The wolkvox operations (tenants) to watch.",
            (
                config_keys.NAME_KEY,
                config_keys.SERVER,
                config_keys.BASE_URL,
                config_keys.TOKEN_FILE,
                config_keys.TOKEN_ENV,
                config_keys.TOKEN,
                config_keys.LICENCES,
                config_keys.TIMEZONE,
                config_keys.QUOTA_RESERVE,
                config_keys.ABANDONMENT_LIMIT,
                config_keys.PREDICTIVES_LIMIT,
                SectionKey(
                    "apis",
                    "How each API is polled. Intervals under 5m are refused, because the vendor asks for one "
                    "call every 5 minutes; only a loopback `base_url` allows them.",
                    tuple(SectionKey(api.name, api.description, _api_keys(api)) for api in APIS),
                ),
                SectionKey(
                    "campaigns",
                    "Which campaigns are wanted.",
                    (config_keys.INCLUDE, config_keys.EXCLUDE, config_keys.LIMIT),
                ),
                SectionKey(
                    "schedules",
                    "When campaigns should and may dial (docs/schedules.md). The first schedule that matches "
                    "a campaign applies.",
                    (
                        schedule_keys.CAMPAIGNS,
                        schedule_keys.EXPECTED,
                        schedule_keys.PERMITTED_PRESET,
                        schedule_keys.HOLIDAYS,
                        schedule_keys.EXCEPT_DATES,
                        schedule_keys.TOLERANCE,
                    ),
                    many=True,
                    rules={"required": ["campaigns"]},
                ),
            ),
            many=True,
            least=1,
            rules={
                "oneOf": [{"required": ["server"]}, {"required": ["base_url"]}],
                "allOf": [{"oneOf": [{"required": [name]} for name in ("token_file", "token_env", "token")]}],
            },
        ),
        config_keys.MAX_AGE,
        SectionKey(
            "state",
            "Where the last answers, the day's count of calls and the lease of each token are kept.",
            (config_keys.STATE_URL,),
        ),
        SectionKey(
            "writes",
            "What the operator's commands may change in wolkvox. The exporter itself never writes.",
            (config_keys.WRITES_ENABLED, config_keys.WRITES_JOURNALS),
        ),
    ),
    rules={"required": ["operations"]},
)
"""The whole file."""


def schema() -> Schema:
    """Return the schema of the whole file (JSON Schema, draft 2020-12)."""
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Configuration of wolkvox-exporter (config.yaml)",
        "description": ROOT.description,
    }
    return {**head, **_mapping(ROOT)}


def render() -> str:
    """Return the file's text."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _mapping(section: SectionKey) -> Schema:
    return {
        "type": "object",
        "additionalProperties": False,
        **section.rules,
        "properties": {key.name: _described(key) for key in section.keys},
    }


def _described(key: AnyKey) -> Schema:
    found: Schema = {"description": key.description}
    if isinstance(key, SectionKey):
        if not key.many:
            return found | _mapping(key)
        return found | _array(key.least, _mapping(key))
    if isinstance(key, ListKey):
        found |= _array(key.least, key.kind.schema)
        return found if key.default is None else found | {"default": [_written(key, v) for v in key.default]}
    found |= key.kind.schema
    if key.default is not None:
        found["default"] = _written(key, key.default)
    return found | ({"examples": list(key.examples)} if key.examples else {})


def _array(least: int, items: Mapping[str, object]) -> Schema:
    return {"type": "array", **({"minItems": least} if least else {}), "items": dict(items)}


def _written(key: Key[Any] | ListKey[Any], value: object) -> object:
    """Return a value as YAML has it."""
    if key.kind is DURATION and isinstance(value, float):
        return format_duration(value)
    if isinstance(value, re.Pattern):
        return value.pattern
    return value.key if isinstance(value, ZoneInfo) else value


def paths(entry: Mapping[str, Any] | None = None, path: str = "") -> Sequence[tuple[str, Mapping[str, Any]]]:
    """Return every key below an entry of the schema with its path, such as `operations[].server`."""
    entry = schema() if entry is None else entry
    if entry.get("type") == "array":
        return paths(entry["items"], f"{path}[]")
    found: list[tuple[str, Mapping[str, Any]]] = []
    for name, below in entry.get("properties", {}).items():
        place = f"{path}.{name}" if path else name
        found += [(place, below), *paths(below, place)]
    return found
