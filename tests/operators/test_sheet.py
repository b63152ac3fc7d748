import codecs
import io
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from exporter.operators.output import row_writer
from exporter.operators.sheet import SheetColumns, SheetError, read_rows, read_sheet
from exporter.operators.spoiled_values import id_problem

COLUMNS = SheetColumns(("customer_id",), {"cod_act": "", "comment": ""})


def rows(data: bytes, most: int = 10_000) -> list[tuple[int, str, str, str]]:
    found = read_rows(data, COLUMNS, most)
    assert found.repeated == []
    return [(row.line, *row.values.values()) for row in found.rows]  # type: ignore[misc]


def problems(data: bytes, most: int = 10_000) -> list[str]:
    with pytest.raises(SheetError) as caught:
        read_rows(data, COLUMNS, most)
    assert "FAKE" not in "".join(caught.value.problems)
    return list(caught.value.problems)


@pytest.mark.parametrize(
    "data",
    [
        b"customer_id,cod_act\nFAKE-1,X\nFAKE-2,Y\n",
        b"customer_id,cod_act\r\nFAKE-1,X\r\nFAKE-2,Y",
        b"customer_id;cod_act\r\nFAKE-1;X\r\nFAKE-2;Y\r\n",
        b"customer_id\tcod_act\nFAKE-1\tX\nFAKE-2\tY\n",
        b"\xef\xbb\xbfcustomer_id;cod_act\nFAKE-1;X\nFAKE-2;Y\n",
        "customer_id,cod_act\nFAKE-1,X\nFAKE-2,Y\n".encode("utf-16"),
        b' Customer_ID , COD_ACT \n"FAKE-1",X\n FAKE-2 ,"Y"\n',
        b'"customer_id","cod_act"\n"FAKE-1","X"\n"FAKE-2","Y"\n',
        b"nombre,cod_act,customer_id\nz,X,FAKE-1\nz,Y,FAKE-2\n",
    ],
)
def test_files_as_programs_write_them(data: bytes) -> None:
    assert rows(data) == [(2, "FAKE-1", "X", ""), (3, "FAKE-2", "Y", "")]


def test_the_hint_of_excel_and_empty_lines_keep_the_numbers_of_the_lines() -> None:
    data = b"sep=;\r\n\r\ncustomer_id;comment\r\n\r\nFAKE-1;a\r\n;\r\n  ;  \r\nFAKE-2;b\r\n\r\n"
    assert rows(data) == [(5, "FAKE-1", "", "a"), (8, "FAKE-2", "", "b")]


LINE_ENDS = ["\n", "\r\n", "\r"]
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
# What a column that is not read may hold, quoted where it must be; of Windows-1252 what is Spanish.
ANYTHING = st.text(alphabet="aéíóúüñ ,;\t\"'=.\n1", max_size=8)
IDS = st.from_regex(r"[A-Z]{2}-[0-9]{1,12}|[0-9]{1,12}|Ñ[a-z]{3}", fullmatch=True).filter(
    lambda cell: not id_problem(cell)
)


class Style(NamedTuple):
    """How a program writes CSV."""

    encoding: str
    separator: str
    line_end: str
    hint: bool
    quote_all: bool
    empty: int
    """Empty columns and rows at the end."""

    def file(self, table: Sequence[Sequence[str]]) -> bytes:
        rows = [*table, *[[""] * len(table[0])] * self.empty]
        lines = [self.separator.join(map(self._cell, [*row, *[""] * self.empty])) for row in rows]
        first = [f"sep={self.separator}"] if self.hint else []
        return "".join(line + self.line_end for line in [*first, *lines]).encode(self.encoding)

    def _cell(self, text: str) -> str:
        plain = not self.quote_all and not any(c in f'{self.separator}"\r\n' for c in text)
        return text if plain else '"{}"'.format(text.replace('"', '""'))


STYLES = st.builds(
    Style,
    st.sampled_from(ENCODINGS),
    st.sampled_from(",;\t"),
    st.sampled_from(LINE_ENDS),
    st.booleans(),
    st.booleans(),
    st.integers(0, 2),
)


@settings(max_examples=300)
@given(
    st.lists(
        st.tuples(IDS, st.sampled_from(["", "SÍ", "12"]), ANYTHING), min_size=1, unique_by=lambda r: r[0]
    ),
    STYLES,
)
def test_a_table_reads_back_however_it_was_written(table: list[tuple[str, str, str]], style: Style) -> None:
    # A line inside a cell with as many separators as a row is taken for a row without its quotation mark.
    assume(all(line.count(style.separator) < 2 for row in table for line in row[2].splitlines()[1:]))
    data = style.file([["Customer ID", " COD_ACT ", "año"], *table])
    sheet = read_rows(data, COLUMNS, 10_000)
    assert [tuple(row.values.values())[:2] for row in sheet.rows] == [row[:2] for row in table]


@given(
    st.lists(IDS, min_size=1, unique=True),
    st.sampled_from(
        ["1.2E+10", "3,0E+09", "#N/A", "#¡REF!", '="0012"', "'0012", "12/03/2024", "1.234.567", ""]
    ),
    STYLES,
    st.data(),
)
def test_a_damaged_id_is_refused_by_its_line(
    ids: list[str], damaged: str, style: Style, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(ids)))
    cells = [*ids[:place], damaged, *ids[place:]]
    (problem,) = problems(style.file([["año", "customer_id"], *(["x", cell] for cell in cells)]))
    assert problem.startswith(f"line {place + 2 + style.hint}: customer_id ")


def test_csv_of_this_program_reads_back() -> None:
    ids = ["=1+1", "'0012", "@x", "+573001234567", "-5", "a;=b", "0012", "Ñandú-1"]
    stream = io.StringIO(newline="")
    writer = row_writer("csv", stream, ("customer_id", "comment"))
    for one in ids:
        if ";" not in one:
            writer.row({"customer_id": one, "comment": f"{one}, ;={one}"})
    assert rows(stream.getvalue().encode()) == [
        (number, one, "", f"{one}, ;={one}") for number, one in enumerate((i for i in ids if ";" not in i), 2)
    ]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16"])
def test_utf_16_that_is_cut_off_is_refused(encoding: str) -> None:
    data = "customer_id\nFAKE-1\n".encode(encoding)
    assert problems(data[:-1]) == ["is neither UTF-8 nor UTF-16 text"]
    assert problems("customer_id\nX\0".encode(encoding)) == ["is neither UTF-8 nor UTF-16 text"]


def test_text_of_two_encodings_is_refused() -> None:
    utf8, windows = "FAKE-1;ñandú\n".encode(), "FAKE-2;ñandú\n".encode("cp1252")
    told = "line 3: is not UTF-8, but line 2 is; save the file as CSV UTF-8 from one program"
    assert problems(b"customer_id;comment\n" + utf8 + windows) == [told]
    (problem,) = problems(codecs.BOM_UTF8 + b"customer_id;comment\n" + windows)
    assert problem.startswith("line 2: is not UTF-8, but line 1 is")


def test_text_of_an_old_mac_is_not_taken_for_windows() -> None:
    text = "customer_id;comment\rFAKE-1;Muñoz\r"
    assert problems(text.encode("mac-roman")) == ["line 2: may be of an old Mac; save the file as CSV UTF-8"]
    assert rows(text.encode("cp1252")) == [(2, "FAKE-1", "", "Muñoz")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("customer_id;cod_act,comment\n1;X,a\n", "line 1: the columns have more than one separator"),
        ("cod_act,customer_id;comment\n1,2;a\n", "line 1: the column customer_id is missing"),
        ("sep=|\ncustomer_id\n1\n", "line 1: the separator is none of comma, semicolon and tab"),
        ("sep=\ncustomer_id\n1\n", "line 1: the separator is none of comma, semicolon and tab"),
        ("sep=;\ncustomer_id,cod_act\n1,2\n", "line 2: the column customer_id is missing"),
        (
            'customer_id;nombre\nF1;"a\nF2;b"\n',
            "line 2: a text in quotes goes on over lines that look like rows",
        ),
        ("customer_id;Customer ID\n1;2\n", "line 1: duplicate column 'customer_id'"),
        ("customer_id;cod_act\nF1;X;;Y\n", "line 2: 4 columns, but the header has 2"),
        ("customer_id;cod_act\nF1;#N/A\n", "line 2: cod_act is an error of the spreadsheet"),
        ("customer_id;comment\nF1;=A1\n", "line 2: comment is a formula"),
        ("customer_id\nF\u200b1\n", "line 2: customer_id is too long or has unprintable characters"),
        ("customer_id\nF\u00a01\n", "line 2: customer_id has a character that looks like another one"),
    ],
)
def test_what_can_be_read_in_two_ways_is_refused(text: str, expected: str) -> None:
    assert problems(text.encode())[0].startswith(expected)


def test_two_keys_are_one_too_many() -> None:
    columns = SheetColumns(("customer_id", "phone", "telephone"))
    with pytest.raises(SheetError) as caught:
        read_rows(b"telephone,customer_id\n1,2\n", columns, 10)
    assert caught.value.problems == ("line 1: has the columns customer_id and telephone; keep one of them",)
    with pytest.raises(SheetError) as caught:
        read_rows(b"phone,x;telephone\n1,2;3\n", columns, 10)
    assert caught.value.problems == ("line 1: it is not clear which separator the columns have",)
    assert read_rows(b"Tel\xe9fono;Phone\nx;1\n", columns, 10).key == "phone"


def test_lines_that_say_the_same_count_once() -> None:
    columns = SheetColumns(("customer_id",), {"cod_act": "X", "comment": ""})
    data = "customer_id;cod_act;nombre\nF1;X;a\nF2;Y;b\nF1;;c\n F2 ;Y;d\nF3;;e\n"
    sheet = read_rows(data.encode(), columns, 3)
    assert [(row.line, row.values["cod_act"]) for row in sheet.rows] == [(2, "X"), (3, "Y"), (6, "X")]
    assert sheet.repeated == [4, 5]
    assert sheet.note == "lines that say the same as an earlier one, counted once: 4, 5"


def test_at_most_ten_lines_are_named() -> None:
    sheet = read_rows(b"customer_id\n" + b"F1\n" * 20, COLUMNS, 1)
    assert sheet.note.endswith("once: 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 ...")


def test_problems_before_an_unbalanced_quote_are_told_too(tmp_path: Path) -> None:
    data = b'customer_id;nombre\n#N/A;a\nF1;b\n1.2E+10;c\nF2;"d\n'
    assert [problem[:6] for problem in problems(data)] == ["line 2", "line 4", "line 5"]
    (tmp_path / "bad.csv").write_bytes(b"customer_id\n" + b"#N/A\n" * 30)
    with pytest.raises(SheetError) as caught:
        read_sheet(tmp_path / "bad.csv", COLUMNS, 10)
    assert (len(caught.value.problems), caught.value.problems[-1]) == (21, "and 10 more problems")


def test_values_of_several_lines_are_refused_by_their_first_line() -> None:
    data = b'customer_id,comment\nFAKE-1,"a\nb"\nFAKE-2,c\n'
    assert problems(data) == ["line 2: comment is too long or has unprintable characters"]


def test_spanish_letters_of_excel() -> None:
    data = "customer_id;comment\nFAKE-1;número inválido, ñandú\n"
    assert rows(data.encode("cp1252")) == rows(data.encode()) == [(2, "FAKE-1", "", "número inválido, ñandú")]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "is empty; a header with the column customer_id is expected"),
        (b"\n \n", "is empty; a header with the column customer_id is expected"),
        (b"customer_id,cod_act\n", "has a header but no rows"),
        (
            b"FAKE-1\nFAKE-2\n",
            "line 1: the column customer_id is missing; the first line must name the columns",
        ),
        (b"customer_id,customer_id\n1,2\n", "line 1: duplicate column 'customer_id'"),
        (
            b"customer_id,cod_act2,coment\n1,2,3\n",
            "line 1: unknown column 'coment' (did you mean comment?)",
        ),
        (b"customer_id,cod_act\nFAKE-1\n", "line 2: 1 columns, but the header has 2"),
        (b"customer_id,cod_act\nFAKE-1,X,Y\n", "line 2: 3 columns, but the header has 2"),
        (b"customer_id,cod_act\n,X\n", "line 2: customer_id is empty"),
        (
            b"customer_id,cod_act\nFAKE-1,X\nFAKE-2,X\nFAKE-1,Y\n",
            "line 4: the same customer_id as in line 2, but another cod_act",
        ),
        (
            b"customer_id,cod_act,comment\nFAKE-1,X,a\n FAKE-1 ,,b\n",
            "line 3: the same customer_id as in line 2, but another cod_act and comment",
        ),
        (
            b"customer_id\nFAKE\x01\n",
            "line 2: customer_id is too long or has unprintable characters",
        ),
        (
            b"customer_id\n" + b"9" * 1001,
            "line 2: customer_id is too long or has unprintable characters",
        ),
        (b'customer_id\n"FAKE-1\n', "line 2: not valid CSV: unbalanced quotes"),
        (b'customer_id\nFAKE-1\n"a"b\n', "line 3: not valid CSV: unbalanced quotes"),
        (
            b"customer_id\nFAKE-1;X\n",
            "line 2: customer_id contains a separator; is a column missing in the header?",
        ),
        (b"\xff\xfea", "is neither UTF-8 nor UTF-16 text"),
    ],
)
def test_what_is_refused_names_the_line_and_not_the_customer(data: bytes, expected: str) -> None:
    assert expected in problems(data)


@pytest.mark.parametrize("rounded", ["1.02E+09", "1,02e+09", "1E+10"])
def test_digits_that_a_spreadsheet_has_cut_are_refused(rounded: str) -> None:
    (problem,) = problems(f"customer_id;cod_act\n{rounded};X\n".encode())
    assert problem.startswith("line 2: customer_id looks like 1.23E+09")


def test_all_problems_are_told_at_once_up_to_twenty() -> None:
    told = problems(b"customer_id\n" + b"a,b\n" * 30)
    assert told[0] == "line 2: 2 columns, but the header has 1"
    assert told[-1] == "and 10 more problems"
    assert len(told) == 21


def test_a_batch_has_a_limit() -> None:
    data = b"customer_id\n" + b"".join(b"FAKE-%d\n" % number for number in range(10_001))
    assert problems(data) == ["line 10002: more than 10000 rows, the maximum of one batch"]
    assert len(rows(data[: data.rindex(b"FAKE")])) == 10_000


def test_files_are_named(tmp_path: Path) -> None:
    for name, problem in [("none.csv", "cannot be read: No such file or directory"), ("", "cannot be read")]:
        with pytest.raises(SheetError) as caught:
            read_sheet(tmp_path / name, COLUMNS, 10)
        assert caught.value.problems[0].startswith(f"{tmp_path / name}: {problem}")
    (tmp_path / "good.csv").write_text("customer_id\nFAKE-1\n")
    assert [row.line for row in read_sheet(tmp_path / "good.csv", COLUMNS, 10).rows] == [2]


def test_a_file_without_end_is_refused() -> None:
    with pytest.raises(SheetError) as caught:
        read_sheet(Path("/dev/zero"), COLUMNS, 10)
    assert tuple(caught.value.problems) == ("/dev/zero: is larger than 64 MiB",)


def test_a_row_keeps_its_values_out_of_its_repr() -> None:
    sheet = read_rows(b"customer_id\nFAKE-1\n", COLUMNS, 10)
    assert "FAKE" not in repr(sheet) + repr(sheet.rows)


@given(
    st.binary(max_size=200)
    | st.text(max_size=200).map(lambda t: ("customer_id,cod_act\n" + t).encode("utf-8", "replace"))
)
def test_anything_is_rows_or_problems(data: bytes) -> None:
    try:
        found = read_rows(data, COLUMNS, 5)
    except SheetError:
        return
    else:
        ids = [row.values["customer_id"] for row in found.rows]
        assert len(set(ids)) == len(ids) <= 5
        assert all(one.strip() == one != "" for one in ids)
