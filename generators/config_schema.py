"""Makes docs/config.schema.json, the JSON Schema of config.yaml, of the keys in exporter/config/."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from exporter.config.config_keys import ROOT
from exporter.settings.durations import format_duration
from exporter.settings.keys import DURATION, AnyKey, Key, ListKey, SectionKey

Schema = dict[str, Any]


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
