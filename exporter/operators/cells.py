"""What one row of a command's output is made of."""

import unicodedata
from collections.abc import Mapping

Cell = str | int | None
"""One value; None is "not known"."""

Cells = Mapping[str, Cell]
"""A row: column -> value."""


def controls(character: str) -> bool:
    """Return whether a character commands a terminal or hides (Unicode "Other"; line separators too).

    Blanks of any width are harmless.
    """
    return not character.isprintable() and unicodedata.category(character) != "Zs"


def printable(text: str, keep: str = "") -> str:
    """Return a text with U+FFFD for each character that controls a terminal and is not one of `keep`."""
    if text.isprintable():
        return text
    return "".join("\ufffd" if controls(c) and c not in keep else c for c in text)
