"""Reads a CSV file of customers or telephones, as spreadsheets and people write them: whole or not at all.

Accepted: UTF-8 and UTF-16, with or without a byte order mark, and Windows-1252 (what Excel writes by
default); commas, semicolons (Excel in Spanish) or tabs; any line ends; a first line `sep=;`; empty lines, and
empty columns at the end. What can be read in two ways is refused. Every problem is reported with its line and
column, but not with the content: the lines are about people.
"""

import codecs
import csv
import difflib
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from exporter.operators.cells import controls, printable
from exporter.operators.formulas import without_apostrophes
from exporter.operators.spoiled_values import cell_problem, id_problem
from exporter.operators.translation import translated

MAX_FILE_BYTES = 64 * 2**20
_MAX_SHOWN_PROBLEMS = 20
_MAX_PROBLEMS = 10_000
_MAX_SHOWN_LINES = 10
_MAX_VALUE_CHARACTERS = 1000
_SEPARATORS = ",;\t"
_HINT = re.compile(r"sep=(.*?)[\r\n]*", re.IGNORECASE)
_NOT_TEXT = "is neither UTF-8 nor UTF-16 text"


class SheetError(Exception):
    """A file that cannot be used; `problems` are lines for people, each with its place."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(f"{len(problems)} problem(s)")
        self.all_problems = problems

    @property
    def problems(self) -> Sequence[str]:
        """The first twenty problems, and how many more there are."""
        more = len(self.all_problems) - _MAX_SHOWN_PROBLEMS
        return (
            *self.all_problems[:_MAX_SHOWN_PROBLEMS],
            *([translated("and {count} more problems", count=more)] if more > 0 else []),
        )


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One line of the file: its number, and its values by column, trimmed, "" for a missing column."""

    line: int
    values: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a file says: which column is the key, and the rows, each key once.

    `repeated` are the lines that say the same as an earlier one.
    """

    key: str
    rows: Sequence[SheetRow] = field(repr=False)
    repeated: Sequence[int] = ()

    @property
    def note(self) -> str:
        """What to tell the person about the lines that are repeated, or ""."""
        if not self.repeated:
            return ""
        return translated(
            "lines that say the same as an earlier one, counted once: {lines}",
            lines=shown_lines(self.repeated),
        )


@dataclass(frozen=True, slots=True)
class SheetColumns:
    """The columns of a sheet: one of `keys` is required and filled in; the others are optional.

    `defaults` are the optional columns with the value that an empty cell stands for.
    """

    keys: tuple[str, ...]
    defaults: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """All of them."""
        return (*self.keys, *self.defaults)

    @property
    def keys_text(self) -> str:
        """The keys as alternatives, for people."""
        return translated(" or ").join(self.keys)


def _at(line: int, problem: str) -> str:
    return translated("line {line}: {problem}", line=line, problem=problem)


def shown_lines(lines: Sequence[int]) -> str:
    """Return the numbers of lines for people, the first ten of them."""
    more = " ..." if len(lines) > _MAX_SHOWN_LINES else ""
    return ", ".join(map(str, lines[:_MAX_SHOWN_LINES])) + more


def read_sheet(file: Path, columns: SheetColumns, max_rows: int) -> Sheet:
    """Return what a file says, in at most `max_rows` rows. Raises SheetError with every problem."""
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        problem = translated("{file}: cannot be read: {reason}", file=file, reason=error.strerror)
        raise SheetError([problem]) from None
    if len(data) > MAX_FILE_BYTES:
        size = MAX_FILE_BYTES // 2**20
        raise SheetError([translated("{file}: is larger than {size} MiB", file=file, size=size)])
    try:
        return read_rows(data, columns, max_rows)
    except SheetError as error:
        raise SheetError([f"{file}: {problem}" for problem in error.all_problems]) from None


def read_rows(data: bytes, columns: SheetColumns, max_rows: int) -> Sheet:
    """Return what a file's content says. Raises SheetError with every problem, without the file's name."""
    text, separator, first = _without_hint(_decoded(data))
    separator = separator or _separator(text, columns)
    records = _records(text, separator, first)
    line, header = next(records, (0, []))
    if not header:
        expected = columns.keys_text
        raise SheetError(
            [translated("is empty; a header with the column {columns} is expected", columns=expected)]
        )
    names = _names(header)
    if problems := [_at(line, problem) for problem in _header_problems(names, columns)]:
        raise SheetError(problems)
    reader = _RowReader(names, separator, columns)
    try:
        for number, cells in records:
            if problem := reader.add(number, cells):
                problems.append(_at(number, problem))
                if len(problems) >= _MAX_PROBLEMS:
                    break
            elif len(reader.rows) > max_rows:
                most = translated("more than {count} rows, the maximum of one batch", count=max_rows)
                problems.append(_at(number, most))
                break
    except SheetError as error:
        problems += error.all_problems
    if not reader.rows and not problems:
        problems.append(translated("has a header but no rows"))
    if problems:
        raise SheetError(problems)
    return Sheet(reader.key, list(reader.rows.values()), reader.repeated)


class _RowReader:
    """Turns records into rows, by key, and notes the lines that repeat one."""

    def __init__(self, names: Sequence[str], separator: str, columns: SheetColumns) -> None:
        self._names = names
        self._separator = separator
        self._defaults = columns.defaults
        self.key = next(key for key in columns.keys if key in names)
        self.rows: dict[str, SheetRow] = {}
        self.repeated: list[int] = []

    def add(self, line: int, cells: Sequence[str]) -> str:
        """Return what is wrong with a record, or "" when it is taken."""
        while len(cells) > len(self._names) and not cells[-1].strip():
            cells = cells[:-1]
        if len(cells) != len(self._names):
            return translated(
                "{count} columns, but the header has {expected}", count=len(cells), expected=len(self._names)
            )
        given = dict(zip(self._names, cells, strict=True))
        # A non-breaking blank is part of an id until somebody has looked at it.
        given[self.key] = given[self.key].strip(" \t\r\n")
        values = {}
        for name in (self.key, *self._defaults):
            cell = given.get(name, "")
            cell = cell if name == self.key else cell.strip()
            if problem := self._problem(name, cell):
                return f"{name} {problem}"
            values[name] = without_apostrophes(cell).strip() or self._defaults.get(name, "")
        if any(map(self._may_hold_rows, cells)):
            return translated(
                "a text in quotes goes on over lines that look like rows; is a quotation mark missing?"
            )
        return self._take(SheetRow(line, values))

    def _problem(self, name: str, cell: str) -> str:
        if name == self.key and not cell:
            return translated("is empty")
        if len(cell) > _MAX_VALUE_CHARACTERS or "\ufffd" in printable(cell):
            return translated("is too long or has unprintable characters")
        if name != self.key:
            return cell_problem(cell)
        if problem := id_problem(cell):
            return problem
        if any(separator in cell for separator in _SEPARATORS):
            return translated("contains a separator; is a column missing in the header?")
        return ""

    def _may_hold_rows(self, cell: str) -> bool:
        """Return whether a line inside a cell has as many separators as a row: a missing quote hides rows."""
        least = max(len(self._names) - 1, 1)
        return any(line.count(self._separator) >= least for line in cell.splitlines()[1:])

    def _take(self, row: SheetRow) -> str:
        before = self.rows.setdefault(row.values[self.key], row)
        if before is row:
            return ""
        other = [name for name, value in row.values.items() if value != before.values[name]]
        if other:
            return translated(
                "the same {key} as in line {line}, but another {columns}",
                key=self.key,
                line=before.line,
                columns=translated(" and ").join(other),
            )
        self.repeated.append(row.line)
        return ""


def _decoded(data: bytes) -> str:
    """Return the text of a file. Raises SheetError."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif b"\0" in data[:2]:
        # Every letter of a header has a zero byte in UTF-16, and none in an encoding of single bytes.
        encoding = "utf-16-be" if data.startswith(b"\0") else "utf-16-le"
    else:
        encoding = "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        if encoding != "utf-8-sig":
            raise SheetError([translated(_NOT_TEXT)]) from None
        return _decoded_windows(data)
    if "\0" in text:
        raise SheetError([translated(_NOT_TEXT)])
    return text


def _decoded_windows(data: bytes) -> str:
    """Return the text of a file that is not UTF-8. Raises SheetError if it may not be Windows-1252 either."""
    utf8: list[int] = []
    others: list[int] = []
    for number, line in enumerate(data.splitlines(), 1):
        if not line.isascii():
            (utf8 if _is_utf8(line) else others).append(number)
    if utf8:
        mixed = translated(
            "is not UTF-8, but line {line} is; save the file as CSV UTF-8 from one program", line=utf8[0]
        )
        raise SheetError([_at(others[0], mixed)])
    if b"\n" not in data and any(0x80 <= byte < 0xA0 for byte in data):  # noqa: PLR2004 - see below
        # Where Windows-1252 has quotes and dashes, the encoding of old Macs has the Spanish letters.
        old = translated("may be of an old Mac; save the file as CSV UTF-8")
        raise SheetError([_at(others[0], old)])
    # An undecodable byte becomes U+FFFD, and its row is refused.
    return data.decode("cp1252", "replace")


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _without_hint(text: str) -> tuple[str, str, int]:
    """Return the text without a first line `sep=;`, that separator or "", and the number of the next line.

    The line is Excel's own. Raises SheetError.
    """
    first = io.StringIO(text, newline="").readline()
    hint = _HINT.fullmatch(first)
    if hint is None:
        return text, "", 1
    separator = hint[1].strip(" ")
    if separator not in tuple(_SEPARATORS):
        raise SheetError([_at(1, translated("the separator is none of comma, semicolon and tab"))])
    return text[len(first) :], separator, 2


def _separator(text: str, columns: SheetColumns) -> str:
    """Return the separator with which the header has a key. Raises SheetError when there are two such."""
    headers = {separator: _names(_header(text, separator)) for separator in _SEPARATORS}
    fitting = [s for s, names in headers.items() if not {*columns.keys}.isdisjoint(names)]
    if len({tuple(headers[separator]) for separator in fitting}) > 1:
        raise SheetError([_at(1, translated("it is not clear which separator the columns have"))])
    # Without a key the header is refused in any case.
    return fitting[0] if fitting else max(_SEPARATORS, key=lambda separator: len(headers[separator]))


def _header(text: str, separator: str) -> Sequence[str]:
    try:
        return next(_records(text, separator, 1), (0, []))[1]
    except SheetError:  # quotes that do not fit another separator
        return []


def _records(text: str, separator: str, first: int) -> Iterator[tuple[int, list[str]]]:
    """Yield the records that are not empty as cells, with their first line's number. Raises SheetError."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number = first
    while True:
        try:
            cells = next(reader, None)
        except csv.Error:
            problem = _at(number, translated("not valid CSV: unbalanced quotes"))
            raise SheetError([problem]) from None
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield number, cells
        number = first + reader.line_num


def _names(header: Sequence[str]) -> Sequence[str]:
    """Return the names of columns, as we write them, without those at the end that have none."""
    visible = ("".join(c for c in cell if c.isspace() or not controls(c)) for cell in header)
    names = [re.sub(r"[\s_-]+", "_", cell.strip().casefold()) for cell in visible]
    while names and not names[-1]:
        names.pop()
    return names


def _header_problems(names: Sequence[str], columns: SheetColumns) -> Iterator[str]:
    keys = [key for key in columns.keys if key in names]
    if not keys:
        yield translated(
            "the column {columns} is missing; the first line must name the columns", columns=columns.keys_text
        )
    if len(keys) > 1:
        yield translated(
            "has the columns {columns}; keep one of them", columns=translated(" and ").join(keys)
        )
    for name in sorted({name for name in names if name and names.count(name) > 1}):
        if name in columns.names:
            yield translated("duplicate column {name!r}", name=name)
    for name in names:
        if name in columns.names:
            continue
        if any(part in columns.names for s in _SEPARATORS for part in _names(name.split(s))):
            yield translated("the columns have more than one separator")
        # Other columns are welcome; one that is nearly ours is likely a typing mistake.
        close = difflib.get_close_matches(name, columns.names, n=1, cutoff=0.85)
        if close and close[0] not in names:
            yield translated("unknown column {name!r} (did you mean {close}?)", name=name, close=close[0])
