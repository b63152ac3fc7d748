"""Logging: logfmt or JSON on stderr, one line per event, never with a token."""

import json
import logging
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

LEVELS = ("debug", "info", "warning", "error")
FORMATS = ("logfmt", "json")

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_MIN_SECRET_CHARACTERS = 4


class _Formatter(logging.Formatter):
    """Puts the time, the level, the message and the fields of `extra` on one line, with secrets masked."""

    def __init__(self, format_: str, secrets: Iterable[str]) -> None:
        super().__init__()
        self._format = format_
        self._secrets: tuple[str, ...] = ()
        self.hide(secrets)

    def hide(self, secrets: Iterable[str]) -> None:
        """Mask these secrets too."""
        # A secret of one or two letters would mask half of every line.
        long = [secret for secret in secrets if len(secret) >= _MIN_SECRET_CHARACTERS]
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
        if self._format == "json":
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
    """Return a text as it is written between quotes, in both formats."""
    return json.dumps(text, ensure_ascii=False)[1:-1]


def set_up(level: str, format_: str, secrets: Iterable[str] = ()) -> None:
    """Send all logging from `level` up to stderr, as "logfmt" or "json", without the given secrets."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Formatter(format_, secrets))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    logging.getLogger("asyncio").setLevel(logging.WARNING)
    # Even their warnings contain the URL of a request, and so a telephone that is looked for.
    for name in ("urllib3", "requests"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def hide(secrets: Iterable[str]) -> None:
    """Mask more secrets in the log that was set up."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler.formatter, _Formatter):
            handler.formatter.hide(secrets)
