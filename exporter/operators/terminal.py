"""Tables and progress for a terminal, with rich; loaded only by the operator's commands."""

import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import IO, cast

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from exporter.operators.cells import Cell, Cells, printable
from exporter.operators.translation import column_title

_PAGE_ROWS = 500
_WIDTH_CHARACTERS = 10_000
"""More than any table has: rich would cut one that is wider."""
_WORD_END = re.compile(r" |(?<=_)")
"""Where a title may be broken: `no_answer` is a column's name, which has no blanks."""
_MIN_FIGURE_CHARACTERS = 6
"""Width of every column of figures at least: later pages may have longer ones than the first."""
_MAX_MIN_WIDTH_CHARACTERS = 60


class TableWriter:
    """A table in pages of 500 rows, so that memory does not grow with it; the first page sets the widths.

    Where the first page is wider than the screen, titles of several words get several lines. A page that is
    still wider, and all that follow, have a block of lines for each row instead, one for each column. `width`
    is the screen's in characters, None where lines may have any length.
    """

    def __init__(self, stream: IO[str], columns: Sequence[str], width: int | None = None) -> None:
        self._stream = stream
        self._console = Console(file=stream, width=_WIDTH_CHARACTERS, color_system=None, force_terminal=False)
        self._columns = columns
        self._titles = [column_title(column) for column in columns]
        self._heads = self._titles
        self._width = width or _WIDTH_CHARACTERS
        self._in_blocks = False
        self._widths: dict[str, int] = {}
        self._waiting: list[Cells] = []
        self._pages = 0

    def row(self, cells: Cells) -> None:
        """Take one row."""
        self._waiting.append(cells)
        if len(self._waiting) >= _PAGE_ROWS:
            self._print()

    def finish(self) -> None:
        """Print the rows that are not printed yet."""
        if self._waiting or not self._pages:
            self._print()

    def _print(self) -> None:
        table = self._table()
        if not self._pages and self._is_too_wide(table):
            self._heads = [_WORD_END.sub("\n", title) for title in self._titles]
            self._widths = {}
            table = self._table()
        self._in_blocks = self._in_blocks or self._is_too_wide(table)
        if self._in_blocks and self._waiting:
            self._print_blocks()
        else:
            self._console.print(table)
        self._waiting = []
        self._pages += 1

    def _is_too_wide(self, table: Table) -> bool:
        return self._console.measure(table).maximum > self._width

    def _table(self) -> Table:
        table = Table(box=SIMPLE_HEAD, show_header=not self._pages, pad_edge=False, show_edge=False)
        texts = [[_text(cells.get(column)) for column in self._columns] for cells in self._waiting]
        for index, (column, head) in enumerate(zip(self._columns, self._heads, strict=True)):
            numeric = any(isinstance(cells.get(column), int) for cells in self._waiting)
            longest = max((cell_len(row[index]) for row in texts), default=0)
            least = _MIN_FIGURE_CHARACTERS if numeric else 0
            width = self._widths.setdefault(column, max(longest, *map(cell_len, head.split("\n")), least))
            table.add_column(
                head,
                justify="right" if numeric else "left",
                min_width=min(width, _MAX_MIN_WIDTH_CHARACTERS),
                overflow="fold",
            )
        for row in texts:
            table.add_row(*(Text(text) for text in row))
        return table

    def _print_blocks(self) -> None:
        for cells in self._waiting:
            for column, title in zip(self._columns, self._titles, strict=True):
                self._stream.write(f"{title}: {_text(cells.get(column))}".rstrip() + "\n")
            self._stream.write("\n")


def _text(cell: Cell) -> str:
    return "" if cell is None else printable(str(cell))


class ProgressBar:
    """The progress of one piece of work; `total` is None when it is not known."""

    def __init__(self, progress: Progress, text: str, total: int | None) -> None:
        self._progress = progress
        self._task = progress.add_task(text, total=total)

    def advance(self, steps: int = 1) -> None:
        """Count `steps` as done."""
        self._progress.advance(self._task, steps)


class _Screen:
    """stderr, for which nothing is said any more when the terminal is gone."""

    def write(self, text: str) -> int:
        """Write a text if there is somebody to read it."""
        with suppress(OSError):
            sys.stderr.write(text)
        return len(text)

    def flush(self) -> None:
        """Write what is waiting, on the same condition."""
        with suppress(OSError):
            sys.stderr.flush()

    def __getattr__(self, name: str) -> object:
        return getattr(sys.stderr, name)


@contextmanager
def progress_bar(text: str, total: int | None = None) -> Iterator[ProgressBar]:
    """Yield a progress bar with the remaining time; it is shown on stderr if that is a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(file=cast("IO[str]", _Screen()))
    with Progress(*columns, console=console, transient=True, disable=not sys.stderr.isatty()) as progress:
        yield ProgressBar(progress, text, total)
