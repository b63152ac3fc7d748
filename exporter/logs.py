"""Logging: logfmt or JSON on stderr, one line an event, tokens never."""

import json
import logging
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

LEVELS = ("debug", "info", "warning", "error")
FORMATS = ("logfmt", "json")

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_SHORTEST_SECRET = 4


class _Formatter(logging.Formatter):
    """Puts the time, the level, the message and the fields of `extra` on one line, secrets blotted out."""

    def __init__(self, form: str, secrets: Iterable[str]) -> None:
        super().__init__()
        self._form = form
        self._secrets: tuple[str, ...] = ()
        self.hide(secrets)

    def hide(self, secrets: Iterable[str]) -> None:
        """Blot out these secrets too."""
        # A secret of one or two letters would blot out half of every line.
        long = [secret for secret in secrets if len(secret) >= _SHORTEST_SECRET]
        shown = {*self._secrets, *long, *map(_escaped, long)}
        # The longest first: a shorter one may be a part of it.
        self._secrets = tuple(sorted(shown, key=len, reverse=True))

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        event: dict[str, Any] = {
            "ts": at.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "msg": record.getMessage(),
            **{key: value for key, value in vars(record).items() if key not in _STANDARD},
        }
        if record.exc_info:
            event["traceback"] = self.formatException(record.exc_info)
        if self._form == "json":
            line = json.dumps(event, default=str, ensure_ascii=False)
        else:
            line = " ".join(f"{key}={_logfmt(value)}" for key, value in event.items())
        for secret in self._secrets:
            line = line.replace(secret, "***")
        return line.encode("utf-8", "replace").decode()


def _logfmt(value: object) -> str:
    text = str(value)
    if text and text.isprintable() and not any(c in ' ="' for c in text):
        return text
    return json.dumps(text, ensure_ascii=False)


def _escaped(text: str) -> str:
    """Return a text as it stands between quotes, in both formats."""
    return json.dumps(text, ensure_ascii=False)[1:-1]


def set_up(level: str, form: str, secrets: Iterable[str] = ()) -> None:
    """Send all logging to stderr from `level` up, as "logfmt" or "json", without the given secrets."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Formatter(form, secrets))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    logging.getLogger("asyncio").setLevel(logging.WARNING)
    # Also a warning of theirs holds the URL of a request, and so a telephone that is looked for.
    for name in ("urllib3", "requests"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def hide(secrets: Iterable[str]) -> None:
    """Keep more secrets out of the log that was set up."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler.formatter, _Formatter):
            handler.formatter.hide(secrets)
