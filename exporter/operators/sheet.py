"""Reads a CSV file of customers or telephones, as spreadsheets and people write them: whole or not at all.

Accepted: UTF-8 with or without a byte order mark, UTF-16 with one, Windows-1252 (what Excel writes by
default); commas, semicolons (Excel in Spanish) or tabs; a first line `sep=;`; empty lines. Every problem is
reported with its line, but not with the content: the lines are about people.
"""

import csv
import difflib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

MAX_FILE_BYTES = 64 * 2**20
_MAX_SHOWN_PROBLEMS = 20
_MAX_VALUE_CHARACTERS = 1000
_SEPARATORS = ",;\t"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class SheetError(Exception):
    """A file that cannot be used; `problems` are lines for people, each with its place."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(f"{len(problems)} problem(s)")
        more = len(problems) - _MAX_SHOWN_PROBLEMS
        self.problems = (
            *problems[:_MAX_SHOWN_PROBLEMS],
            *([f"and {more} more problems"] if more > 0 else []),
        )


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One line of the file: its number, and its values by column, trimmed, "" for a missing column."""

    line: int
    values: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class SheetColumns:
    """The columns of a sheet: `key` is required, filled in and unique; the others are optional."""

    key: str
    optional: tuple[str, ...] = ()


def read_sheet(file: Path, columns: SheetColumns, max_rows: int) -> list[SheetRow]:
    """Return the rows of a file, at most `max_rows`. Raises SheetError with every problem."""
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise SheetError([f"{file}: cannot be read: {error.strerror}"]) from None
    if len(data) > MAX_FILE_BYTES:
        raise SheetError([f"{file}: is larger than {MAX_FILE_BYTES // 2**20} MiB"])
    try:
        return read_rows(data, columns, max_rows)
    except SheetError as error:
        raise SheetError([f"{file}: {problem}" for problem in error.problems]) from None


def read_rows(data: bytes, columns: SheetColumns, max_rows: int) -> list[SheetRow]:
    """Return the rows of a file's content. Raises SheetError with every problem, without the file's name."""
    lines = _lines(_decoded(data))
    head = next(lines, None)
    if head is None:
        raise SheetError([f"is empty; a header with the column {columns.key} is expected"])
    names = [name.strip().casefold() for name in head[1]]
    problems = list(_header_problems(head[0], names, columns))
    if problems:
        raise SheetError(problems)
    rows: list[SheetRow] = []
    seen: dict[str, int] = {}
    wanted = (columns.key, *columns.optional)
    for number, cells in lines:
        if len(cells) != len(names):
            problems.append(f"line {number}: {len(cells)} columns, but the header has {len(names)}")
            continue
        given = dict(zip(names, cells, strict=True))
        values = {name: given.get(name, "").strip() for name in wanted}
        problem = _value_problem(values, columns.key, seen)
        if problem:
            problems.append(f"line {number}: {problem}")
            continue
        seen[values[columns.key]] = number
        rows.append(SheetRow(number, values))
        if len(rows) > max_rows:
            problems.append(f"line {number}: more than {max_rows} rows, the maximum of one batch")
            break
    if not rows and not problems:
        problems.append("has a header but no rows")
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
        # An undecodable byte becomes U+FFFD, and its row is refused below.
        return data.decode("cp1252", "replace")


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the lines that are not empty as cells, with their numbers. Raises SheetError."""
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
            raise SheetError([f"line {number + skipped}: not valid CSV: unbalanced quotes"]) from None
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield number + skipped, cells
        number = reader.line_num + 1


def _header_problems(line: int, names: list[str], columns: SheetColumns) -> Iterator[str]:
    known = (columns.key, *columns.optional)
    if columns.key not in names:
        yield f"line {line}: the column {columns.key} is missing; the first line must name the columns"
    for name in sorted({name for name in names if name and names.count(name) > 1}):
        if name in known:
            yield f"line {line}: duplicate column {name!r}"
    for name in names:
        # Other columns are welcome; one that is nearly ours is likely a typing mistake.
        close = difflib.get_close_matches(name, known, n=1, cutoff=0.85) if name not in known else []
        if close and close[0] not in names:
            yield f"line {line}: unknown column {name!r} (did you mean {close[0]}?)"


def _value_problem(values: Mapping[str, str], key: str, seen: Mapping[str, int]) -> str:
    """Return what is wrong with a row, or ""."""
    if not values[key]:
        return f"{key} is empty"
    for name, value in values.items():
        if len(value) > _MAX_VALUE_CHARACTERS or not value.isprintable() or "\ufffd" in value:
            return f"{name} is too long or has unprintable characters"
    if _is_rounded(values[key]):
        return f"{key} looks like 1.23E+09: the spreadsheet has dropped digits; format the column as text"
    if any(separator in values[key] for separator in _SEPARATORS):
        return f"{key} contains a separator; is a column missing in the header?"
    if values[key] in seen:
        return f"the same {key} as in line {seen[values[key]]}"
    return ""


def _is_rounded(text: str) -> bool:
    digits, exponent, power = text.casefold().partition("e+")
    return bool(exponent) and power.isdecimal() and digits.replace(",", "").replace(".", "").isdecimal()
