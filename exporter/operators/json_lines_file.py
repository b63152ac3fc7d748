"""An append-only file of JSON lines that survives kill -9 and a full disk, for one process at a time.

`append` returns when its line is on the disk. Whatever ends the process, the file then has whole lines and at
most one torn line after them, which is cut off at the next opening: it was never reported as written.
"""

import contextlib
import fcntl
import json
import os
import re
from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import Self, cast

from exporter.operators.translation import translated
from exporter.private_files import make_private_folder, open_private

JsonLine = Mapping[str, object]
"""One line of the file: a JSON object."""

_BUSY = "{path}: another command is using it"
_CANNOT = {
    "opened": "{path} cannot be opened: {reason}",
    "read": "{path} cannot be read: {reason}",
    "written": "{path} cannot be written: {reason}",
    "removed": "{path} cannot be removed: {reason}",
}
_SLUG = re.compile(r"[^A-Za-z0-9_-]+")


class JournalError(Exception):
    """A journal cannot be used; the message is for people, and names no customer."""


class JournalBusyError(JournalError):
    """Another process is using the journal."""


def file_name(kind: str, *parts: str) -> str:
    """Return a readable file name for these parts; other parts never have the same."""
    digest = blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
    readable = "-".join(_SLUG.sub("_", part)[:40] for part in parts)
    return f"{kind}-{readable}-{digest}.jsonl"


class JsonLinesFile:
    """The file at `path`, created if it is missing, and locked until `close`.

    `lines` are the lines it had when it was opened. Raises JournalError.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._file = _open_locked(path)
        except BlockingIOError:
            raise JournalBusyError(translated(_BUSY, path=path)) from None
        except OSError as error:
            raise _failed(path, "opened", error) from None
        try:
            self.lines, self._size = self._read()
        except BaseException:
            os.close(self._file)
            raise

    def append(self, line: JsonLine) -> None:
        """Write a line, and return when it is on the disk. Raises JournalError: then it was not written."""
        data = json.dumps(line, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"
        try:
            left = memoryview(data)
            while left:
                left = left[os.write(self._file, left) :]
            os.fsync(self._file)
        except OSError as error:
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, self._size)
            raise _failed(self.path, "written", error) from None
        self._size += len(data)

    def close(self) -> None:
        """Release the lock. May be called more than once."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _read(self) -> tuple[list[JsonLine], int]:
        try:
            data = _content(self._file)
            whole = data.rfind(b"\n") + 1
            if whole < len(data):
                os.ftruncate(self._file, whole)
                os.fsync(self._file)
        except OSError as error:
            raise _failed(self.path, "read", error) from None
        texts = data[:whole].split(b"\n")[:-1]
        return [self._line(number, text) for number, text in enumerate(texts, 1)], whole

    def _line(self, number: int, text: bytes) -> JsonLine:
        try:
            line = json.loads(text.decode("utf-8", "surrogatepass"))
        except (ValueError, RecursionError):
            line = None
        if not isinstance(line, dict):
            raise JournalError(
                translated(
                    "{path}: line {number} is damaged, so it is not known what was done; "
                    "inspect the file, then remove it with --forget",
                    path=self.path,
                    number=number,
                )
            )
        return cast("JsonLine", line)


def remove_file(path: Path) -> None:
    """Remove a file of lines, whatever is in it, unless a process is using it. Raises JournalError."""
    try:
        file = _open_locked(path)
    except BlockingIOError:
        raise JournalBusyError(translated(_BUSY, path=path)) from None
    except OSError as error:
        raise _failed(path, "opened", error) from None
    try:
        path.unlink()
        _sync_folder(path.parent)
    except OSError as error:
        raise _failed(path, "removed", error) from None
    finally:
        os.close(file)


def _open_locked(path: Path) -> int:
    """Return a descriptor of the locked file. Raises OSError; BlockingIOError when another process has it."""
    make_private_folder(path.parent)
    while True:
        file = open_private(path)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Somebody may have removed the file before it was locked: then the path means another one.
            if _same(file, path):
                _sync_folder(path.parent)
                return file
        except BaseException:
            os.close(file)
            raise
        os.close(file)


def _same(file: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except FileNotFoundError:
        return False


def _sync_folder(folder: Path) -> None:
    """Put the file's name on the disk too."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _content(file: int) -> bytes:
    with open(file, "rb", closefd=False) as stream:
        return stream.read()


def _failed(path: Path, done: str, error: OSError) -> JournalError:
    reason = error.strerror or type(error).__name__
    return JournalError(translated(_CANNOT[done], path=path, reason=reason))
