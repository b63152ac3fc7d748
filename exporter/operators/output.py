"""Where a command's rows go: kept on disk while the call runs, and written out when the answer is complete.

So a slow reader (`| less`) does not prolong a call to wolkvox, a broken answer leaves nothing behind, and
memory does not grow with the rows.
"""

import contextlib
import csv
import errno
import json
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Protocol, Self

from exporter.operators.cells import Cell, Cells, controls, printable
from exporter.operators.formulas import with_apostrophes
from exporter.operators.translation import translated

_MODE = 0o600
_NO_UNNAMED_FILES = {errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL, errno.ENOENT}
"""What systems say of which the kernel or the file system does not know O_TMPFILE (open(2), "BUGS")."""


class OutputError(Exception):
    """Rows cannot be written; the message is for people."""


class StagedOutput:
    """Text that becomes a file of mode 0600, or goes to standard output (None), by `commit` alone.

    Until then it has no name, so that whatever ends the process leaves nothing of it behind.
    """

    def __init__(self, file: Path | None) -> None:
        self._target = file
        if file is not None:
            self._target = file = file.resolve()
            if file.exists() and not file.is_file():
                raise OutputError(translated("{file} is not a regular file", file=file))
        try:
            self._stream: IO[str] = _unnamed_file(None if file is None else file.parent)
        except OSError as error:
            raise OutputError(
                translated("{file}: cannot be created: {reason}", file=_named(file), reason=error.strerror)
            ) from None

    @property
    def stream(self) -> IO[str]:
        """What rows are written to."""
        return self._stream

    @property
    def width(self) -> int | None:
        """The characters of a line of the terminal that the text goes to; None where it goes to none."""
        if self._target is not None or not sys.stdout.isatty():
            return None
        return shutil.get_terminal_size().columns

    def commit(self) -> None:
        """Write it all out. Raises OutputError; BrokenPipeError when the reader has gone."""
        try:
            self._stream.flush()
            if self._target is not None:
                self._become(self._target)
                return
            self._stream.seek(0)
        except OSError as error:
            raise OutputError(f"{_named(self._target)}: {error.strerror}") from None
        shutil.copyfileobj(self._stream, sys.stdout)
        sys.stdout.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self._stream.close()

    def _become(self, target: Path) -> None:
        """Give the text the name of the target, whose earlier content it replaces in one step."""
        file = self._stream.fileno()
        os.fsync(file)
        name = target.with_name(f".{target.name[:200]}.{secrets.token_hex(4)}")
        try:
            try:
                # A folder's descriptor, though the paths are absolute: else Python links the link itself.
                os.link(f"/proc/self/fd/{file}", name, src_dir_fd=file, follow_symlinks=True)
            except OSError:
                self._copy(name)
            name.replace(target)
        except BaseException:
            name.unlink(missing_ok=True)
            raise

    def _copy(self, name: Path) -> None:
        """Write the text to a new file: where unnamed files cannot be given a name."""
        self._stream.seek(0)
        file = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _MODE)
        with os.fdopen(file, "wb") as copy:
            shutil.copyfileobj(self._stream.buffer, copy)  # type: ignore[attr-defined]
            copy.flush()
            os.fsync(copy.fileno())


def _named(file: Path | None) -> str:
    return translated("temporary file") if file is None else str(file)


def _unnamed_file(folder: Path | None) -> IO[str]:
    """Return a new file of mode 0600 without a name, in a folder (None: that of temporary files)."""
    if folder is not None and hasattr(os, "O_TMPFILE"):
        try:
            file = os.open(folder, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, _MODE)
        except OSError as error:
            if error.errno not in _NO_UNNAMED_FILES or not folder.is_dir():
                raise
        else:
            os.fchmod(file, _MODE)
            return os.fdopen(file, "w+", encoding="utf-8", newline="")
    return tempfile.TemporaryFile("w+", encoding="utf-8", newline="", dir=folder)


class RowWriter(Protocol):
    """Writes rows in one format."""

    def row(self, cells: Cells) -> None:
        """Write one row; a column that is missing is empty."""
        ...  # pragma: no cover

    def finish(self) -> None:
        """Write what is still missing at the end."""
        ...  # pragma: no cover


class CsvWriter:
    """CSV (RFC 4180, with Unix line ends): a header, commas, quotes where they are needed.

    Texts are safe to open in a spreadsheet (`formulas`) and to print on a terminal.
    """

    def __init__(self, stream: IO[str], columns: Sequence[str]) -> None:
        self._columns = columns
        self._writer = csv.writer(stream, lineterminator="\n")
        self._writer.writerow(columns)

    def row(self, cells: Cells) -> None:
        """Write one row; None is empty."""
        self._writer.writerow([_csv_cell(cells.get(column)) for column in self._columns])

    def finish(self) -> None:
        """Write nothing more."""


class JsonWriter:
    """One JSON array of objects, or with `lines` one object per line; None is null.

    What would control a terminal is escaped.
    """

    def __init__(self, stream: IO[str], columns: Sequence[str], *, lines: bool = False) -> None:
        self._stream = stream
        self._columns = columns
        self._lines = lines
        self._rows = 0

    def row(self, cells: Cells) -> None:
        """Write one row."""
        text = json.dumps({column: cells.get(column) for column in self._columns}, ensure_ascii=False)
        if not text.isprintable():
            text = "".join(json.dumps(c)[1:-1] if controls(c) else c for c in text)
        if self._lines:
            self._stream.write(f"{text}\n")
        else:
            self._stream.write(f"{',' if self._rows else '['}\n{text}")
        self._rows += 1

    def finish(self) -> None:
        """Close the array."""
        if not self._lines:
            self._stream.write("\n]\n" if self._rows else "[]\n")


def _csv_cell(cell: Cell) -> Cell:
    if not isinstance(cell, str):
        return cell
    # Line breaks of one kind alone: csv quotes no other before Python 3.13.
    text = cell.replace("\r\n", "\n").replace("\r", "\n")
    return with_apostrophes(printable(text, keep="\n\t"))


def row_writer(format_: str, stream: IO[str], columns: Sequence[str], width: int | None = None) -> RowWriter:
    """Return the writer of a format: table, csv, json (an array) or jsonl (one object per line).

    `width` is that of the screen which a table is for, in characters; None where it is not for a screen.
    """
    if format_ == "table":
        from exporter.operators.terminal import TableWriter  # noqa: PLC0415 - only tables pay for rich

        return TableWriter(stream, columns, width)
    writers: Mapping[str, Callable[[], RowWriter]] = {
        "csv": lambda: CsvWriter(stream, columns),
        "json": lambda: JsonWriter(stream, columns),
        "jsonl": lambda: JsonWriter(stream, columns, lines=True),
    }
    return writers[format_]()
