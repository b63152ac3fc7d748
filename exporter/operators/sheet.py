"""Reads a CSV file of customers or telephones, as spreadsheets and people write them, whole or not at all.

Taken as they come: UTF-8 with or without a byte order mark, UTF-16 with one, Windows-1252 (what Excel writes
where nobody chose otherwise); commas, semicolons (Excel in Spanish) or tabs; a first line `sep=;`; empty
lines. Refused, every problem with its line and none with what stands there: the lines are about people.
"""

import csv
import difflib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

LARGEST_FILE = 64 * 2**20
_SHOWN = 20
_LONGEST_VALUE = 1000
_SEPARATORS = ",;\t"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class SheetError(Exception):
    """A file that cannot be used; `problems` are lines for people, each with the place."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(f"{len(problems)} problem(s)")
        more = len(problems) - _SHOWN
        self.problems = (*problems[:_SHOWN], *([f"and {more} problems more"] if more > 0 else []))


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the file: its number, and its values by column, trimmed, "" where a column is missing."""

    line: int
    values: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Columns:
    """What a sheet may have: `key` is needed, filled in and never the same twice; the others are optional."""

    key: str
    optional: tuple[str, ...] = ()


def read_sheet(file: Path, columns: Columns, most: int) -> list[Row]:
    """Return the rows of a file, at most `most`. Raises SheetError with every problem."""
    try:
        with file.open("rb") as stream:
            data = stream.read(LARGEST_FILE + 1)
    except OSError as error:
        raise SheetError([f"{file}: cannot be read: {error.strerror}"]) from None
    if len(data) > LARGEST_FILE:
        raise SheetError([f"{file}: is over {LARGEST_FILE // 2**20} MiB"])
    try:
        return read_rows(data, columns, most)
    except SheetError as error:
        raise SheetError([f"{file}: {problem}" for problem in error.problems]) from None


def read_rows(data: bytes, columns: Columns, most: int) -> list[Row]:
    """Return the rows of a file's content. Raises SheetError with every problem, without the file's name."""
    lines = _lines(_decoded(data))
    head = next(lines, None)
    if head is None:
        raise SheetError(["is empty: a header with the column " + columns.key + " is expected"])
    names = [name.strip().casefold() for name in head[1]]
    problems = list(_header_problems(head[0], names, columns))
    if problems:
        raise SheetError(problems)
    rows: list[Row] = []
    seen: dict[str, int] = {}
    wanted = (columns.key, *columns.optional)
    for number, cells in lines:
        if len(cells) != len(names):
            problems.append(f"line {number}: {len(cells)} columns, where the header has {len(names)}")
            continue
        given = dict(zip(names, cells, strict=True))
        values = {name: given.get(name, "").strip() for name in wanted}
        problem = _value_problem(values, columns.key, seen)
        if problem:
            problems.append(f"line {number}: {problem}")
            continue
        seen[values[columns.key]] = number
        rows.append(Row(number, values))
        if len(rows) > most:
            problems.append(f"line {number}: more than {most} rows, which is the most of one batch")
            break
    if not rows and not problems:
        problems.append("has a header and no rows")
    if problems:
        raise SheetError(problems)
    return rows


def _decoded(data: bytes) -> str:
    if data.startswith(_UTF16):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError:
            raise SheetError(["is neither UTF-8 nor UTF-16 text"]) from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Has a letter for nearly every byte; what has none in it is none of a table either.
        return data.decode("cp1252", "replace")


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Give the lines that are not empty as cells, with their numbers. Raises SheetError."""
    skipped = 0
    first, _, rest = text.partition("\n")
    separator = ""
    if first.strip().casefold().startswith("sep="):
        separator, text, skipped = first.strip()[len("sep=") :], rest, 1
    if len(separator) != 1:
        header = next((line for line in text.splitlines() if line.strip()), "")
        separator = max(_SEPARATORS, key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number = 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error:
            raise SheetError(
                [f"line {number + skipped}: not CSV: a quote is not closed, or closed twice"]
            ) from None
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield number + skipped, cells
        number = reader.line_num + 1


def _header_problems(line: int, names: list[str], columns: Columns) -> Iterator[str]:
    known = (columns.key, *columns.optional)
    if columns.key not in names:
        yield f"line {line}: the column {columns.key} is missing; the first line must name the columns"
    for name in sorted({name for name in names if name and names.count(name) > 1}):
        if name in known:
            yield f"line {line}: the column {name} stands twice"
    for name in names:
        # A customer's other columns are welcome; one that is nearly ours is likely a slip of the pen.
        close = difflib.get_close_matches(name, known, n=1, cutoff=0.85) if name not in known else []
        if close and close[0] not in names:
            yield f"line {line}: unknown column that looks like {close[0]}: is that meant?"


def _value_problem(values: Mapping[str, str], key: str, seen: Mapping[str, int]) -> str:
    """Return what is wrong with a row, or ""."""
    if not values[key]:
        return f"{key} is empty"
    for name, value in values.items():
        if len(value) > _LONGEST_VALUE or not value.isprintable() or "\ufffd" in value:
            return f"{name} is too long, or holds characters that are not text"
    if _is_rounded(values[key]):
        return f"{key} looks like 1.23E+09: the spreadsheet has cut its digits; format the column as text"
    if any(separator in values[key] for separator in _SEPARATORS):
        return f"{key} holds a separator: are columns missing in the header?"
    if values[key] in seen:
        return f"the same {key} as in line {seen[values[key]]}"
    return ""


def _is_rounded(text: str) -> bool:
    digits, exponent, power = text.casefold().partition("e+")
    return bool(exponent) and power.isdecimal() and digits.replace(",", "").replace(".", "").isdecimal()
