"""Makes docs/configuration.md, the table of every key of config.yaml."""

import json
from collections.abc import Mapping
from typing import Any

from exporter.settings.keys import DURATION
from generators.config_schema import paths

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
problem at once, each with its path, and how many calls per day the configuration makes. It uses no network.
With `--no-secrets`, for a CI, token files, their variables, certificates and keys need not be there; what is
there is checked. Whether wolkvox agrees with the file is what [`doctor`](first-hour.md) finds out.

Editors with a YAML language server know the keys if the file begins with this line (with the path of the
schema on your machine):

```yaml
# yaml-language-server: $schema=docs/config.schema.json
operations:
  - {server: "0042", token_env: WOLKVOX_TOKEN}
```

The exporter refuses unknown keys, wrong types, bad regular expressions, unknown time zones and unreadable
secrets. It does not expand `${VAR}`: secrets come from `token_file` and `token_env`. Durations are written as
in Prometheus: `90s`, `5m`, `1h30m`.

[Hours that the law permits](laws.md) says what each preset of `permitted` is, on what it rests, and what it
does not cover.

"""


def render() -> str:
    """Return the page."""
    rows = (
        f"| `{path}` | {_kind(entry)} | {_default(entry)} | {entry['description']} |"
        for path, entry in paths()
    )
    table = "\n".join(["| key | kind | default | meaning |\n|---|---|---|---|", *rows])
    return f"{HEAD}{table}\n"


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
