"""Puts the rows of a table into a page that people write."""

import re
from collections.abc import Iterable
from pathlib import Path


def with_rows(text: str, page: Path, head: str, rows: Iterable[str]) -> str:
    """Return a page's text with other rows below the head of a table; raises ValueError where it is not once.

    `head` is the line of the columns' names and the line below it, each with its line break, as rows are.
    """
    found, tables = re.subn(
        rf"^{re.escape(head)}(?:\|.*\n)*", lambda _: head + "".join(rows), text, flags=re.MULTILINE
    )
    if tables != 1:
        raise ValueError(f"{page} has {tables} tables with the head {head.partition(chr(10))[0]!r}, not one")
    return found
