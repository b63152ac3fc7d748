"""JSON as it is written: doubled keys and the digits of numbers are kept. Pure."""

import json
from typing import Final

MAX_NESTING_LEVEL: Final = 100


class NumberText(str):
    """A number (also NaN and Infinity) as it is written."""

    __slots__ = ()


class Members(list[tuple[str, object]]):
    """The keys and values of an object, in their order."""


def decoded(text: str) -> object:
    """Return a JSON text as lists, Members, str, NumberText, bool and None, as tolerant as the client is.

    Raises ValueError; also where it is nested too deeply to work with.
    """
    try:
        value = json.loads(
            text,
            object_pairs_hook=Members,
            parse_int=NumberText,
            parse_float=NumberText,
            parse_constant=NumberText,
            strict=False,
        )
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if _levels_left(value, MAX_NESTING_LEVEL) < 0:
        raise ValueError("nested too deeply")
    return value


def _levels_left(value: object, levels: int) -> int:
    """Return how many levels are left below a value, -1 as soon as there are too many."""
    if levels < 0 or not isinstance(value, list):
        return levels
    inner = (one for _, one in value) if isinstance(value, Members) else value
    return min((_levels_left(one, levels - 1) for one in inner), default=levels)


def encoded(value: object) -> str:
    """Return a value of `decoded` as JSON on one line, in characters that can be printed."""
    if isinstance(value, NumberText):
        return str(value)
    if isinstance(value, Members):
        return "{" + ",".join(f"{encoded(key)}:{encoded(one)}" for key, one in value) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(encoded, value)) + "]"
    return printable(json.dumps(value, ensure_ascii=False))


def printable(line: str) -> str:
    """Return a line of JSON without what a terminal would obey or a reader take for the end of a line."""
    return (
        line if line.isprintable() else "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in line)
    )
