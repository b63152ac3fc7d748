"""Tables and progress for a terminal, with rich; loaded only by the operator's commands."""

import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from exporter.operators.cells import Cells

_PAGE = 500
_ENDLESS = 10_000
_FIGURE = 6
"""Digits that every column of figures has room for: later pages may have longer ones than the first."""


class TableWriter:
    """A table in pages of 500 rows, so that memory does not grow with it; the first page sets the widths."""

    def __init__(self, stream: IO[str], columns: Sequence[str]) -> None:
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else _ENDLESS
        self._console = Console(file=stream, width=width, color_system=None, force_terminal=False)
        self._columns = columns
        self._widths: dict[str, int] = {}
        self._waiting: list[Cells] = []
        self._pages = 0

    def row(self, cells: Cells) -> None:
        """Take one row."""
        self._waiting.append(cells)
        if len(self._waiting) >= _PAGE:
            self._print()

    def finish(self) -> None:
        """Print the rows that wait."""
        if self._waiting or not self._pages:
            self._print()

    def _print(self) -> None:
        table = Table(box=SIMPLE_HEAD, show_header=not self._pages, pad_edge=False, show_edge=False)
        texts = [[_plain(cells.get(column)) for column in self._columns] for cells in self._waiting]
        for place, column in enumerate(self._columns):
            numeric = any(isinstance(cells.get(column), int) for cells in self._waiting)
            longest = max((len(row[place]) for row in texts), default=0)
            least = _FIGURE if numeric else 0
            width = self._widths.setdefault(column, max(longest, len(column), least))
            table.add_column(
                column, justify="right" if numeric else "left", min_width=min(width, 60), overflow="fold"
            )
        for row in texts:
            table.add_row(*(Text(text) for text in row))
        self._console.print(table)
        self._waiting = []
        self._pages += 1


def _plain(cell: str | int | None) -> str:
    """Return a cell without what would command the terminal."""
    text = "" if cell is None else str(cell)
    return "".join(c if c.isprintable() else "\ufffd" for c in text)


class Meter:
    """The progress of one piece of work; `total` None while nobody knows how much it is."""

    def __init__(self, progress: Progress, text: str, total: int | None) -> None:
        self._progress = progress
        self._task = progress.add_task(text, total=total)

    def advance(self, steps: int = 1) -> None:
        """Go forward."""
        self._progress.advance(self._task, steps)


@contextmanager
def meter(text: str, total: int | None = None) -> Iterator[Meter]:
    """Show progress and the time that is left on stderr, when that is a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not sys.stderr.isatty()) as progress:
        yield Meter(progress, text, total)
