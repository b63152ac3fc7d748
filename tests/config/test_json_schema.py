"""docs/config.schema.json says what the program reads."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from exporter.config import load_config
from exporter.settings.section import Section

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = json.loads((ROOT / "docs" / "config.schema.json").read_text())
EVERYTHING = """
operations:
  - server: "0042"
    token: invented-token
    schedules: [{campaigns: ["X"]}]
"""


def check(config: object) -> None:
    jsonschema.Draft202012Validator(SCHEMA).validate(config)


def described(entry: dict[str, Any], path: str = "") -> Iterator[tuple[str, set[str]]]:
    """Give the path of each mapping in the schema and its keys."""
    if entry.get("type") == "array":
        yield from described(entry["items"], f"{path}[]")
    elif entry.get("type") == "object":
        assert entry["additionalProperties"] is False, path
        yield path, set(entry["properties"])
        for key, value in entry["properties"].items():
            yield from described(value, f"{path}.{key}" if path else key)


def test_it_names_exactly_the_keys_that_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: dict[str, set[str]] = {}
    finish = Section.finish

    def record(section: Section, _renamed: object = None) -> None:
        read[re.sub(r"\[[0-9]+\]", "[]", section.path)] = set(section._known)
        finish(section)

    monkeypatch.setattr(Section, "finish", record)
    file = tmp_path / "config.yaml"
    file.write_text(EVERYTHING)
    load_config(file)
    assert read == dict(described(SCHEMA))


def test_the_example_fits() -> None:
    check(yaml.safe_load((ROOT / "config.example.yaml").read_text()))


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"server": "42", "token": "x"},
        {"server": "0042", "base_url": "https://wolkvox.example", "token": "x"},
        {"server": "0042"},
        {"server": "0042", "token": "x", "token_env": "Y"},
        {"server": "0042", "token": "x", "licenses": 1},
        {"server": "0042", "token": "x", "licences": 0},
        {"server": "0042", "token": "x", "quota_reserve": 1},
        {"server": "0042", "token": "x", "apis": {"campaigns": {"interval": "5 minutes"}}},
        {"server": "0042", "token": "x", "apis": {"campaigns": {"unreachable_after": 3}}},
        {"server": "0042", "token": "x", "schedules": [{"campaigns": []}]},
        {"server": "0042", "token": "x", "schedules": [{"campaigns": ["X"], "permitted": "ley-9999"}]},
        {"server": "0042", "token": "x", "schedules": [{"campaigns": ["X"], "expected": ["Monday"]}]},
    ],
    ids=str,
)
def test_an_editor_sees_what_the_program_would_refuse(entry: dict[str, Any]) -> None:
    check({"operations": [{"server": "0042", "token": "x"}]})
    with pytest.raises(jsonschema.ValidationError):
        check({"operations": [entry]})
