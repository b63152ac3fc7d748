"""How values look that a spreadsheet has spoiled, so that they name another customer or none. Pure.

The answers say what is wrong without the value, which may be about a person.
"""

import re
import unicodedata

from exporter.operators.formulas import without_apostrophes
from exporter.operators.translation import translated

_ERROR = re.compile(
    r"#(?:[¡¿]?\w+(?:/0)?[!?]|N/[AD]|GETTING_DATA|OBTENIENDO_DATOS|ESPERA_DE_DATOS|#*)|Err:[0-9]{3}",
    re.IGNORECASE,
)
"""Error values of Excel in English and Spanish and of LibreOffice; #### is a number in a narrow column."""

_ROUNDED = re.compile(r"[+-]?[0-9]+(?:(?:[.,][0-9]+)?e\+|[.,][0-9]+e-?)[0-9]+", re.IGNORECASE)
_GROUPED = re.compile(r"[$€]? ?[+-]?(?:[0-9]+[.,][0-9]+|[0-9]{1,3}(?:[.,' ][0-9]{3})+(?:[.,][0-9]+)?)")

_DAY = "(?:0?[1-9]|[12][0-9]|3[01])"
_YEAR = "(?:19|20)[0-9]{2}"
# As spreadsheets write them. In capitals it is rather an id, such as MAR-24.
_MONTH = (
    "(?:[Ee]ne|[Jj]an|[Ff]eb|[Mm]ar|[Aa]br|[Aa]pr|[Mm]ay|[Jj]un|[Jj]ul|[Aa]go|[Aa]ug|[Ss]ept?|[Oo]ct|[Nn]ov"
    "|[Dd]ic|[Dd]ec)"
)
_DATE = re.compile(
    rf"(?:{_YEAR}([-/.]){_DAY}\1{_DAY}|{_DAY}([-/.]){_DAY}\2{_YEAR}|{_DAY}/{_DAY}/[0-9]{{2}}"
    rf"|{_DAY}[-/ ]{_MONTH}(?:[-/ ][0-9]{{2,4}})?|{_MONTH}[-/ ][0-9]{{2,4}})"
    r"(?:[ T][0-9]{1,2}:[0-9]{2}.*)?"
)
_NOTHING = re.compile("nan|null|none|<na>|n/a|undefined|true|false|verdadero|falso", re.IGNORECASE)
"""How programs write that there is no value, and truth values."""

_SPOILED_IDS = (
    (_ROUNDED, "looks like 1.23E+09: the spreadsheet has dropped digits; format the column as text"),
    (_GROUPED, "is a number with a decimal or thousands separator; format the column as text"),
    (_DATE, "is a date; format the column as text before ids are typed or pasted into it"),
    (_NOTHING, "says that there is no value"),
)


def cell_problem(cell: str) -> str:
    """Return how a cell of any column is spoiled, or ""; `cell` is trimmed, with its apostrophes."""
    if _ERROR.fullmatch(cell):
        return translated("is an error of the spreadsheet, such as #N/A")
    if cell.startswith("="):
        return translated("is a formula; save the values alone")
    if cell.startswith("'") and without_apostrophes(cell) == cell:
        return translated("begins with an apostrophe, by which spreadsheets mark text; remove it")
    return ""


def id_problem(cell: str) -> str:
    """Return why a cell cannot be a customer id or a telephone as it was once, or ""."""
    if problem := cell_problem(cell):
        return problem
    value = without_apostrophes(cell)
    foreign = next((c for c in value if not _may_be_in_id(c)), "")
    if foreign:
        code = f"U+{ord(foreign):04X}"
        return translated("has a character that looks like another one or is invisible ({code})", code=code)
    return next((translated(problem) for form, problem in _SPOILED_IDS if form.fullmatch(value)), "")


def _may_be_in_id(character: str) -> bool:
    """Return whether a person sees what it is: ASCII, and letters that have one form alone."""
    if character.isascii():
        return character.isprintable()
    return character.isalpha() and unicodedata.normalize("NFKC", character) == character
