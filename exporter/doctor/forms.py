"""How values are written, without what they say: "14.29 %" is `N.NN %`, a name is `a`. Pure."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from exporter.apis import API_WORDS
from exporter.evidence import Content
from exporter.parsing import folded

MAX_FORMS = 1000
"""Forms of one field that are told apart: free text may have as many as rows."""
OTHERS = "others"
"""Counts all forms beyond those."""

_MAX_VALUE_CHARACTERS = 300
_MAX_FORM_CHARACTERS = 80
_PIECE = re.compile(r"(?P<letters>[^\W\d_]+)|(?P<digits>\d+)|(?P<blanks>\s+)|(?P<sign>.)", re.DOTALL)
_SIGNS = re.compile(r"[!-/:-@\[-`{-~\u2010-\u2015]")
"""ASCII punctuation, and the dashes that people and programs write instead of "-"."""
_WORDS = re.compile(r"\ba(?:[ ._]a\b)+")
_KEPT_AFTER = (".", ",", ":")


def form(value: object, content: Content = Content.TEXT) -> str:
    """Return how a JSON value is written, with nothing of what it says.

    Digits become `N`: those of a time one by one, those of any other number together; after a point, a comma
    or a colon they keep their number, which tells decimals from thousands and minutes. Letters are kept in
    words of the API itself and else become `a`, as several words do.
    """
    match value:
        case str():
            return _text_form(value, content)
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case int() | float():
            return f"number {_text_form(str(value), content)}"
        case Mapping():
            return "an object"
        case _:
            return "a list"


def _text_form(text: str, content: Content) -> str:
    if not text.strip():
        return "blank" if text else "empty"
    pieces: list[str] = []
    before = ""
    for piece in _PIECE.finditer(text[:_MAX_VALUE_CHARACTERS]):
        pieces.append(_piece_form(piece, before, content))
        before = piece[0]
    whole = _WORDS.sub("a", "".join(pieces).strip())
    return whole if len(whole) <= _MAX_FORM_CHARACTERS else f"{whole[:_MAX_FORM_CHARACTERS]}..."


def _piece_form(piece: re.Match[str], before: str, content: Content) -> str:
    text = piece[0]
    match piece.lastgroup:
        case "letters":
            return text if folded(text) in API_WORDS else "a"
        case "digits":
            each = content is Content.TIME or before in _KEPT_AFTER
            return "N" * len(text) if each else "N"
        case "blanks":
            return " "
        case _:
            return text if _SIGNS.fullmatch(text) else "*"


class FieldForms:
    """The forms of the values of rows by field: in how many rows a field is, and how it is written there."""

    def __init__(self, contents: Mapping[str, Content]) -> None:
        self._contents = contents
        self.rows = 0
        self.forms: dict[str, Counter[str]] = {}

    def add(self, rows: Iterable[object]) -> None:
        """Take rows as JSON gave them; those that are no objects have no fields."""
        for row in rows:
            if not isinstance(row, Mapping):
                continue
            self.rows += 1
            for name, value in row.items():
                counts = self.forms.setdefault(name, Counter())
                one = form(value, self._contents.get(name, Content.TEXT))
                counts[one if one in counts or len(counts) < MAX_FORMS else OTHERS] += 1

    def missing(self, fields: Iterable[str]) -> list[str]:
        """Return which of some fields no row has."""
        return [name for name in fields if self.rows and name not in self.forms]

    def beyond(self, fields: Collection[str]) -> list[str]:
        """Return the fields of rows that are none of these."""
        return [name for name in self.forms if name not in fields]
