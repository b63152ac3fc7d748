"""What becomes of a call (CONTRACT section 4, "Failure, age, absence"): its cause, or its rows."""

from collections.abc import Sequence
from dataclasses import dataclass

NOT_JSON = object()
ALWAYS_ONE_ROW = {"token_info", "services"}


@dataclass(frozen=True)
class Reply:
    """What the vendor, or somebody in between, makes of a call; `seconds` after it began.

    `fault` is "timeout", "connection" or "tls" where no whole answer came. `document` is the JSON of the
    body, NOT_JSON where it is none, and `size` its length in bytes.
    """

    fault: str = ""
    status: int = 200
    document: object = NOT_JSON
    size: int = 0


def judged(api: str, reply: Reply) -> tuple[str, Sequence[object]]:  # noqa: PLR0911 - a table
    """Return why a call failed, "" where it worked, and its rows (table "Failure, age, absence")."""
    if reply.fault:
        return reply.fault, ()
    if 300 <= reply.status < 400:
        return "redirect", ()
    document = reply.document
    refusal = _refusal(document)
    if reply.status != 200:
        if refusal:
            return refusal, ()
        vendors = isinstance(document, dict) and {"code", "error", "msg"} <= set(document)
        if vendors and reply.status == 403:
            return "forbidden", ()
        if vendors and reply.status == 404 and api not in ALWAYS_ONE_ROW:
            return "", ()
        return "http_status", ()
    if document is NOT_JSON:
        return "decode", ()
    rows = document.get("data") if isinstance(document, dict) else document
    if isinstance(rows, dict) and rows:
        rows = list(rows.values()) if all(isinstance(one, dict) for one in rows.values()) else [rows]
    if not isinstance(rows, list) or (api in ALWAYS_ONE_ROW and not rows):
        return refusal or "shape", ()
    return "", rows


def _refusal(document: object) -> str:
    said = str(document.get("msg", "")).lower() if isinstance(document, dict) else ""
    words = {
        "simultaneous": "concurrency",
        "token limit exceeded": "quota",
        "validate token": "auth",
        "enter the wolkvox-token": "auth",
        "maintenance": "forbidden",
    }
    return next((cause for word, cause in words.items() if word in said), "")
