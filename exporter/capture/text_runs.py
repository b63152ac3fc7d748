"""Texts as runs of letters, runs of digits and what stands between them. Pure."""

import re
import unicodedata
from collections.abc import Iterator
from enum import Enum, auto
from functools import cache
from typing import NamedTuple

from exporter import parsing
from exporter.apis import API_WORDS

WORD_CHARACTERS = 3
"""Letters in a row that could tell a word."""
NUMBER_DIGITS = 4
"""Digits in a row that could tell a number."""

_LONG_NUMBER_DIGITS = 7
_LINE_DIGITS = 2
"""Digits that may follow one of the API's own words and be part of it, as in tel1 and phone10."""

_QUICK = re.compile(r"([A-Za-z]+)|([0-9]+)|[^A-Za-z0-9]+")
_SURROGATE = re.compile("[\ud800-\udfff]")
_WITH_UNIT = re.compile(
    r"(?<![0-9.,])[0-9]{1,3}(?:[.,][0-9]{1,2})?(?=\s{0,2}(?:%|\(?se[gc]\b))", re.IGNORECASE | re.ASCII
)
_TOKEN = re.compile(r"\S+")
_LONG_NUMBER = re.compile(rf"[0-9](?:[ (),.\u00a0-]{{0,2}}[0-9]){{{_LONG_NUMBER_DIGITS - 1},}}")
_DOTTED = re.compile(r"\w\.\w")


class CharacterKind(Enum):
    """What a character is."""

    LETTER = auto()
    DIGIT = auto()
    MARK = auto()
    """An accent by itself, which goes with the character before it."""
    OTHER = auto()


class Stay(Enum):
    """What may become of a run."""

    KEPT = auto()
    """It says nothing about anybody."""
    REPLACED = auto()
    ASKED = auto()
    """It stays unless it looks like something that is replaced elsewhere."""


class Run(NamedTuple):
    """Characters of one kind in a row, `start` in the text; accents by themselves are in it."""

    kind: CharacterKind
    text: str
    start: int


@cache
def folded(character: str) -> str:
    """Return a character without case and accents; a digit of any script as that of ours."""
    text = parsing.folded(character)
    digit = unicodedata.digit(text[0], None) if text else None
    return text if digit is None else str(digit)


@cache
def kind_of(character: str) -> CharacterKind:
    """Return what a character is, by what it is without case and accents."""
    if unicodedata.category(character).startswith("M"):
        return CharacterKind.MARK
    text = folded(character)
    if text[:1].isdigit():
        return CharacterKind.DIGIT
    return CharacterKind.LETTER if text[:1].isalpha() else CharacterKind.OTHER


def characters(run: str) -> list[str]:
    """Return the characters of a run but for accents by themselves."""
    return [c for c in run if c.isascii() or kind_of(c) is not CharacterKind.MARK]


def folded_run(run: str) -> str:
    """Return a run of letters or digits without case and accents."""
    return run.casefold() if run.isascii() else "".join(map(folded, characters(run)))


def windows(run: str, size: int) -> Iterator[str]:
    """Yield all `size` characters in a row of a folded run."""
    return (run[start : start + size] for start in range(len(run) - size + 1))


def clean(text: str) -> str:
    """Return a text that can be encoded: half a character becomes U+FFFD."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def runs(text: str) -> Iterator[Run]:
    """Yield the runs of a text; together they are the text."""
    if text.isascii():
        for match in _QUICK.finditer(text):
            kind = (
                CharacterKind.LETTER if match[1] else CharacterKind.DIGIT if match[2] else CharacterKind.OTHER
            )
            yield Run(kind, match[0], match.start())
        return
    start, kind = 0, CharacterKind.MARK
    for at, character in enumerate(text):
        found = kind_of(character)
        if found in {kind, CharacterKind.MARK}:
            continue
        if at > start:
            yield Run(CharacterKind.OTHER if kind is CharacterKind.MARK else kind, text[start:at], start)
        start, kind = at, found
    if text:
        yield Run(CharacterKind.OTHER if kind is CharacterKind.MARK else kind, text[start:], start)


def is_api_word(run: str) -> bool:
    """Return whether a run of letters is one of the API's own words."""
    return folded_run(run) in API_WORDS


def of_text(text: str) -> Iterator[tuple[Run, Stay]]:
    """Yield the runs of a text that may be about somebody, and what may become of each.

    The API's own words stay, with a digit or two at their end, and so do percentages and seconds.
    """
    figures = {at for match in _WITH_UNIT.finditer(text) for at in range(*match.span())}
    word = False
    for run in runs(text):
        stays = run.kind is CharacterKind.OTHER or run.start in figures
        if run.kind is CharacterKind.LETTER:
            stays = word = is_api_word(run.text)
        elif word and run.kind is CharacterKind.DIGIT and len(run.text) <= _LINE_DIGITS:
            stays = True
        word = word and run.kind is CharacterKind.LETTER
        yield run, Stay.KEPT if stays else Stay.REPLACED


def of_prose(text: str) -> Iterator[tuple[Run, Stay]]:
    """Yield the runs of a sentence for people, and what may become of each.

    Its words are asked for; numbers, addresses, hosts and paths are replaced.
    """
    telling = bytearray(len(text))
    for token in _TOKEN.finditer(text):
        if _is_place(token[0]):
            telling[token.start() : token.end()] = b"\1" * len(token[0])
    for number in _LONG_NUMBER.finditer(text):
        telling[number.start() : number.end()] = b"\1" * len(number[0])
    for run in runs(text):
        stay = Stay.KEPT
        if run.kind is CharacterKind.LETTER and not is_api_word(run.text):
            stay = Stay.REPLACED if telling[run.start] else Stay.ASKED
        elif run.kind is CharacterKind.DIGIT and (telling[run.start] or len(run.text) >= NUMBER_DIGITS):
            stay = Stay.REPLACED
        yield run, stay


def _is_place(token: str) -> bool:
    """Return whether a word of a sentence is a mail address, a host, an IP address, a path or a URL."""
    slashes = token.count("/")
    return (
        "@" in token
        or "\\" in token
        or token.startswith("/")
        or slashes > 1
        or token.count(":") > 1
        or _DOTTED.search(token) is not None
    )
