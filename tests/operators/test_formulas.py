import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from exporter.operators.formulas import with_apostrophes, without_apostrophes

STARTS = "=+-@＝＋－＠"  # noqa: RUF001 - full-width on purpose
RISKY = st.text(alphabet=f"{STARTS}' ,;|\t\r\n\"5.e", max_size=12) | st.text()


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        ("=HYPERLINK(0)", "'=HYPERLINK(0)"),
        ("+1+1", "'+1+1"),
        ("-1-1", "'-1-1"),
        ("@SUM(1)", "'@SUM(1)"),
        ("＝1", "'＝1"),  # noqa: RUF001 - as above
        ("\t=1", "'\t'=1"),
        ("\n=1", "'\n'=1"),
        ("\r=1", "'\r'=1"),
        (" =1", "' =1"),
        ("x;=1", "x;'=1"),
        ('x"=1', "x\"'=1"),
        ("x,@y|-z", "x,'@y|'-z"),
        ("'=1", "''=1"),
        ("'0012", "''0012"),
        ("-2+3+cmd|' /C calc'!A0", "'-2+3+cmd|' /C calc'!A0"),
        ("+57 300 0000000", "'+57 300 0000000"),
        # Plain numbers and harmless texts stay as they are.
        ("+573000000000", "+573000000000"),
        ("-5", "-5"),
        ("-5,5", "-5,5"),
        ("5550000001", "5550000001"),
        ("a-b=c@d+e", "a-b=c@d+e"),
        ("", ""),
    ],
)
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(text: str, written: str) -> None:
    assert with_apostrophes(text) == written
    assert without_apostrophes(written) == text


@given(RISKY)
@example("'\t'=")
def test_it_is_taken_away_again(text: str) -> None:
    assert without_apostrophes(with_apostrophes(text)) == text


@given(RISKY)
def test_no_cell_begins_as_a_formula_whatever_the_separator(text: str) -> None:
    written = with_apostrophes(text)
    for separator in ',;|\t\n\r"':
        for number, cell in enumerate(written.split(separator)):
            whole = number == 0 and cell == written
            if not (whole and re.fullmatch(r"[+-]?\d+([.,]\d+)?", cell)):
                assert not cell.startswith(tuple(STARTS)), cell
    assert written == text or not written.startswith(("\t", "\r", "\n"))
