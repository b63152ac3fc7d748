"""Makes docs/configuration.md, the table of every key of config.yaml."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from exporter.apis import APIS
from exporter.settings.keys import DURATION
from generators.config_schema import paths
from generators.metric_reference import table

_API_KEY = re.compile(r"^operations\[\]\.apis\.(?P<api>\w+)(?:\.(?P<key>\w+))?$")
_SHARED = ("enabled", "interval", "max_age")
"""The keys that all APIs have."""

HEAD = """\
# Configuration

Made by `make generate`; do not edit. [config.schema.json](config.schema.json) has the same for editors.

The file is YAML, `config.yaml` unless `--config.file` names another one. This is a complete file:

```yaml
operations:
  - server: "0042"
    token_file: /run/secrets/wolkvox
```

[config.example.yaml](../config.example.yaml) shows every key. `wolkvox-exporter check-config` reports every
problem at once, each with its path, and [how many calls per day](operations.md#calls-per-day) the file makes.
It uses no network. With `--no-secrets`, for a CI, token files, their variables, certificates and keys need
not be there; what is there is checked. Whether wolkvox agrees with the file is what [`doctor`](first-hour.md)
finds out.

Editors with a YAML language server know the keys if the file begins with such a line, with the path of the
schema on your machine:

```yaml
# yaml-language-server: $schema=docs/config.schema.json
operations:
  - {server: "0042", token_env: WOLKVOX_TOKEN}
```

The exporter refuses unknown keys, wrong types, bad regular expressions, unknown time zones and unreadable
secrets. It does not expand `${VAR}`: secrets come from `token_file` and `token_env`. Durations are written as
in Prometheus: `90s`, `5m`, `1h30m`.

"""


def render() -> str:
    """Return the page."""
    entries = dict(paths())
    return "\n".join([f"{HEAD}## Keys\n", *_keys(entries), "\n## APIs\n", *_apis(entries), ""])


def _keys(entries: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Yield the table of keys; those that all APIs have stand there once."""
    rows = []
    for path, entry in entries.items():
        shown, default = path, _default(entry)
        if match := _API_KEY.match(path):
            if match["key"] is None or (match["key"] in _SHARED and match["api"] != APIS[0].name):
                continue
            if match["key"] in _SHARED:
                shown = f"operations[].apis.API.{match['key']}"
                default = "[below](#apis)" if default else ""
        meaning = re.sub(r"\bdocs/(\w+\.md)", r"[\1](\1)", entry["description"])
        rows.append((f"`{shown}`", _kind(entry), default, meaning))
    yield from table(("key", "kind", "default", "meaning"), rows)


def _apis(entries: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Yield the table of APIs, with what they do unless configured otherwise."""
    rows = (
        (
            f"`{api.name}`",
            api.description,
            *(_default(entries[f"operations[].apis.{api.name}.{key}"]) for key in ("enabled", "interval")),
        )
        for api in APIS
    )
    yield from table(("API", "what it is", "`enabled`", "`interval`"), rows)


def _kind(entry: Mapping[str, Any]) -> str:
    if "oneOf" in entry and "type" not in entry:
        return "windows or a preset"
    if entry["type"] == "array":
        return "list of mappings" if entry["items"]["type"] == "object" else "list of texts"
    if entry.get("pattern") == DURATION.schema["pattern"]:
        return "duration"
    names = {"object": "mapping", "string": "text", "integer": "whole number", "boolean": "true or false"}
    return names.get(entry["type"], str(entry["type"]))


def _default(entry: Mapping[str, Any]) -> str:
    """Return the default, as YAML writes it in one line."""
    return f"`{json.dumps(entry['default'])}`" if "default" in entry else ""
