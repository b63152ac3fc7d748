from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.operators.sheet import SheetColumns, SheetError, read_rows, read_sheet

COLUMNS = SheetColumns("customer_id", ("cod_act", "comment"))


def rows(data: bytes, most: int = 10_000) -> list[tuple[int, str, str, str]]:
    found = read_rows(data, COLUMNS, most)
    return [(row.line, *row.values.values()) for row in found]  # type: ignore[misc]


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
        (b"customer_id\nFAKE-1\nFAKE-2\nFAKE-1\n", "line 4: the same customer_id as in line 2"),
        (b"customer_id\nFAKE-1\n FAKE-1 \n", "line 3: the same customer_id as in line 2"),
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
    assert [row.line for row in read_sheet(tmp_path / "good.csv", COLUMNS, 10)] == [2]


def test_a_file_without_end_is_refused() -> None:
    with pytest.raises(SheetError) as caught:
        read_sheet(Path("/dev/zero"), COLUMNS, 10)
    assert caught.value.problems == ("/dev/zero: is larger than 64 MiB",)


def test_a_row_keeps_its_values_out_of_its_repr() -> None:
    (row,) = read_rows(b"customer_id\nFAKE-1\n", COLUMNS, 10)
    assert "FAKE" not in repr(row)


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
        ids = [row.values["customer_id"] for row in found]
        assert len(set(ids)) == len(ids) <= 5
        assert all(one.strip() == one != "" for one in ids)
