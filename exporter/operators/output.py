"""Where a command's rows go: kept on disk while the call runs, and written out when the answer is complete.

So a slow reader (`| less`) does not prolong a call to wolkvox, a broken answer leaves nothing behind, and
memory does not grow with the rows.
"""

import contextlib
import csv
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Protocol, Self

from exporter.operators.cells import Cells


class OutputError(Exception):
    """Rows cannot be written; the message is for people."""


class StagedOutput:
    """Text that becomes a file of mode 0600, or goes to standard output (None), by `commit` alone."""

    def __init__(self, file: Path | None) -> None:
        self._target = file
        if file is not None:
            self._target = file = file.resolve()
            if file.exists() and not file.is_file():
                raise OutputError(f"{file} is not a regular file")
        try:
            # Mode 0600 and, without a target, without a name.
            self._stream: IO[str] = (
                tempfile.TemporaryFile("w+", encoding="utf-8", newline="")  # noqa: SIM115 - closed in __exit__
                if file is None
                else tempfile.NamedTemporaryFile(  # noqa: SIM115 - as above
                    "w+", encoding="utf-8", newline="", dir=file.parent, prefix=f".{file.name}.", delete=False
                )
            )
        except OSError as error:
            raise OutputError(f"{file or 'temporary file'}: cannot be created: {error.strerror}") from None
        self._name = None if file is None else Path(self._stream.name)

    @property
    def stream(self) -> IO[str]:
        """What rows are written to."""
        return self._stream

    def commit(self) -> None:
        """Write it all out. Raises OutputError; BrokenPipeError when the reader has gone."""
        try:
            self._stream.flush()
            if self._name is not None and self._target is not None:
                os.fsync(self._stream.fileno())
                self._name.replace(self._target)
                self._name = None
                return
            self._stream.seek(0)
        except OSError as error:
            raise OutputError(f"{self._target or 'temporary file'}: {error.strerror}") from None
        shutil.copyfileobj(self._stream, sys.stdout)
        sys.stdout.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self._stream.close()
        if self._name is not None:
            self._name.unlink(missing_ok=True)


class RowWriter(Protocol):
    """Writes rows in one format."""

    def row(self, cells: Cells) -> None:
        """Write one row; a column that is missing is empty."""
        ...  # pragma: no cover

    def finish(self) -> None:
        """Write what is still missing at the end."""
        ...  # pragma: no cover


class CsvWriter:
    """CSV (RFC 4180, with Unix line ends): a header, commas, quotes where they are needed."""

    def __init__(self, stream: IO[str], columns: Sequence[str]) -> None:
        self._columns = columns
        self._writer = csv.writer(stream, lineterminator="\n")
        self._writer.writerow(columns)

    def row(self, cells: Cells) -> None:
        """Write one row; None is empty."""
        self._writer.writerow([cells.get(column) for column in self._columns])

    def finish(self) -> None:
        """Write nothing more."""


class JsonWriter:
    """One JSON array of objects, or with `lines` one object per line; None is null."""

    def __init__(self, stream: IO[str], columns: Sequence[str], *, lines: bool = False) -> None:
        self._stream = stream
        self._columns = columns
        self._lines = lines
        self._rows = 0

    def row(self, cells: Cells) -> None:
        """Write one row."""
        text = json.dumps({column: cells.get(column) for column in self._columns}, ensure_ascii=False)
        if self._lines:
            self._stream.write(f"{text}\n")
        else:
            self._stream.write(f"{',' if self._rows else '['}\n{text}")
        self._rows += 1

    def finish(self) -> None:
        """Close the array."""
        if not self._lines:
            self._stream.write("\n]\n" if self._rows else "[]\n")


def row_writer(format_: str, stream: IO[str], columns: Sequence[str]) -> RowWriter:
    """Return the writer of a format: table, csv, json (an array) or jsonl (one object per line)."""
    if format_ == "table":
        from exporter.operators.terminal import TableWriter  # noqa: PLC0415 - only tables pay for rich

        return TableWriter(stream, columns)
    writers: Mapping[str, Callable[[], RowWriter]] = {
        "csv": lambda: CsvWriter(stream, columns),
        "json": lambda: JsonWriter(stream, columns),
        "jsonl": lambda: JsonWriter(stream, columns, lines=True),
    }
    return writers[format_]()
