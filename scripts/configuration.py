"""Prints docs/configuration.md, made from docs/config.schema.json; `make docs` writes it."""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SCHEMA = json.loads((ROOT / "docs" / "config.schema.json").read_text())

HEAD = """\
# Configuration

Made by `make docs` from [config.schema.json](config.schema.json); do not edit.

The file is YAML, `config.yaml` unless `--config.file` names another one. This is complete:

```yaml
operations:
  - server: "0042"
    token_file: /run/secrets/wolkvox
```

[config.example.yaml](../config.example.yaml) shows every key. `wolkvox-exporter check-config` tells every
problem at once, each with its path, without any network, and the calls a day that the configuration costs.

Editors that speak the YAML language server know the keys when the file begins with this line (with the
place of the schema on your machine):

```yaml
# yaml-language-server: $schema=docs/config.schema.json
operations:
  - {server: "0042", token_env: WOLKVOX_TOKEN}
```

Unknown keys, wrong types, bad regular expressions, unknown zones and unreadable secrets are refused.
`${VAR}` is not expanded: secrets come from `token_file` and `token_env`. Durations are those of Prometheus:
`90s`, `5m`, `1h30m`.

"""


def resolved(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an entry with what it refers to; its own words count before those."""
    if "$ref" not in entry:
        return entry
    definition = SCHEMA["$defs"][entry["$ref"].rpartition("/")[2]]
    return {**definition, **{key: value for key, value in entry.items() if key != "$ref"}}


def rows(entry: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """Give a row for each key below an entry."""
    entry = resolved(entry)
    if entry.get("type") == "array" and path:
        yield from rows(entry["items"], f"{path}[]")
        return
    for key, raw in entry.get("properties", {}).items():
        found = resolved(raw)
        place = f"{path}.{key}" if path else key
        yield f"| `{place}` | {kind(found)} | {default(found)} | {found['description']} |"
        yield from rows(found, place)


def kind(entry: Mapping[str, Any]) -> str:
    """Return what kind of value is expected."""
    if "oneOf" in entry:
        return "windows or a preset"
    if entry["type"] == "array":
        item = resolved(entry["items"])
        return "list of mappings" if item["type"] == "object" else "list of texts"
    if entry.get("pattern", "").startswith("^([0-9]+y)?"):
        return "duration"
    names = {"object": "mapping", "string": "text", "integer": "whole number", "boolean": "true or false"}
    return names.get(entry["type"], entry["type"])


def default(entry: Mapping[str, Any]) -> str:
    """Return the default, as YAML writes it in one line."""
    return f"`{json.dumps(entry['default'])}`" if "default" in entry else ""


def render() -> str:
    """Return the page."""
    table = "\n".join(["| key | kind | default | meaning |\n|---|---|---|---|", *rows(SCHEMA)])
    return f"{HEAD}{table}\n"


if __name__ == "__main__":
    sys.stdout.write(render())
