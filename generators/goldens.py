"""Makes the recorded answers of tests/golden/recorded and the expositions that come of both recordings.

A field that a column reads and no recorded row has yet is added to the rows of its API: as the column's
example, as nothing and as what nobody can read. What is there stays as it is.
"""

import json
from itertools import cycle
from pathlib import Path
from typing import Any

from exporter.apis import APIS, Api
from golden.recording import ACCEPT, ask, polled

FOLDER = Path(__file__).resolve().parents[1] / "tests" / "golden"
RECORDINGS = ("vendor", "recorded")
_UNREADABLE = "?"


def answer_of(api: Api) -> Path:
    """Return the file with the recorded answer of an API."""
    return FOLDER / "recorded" / f"{Path(api.path).stem}_{api.vendor_name}.json"


def recorded(api: Api) -> str:
    """Return the text of an API's recorded answer, with the fields that it lacks, one row a line."""
    file = answer_of(api)
    document: dict[str, Any] = json.loads(file.read_text()) if file.exists() else _new(api)
    rows = document["data"]
    missing = [name for name in api.example if not any(name in row for row in rows if isinstance(row, dict))]
    for name in missing:
        texts = cycle((api.example[name], "", _UNREADABLE))
        for row in rows:
            if isinstance(row, dict):
                row[name] = next(texts)
    if not missing and file.exists():
        return file.read_text()
    head = json.dumps({key: value for key, value in document.items() if key != "data"})
    lines = ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows)
    return f'{head[:-1]}, "data": [\n{lines}\n]}}\n'


def _new(api: Api) -> dict[str, Any]:
    return {"code": "200", "error": None, "msg": "1 records were found", "data": [dict(api.identity)]}


def expositions() -> dict[Path, str]:
    """Return the text of each exposition by its file."""
    made = {}
    for name in RECORDINGS:
        with polled(FOLDER / name) as service:
            for form, accept in ACCEPT.items():
                made[FOLDER / f"{name}.{form}"] = ask(service, accept).content.decode()
    return made


def answers() -> dict[Path, str]:
    """Return the text of each recorded answer by its file."""
    return {answer_of(api): recorded(api) for api in APIS}
