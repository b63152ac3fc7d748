"""Logging: logfmt or JSON on stderr, one line per event, never with a token."""

import io
import json
import logging
import os
import re
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

LEVELS = ("debug", "info", "warn", "error")
"""As all programs of Prometheus write them."""
_NAMES: Mapping[str, str] = {"WARNING": "warn", "CRITICAL": "error"}
"""Those that Python names otherwise."""
FORMATS = ("logfmt", "json")

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_MIN_SECRET_CHARACTERS = 4
_PRIORITIES: Mapping[str, int] = {"debug": 7, "info": 6, "warn": 4, "error": 3}
"""Of syslog, for the journal (sd-daemon(3))."""
_UNMARKED = re.compile(r"^(?=[^\n])(?!<[0-7]>)", re.MULTILINE)


class _JournalStream(io.TextIOWrapper):
    """The standard error of a service whose lines go to systemd's journal.

    A line without a priority, which is no line of the log, gets that of an error: what is wrong with the
    configuration, and tracebacks.
    """

    _within_line = False

    def write(self, text: str) -> int:
        """Write a text, of which the lines may come in pieces."""
        rest = text
        begun = newline = ""
        if self._within_line:
            begun, newline, rest = text.partition("\n")
        if text:
            self._within_line = not text.endswith("\n")
        super().write(begun + newline + _UNMARKED.sub(f"<{_PRIORITIES['error']}>", rest))
        return len(text)


def set_priorities() -> None:
    """Set priorities on stderr, which is replaced, if it is the journal: `journalctl -p` finds errors."""
    if _is_journal():
        sys.stderr = _JournalStream(
            sys.stderr.buffer, encoding="utf-8", errors="backslashreplace", line_buffering=True
        )


def _is_journal() -> bool:
    """Return whether systemd has connected stderr to the journal, by device and inode (systemd.exec(5))."""
    try:
        file = os.fstat(sys.stderr.fileno())
    except OSError:
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{file.st_dev}:{file.st_ino}"


class _Formatter(logging.Formatter):
    """Puts the time, the level, the message and the fields of `extra` on one line, with secrets masked.

    With `priorities` the journal's priority stands before it.
    """

    def __init__(self, format_: str, secrets: Iterable[str], *, priorities: bool = False) -> None:
        super().__init__()
        self._format = format_
        self._priorities = priorities
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
        level = _NAMES.get(record.levelname, record.levelname.lower())
        event: dict[str, Any] = {
            "ts": at.replace("+00:00", "Z"),
            "level": level,
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
        priority = f"<{_PRIORITIES.get(level, 6)}>" if self._priorities else ""
        return priority + line.encode("utf-8", "replace").decode()


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
    priorities = isinstance(sys.stderr, _JournalStream)
    handler.setFormatter(_Formatter(format_, secrets, priorities=priorities))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel("WARNING" if level == "warn" else level.upper())
    logging.getLogger("asyncio").setLevel(logging.WARNING)
    # Even their warnings contain the URL of a request, and so a telephone that is looked for.
    for name in ("urllib3", "requests"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def hide(secrets: Iterable[str]) -> None:
    """Mask more secrets in the log that was set up."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler.formatter, _Formatter):
            handler.formatter.hide(secrets)
