"""Texts that a spreadsheet would run as formulas, and the apostrophe that keeps it from doing so. Pure.

A spreadsheet runs a cell that begins with one of `= + - @`, in Asia also with their full-width forms. If it
takes another separator than was written, a cell may also begin after one inside a text. OWASP ("CSV
Injection") advises an apostrophe in front. Here it can be taken away again without loss, because a text that
has an apostrophe in such a place itself gets one more.
"""

import re

_STARTS = r"=+\-@＝＋－＠"  # noqa: RUF001 - full-width on purpose
_FIRST = rf"(?='| *[{_STARTS}\t\r\n])"
_INSIDE = rf"(?='*[{_STARTS}])"
_SEPARATED = r'(?<=[,;|\t\r\n"])'
_RISK = re.compile(rf"\A{_FIRST}|{_SEPARATED}{_INSIDE}")
_APOSTROPHE = re.compile(rf"\A'{_FIRST}|{_SEPARATED}'{_INSIDE}")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?")


def with_apostrophes(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula; a plain number, such as +57300, is none."""
    return text if _NUMBER.fullmatch(text) else _RISK.sub("'", text)


def without_apostrophes(text: str) -> str:
    """Return the text that `with_apostrophes` was given."""
    return _APOSTROPHE.sub("", text)
