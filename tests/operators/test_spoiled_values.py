import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.operators.formulas import with_apostrophes
from exporter.operators.spoiled_values import cell_problem, id_problem


def listed(text: str) -> list[str]:
    return text.split()


ERRORS = listed(
    "#N/A #N/D #REF! #¡REF! #VALUE! #¡VALOR! #NAME? #¿NOMBRE? #DIV/0! #¡DIV/0! #NUM! #¡NUM! #NULL! #¡NULO! "
    "#SPILL! #¡DESBORDAMIENTO! #CALC! #GETTING_DATA #OBTENIENDO_DATOS #n/a ##### Err:502"
)
ROUNDED = listed(
    "1.02E+09 1,02e+09 1E+10 1.2E+10 1,2E+10 1.2E10 1,2E10 1.20E+10 1.2e-5 3,00124E+09 +1.2E+10 -1.2E+10"
)
NUMBERS = [
    *listed("123.0 123,0 3001234567.0 1,234 1.234 1.234.567 1,234,567 1'234'567 1.234.567,00 12.5 $1.234"),
    *("1 234 567", "$ 1.234.567", "-123.0"),
]
DATES = [
    *listed("12/03/2024 2024-03-12 2024/3/12 3-12-2024 12.03.2024 12/3/24 12-mar 12-mar-24 12-Mar-2024"),
    *listed("mar-24 Dec-24 01-dic sep-2024 sept-24 3/dic/2024"),
    *("12 ene", "2024-03-12 00:00:00", "2024-03-12T00:00:00", "12/03/2024 0:00"),
]
NOTHING = listed("nan NaN NULL None null <NA> N/A undefined TRUE VERDADERO FALSO")
FOREIGN = [
    "FAKE\u00a01",
    "\u00a0FAKE-1",
    "FAKE-1\u202f",
    "FAKE\u200b-1",
    "\ufeffFAKE-1",
    "FAKE\u00ad1",
    "FAKE\u20131",
    "１２３",  # noqa: RUF001 - full-width on purpose
    "ＦＡＫＥ",  # noqa: RUF001 - as above
    "٣٠٠",
    "²",
    "n\u0303",
    "\u202e1",
    "“1”",
    "FAKE\t1",
    "FAKE\x071",
]


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        (ERRORS, "is an error of the spreadsheet, such as #N/A"),
        (ROUNDED, "looks like 1.23E+09: the spreadsheet has dropped digits; format the column as text"),
        (NUMBERS, "is a number with a decimal or thousands separator; format the column as text"),
        (DATES, "is a date; format the column as text before ids are typed or pasted into it"),
        (NOTHING, "says that there is no value"),
        (['="0012"', "=A1", "=-1"], "is a formula; save the values alone"),
        (["'0012", "'FAKE"], "begins with an apostrophe, by which spreadsheets mark text; remove it"),
    ],
)
def test_what_spreadsheets_make_of_ids(cells: list[str], problem: str) -> None:
    assert {cell: id_problem(cell) for cell in cells} == dict.fromkeys(cells, problem)


@pytest.mark.parametrize("cell", FOREIGN)
def test_characters_that_nobody_sees_or_that_look_like_others(cell: str) -> None:
    assert id_problem(cell).startswith("has a character that looks like another one or is invisible (U+")


@pytest.mark.parametrize(
    "cell",
    [
        *listed(
            "1 0012 3001234567 +573001234567 -5 1234567890123456789 FAKE-00000000083 CC1234567 1E10 12E3"
        ),
        *listed("4E-12 MAR-24 12-MAR ENE-001 300-123-4567 123-45-6789 10.20.30 99-99-2024 2024-13-45-1"),
        *listed("#1234 Ñandú José 12:30 A,B N-A nana E10 CL_7 x=1 '=x '+1-1 ''0012 a.b@c.example"),
        *("FAKE 1", "300 123 4567", "12 de 20"),
    ],
)
def test_ids_that_are_unusual_but_not_spoiled(cell: str) -> None:
    assert id_problem(cell) == ""


def test_other_columns_may_hold_numbers_and_dates_but_no_errors() -> None:
    for cell in (*NUMBERS, *DATES, *NOTHING, "n\u0303", "“hola”", "hola, ¿qué tal?"):
        assert cell_problem(cell) == ""
    for cell in (*ERRORS, "=A1", "'01"):
        assert cell_problem(cell) != ""


@given(st.from_regex(r"[A-Za-z0-9_-]{1,20}", fullmatch=True))
def test_plain_ids_pass_unless_they_look_like_a_word_of_programs_or_a_date(cell: str) -> None:
    problem = id_problem(cell)
    if problem:
        assert any(word in problem for word in ("no value", "date"))


@given(st.text(alphabet="=+-@'A1 ", min_size=1).map(str.strip).filter(bool))
def test_ids_that_this_program_has_written_are_no_formulas(value: str) -> None:
    assert "formula" not in id_problem(with_apostrophes(value))
    assert "apostrophe" not in id_problem(with_apostrophes(value))
