"""The language of the operator's commands: English texts are in the code, spanish.toml has them in Spanish.

It is chosen once, before the flags are read. Log, configuration errors and what is written for programs (csv,
json, jsonl, the journal) are English in any case.
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from exporter.glossary import LANGUAGES, terms

ENGLISH, SPANISH = LANGUAGES
_LOCALE_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")
"""Which of the environment says the language of messages, the first that is set (POSIX, section 8.2)."""

_IS_SPANISH = re.compile(r"es(?:[-_.@].*)?", re.IGNORECASE)
_TERM_KINDS = ("term", "result")
_chosen: Final[dict[str, Mapping[str, str]]] = {}
"""The tables of spanish.toml; none where English is spoken."""


def language_of_locale(environment: Mapping[str, str]) -> str:
    """Return the language of messages that an environment asks for: "es" where it is Spanish, else "en"."""
    locale = next((text for name in _LOCALE_VARIABLES if (text := environment.get(name))), "")
    return SPANISH if _IS_SPANISH.fullmatch(locale) else ENGLISH


def choose_language(language: str) -> None:
    """Set the language of `translated`: "en" or "es"."""
    _chosen.clear()
    if language == SPANISH:
        _chosen.update(spanish_texts())


@cache
def spanish_texts() -> Mapping[str, Mapping[str, str]]:
    """Return the Spanish by the English: `columns` of tables, `nouns` to be counted, and `texts`."""
    import tomllib  # noqa: PLC0415 - only who speaks Spanish needs it

    return tomllib.loads(Path(__file__).with_name("spanish.toml").read_text(encoding="utf-8"))


def translated(text: str, /, **values: object) -> str:
    """Return a text in the language of the command, with the values in its blanks.

    A text that is not known, such as wolkvox's own words, stays as it is.
    """
    text = _looked_up("texts", text)
    return text.format(**values) if values else text


def counted(number: int, noun: str) -> str:
    """Return a number of things: "1 call", "2 calls"."""
    return f"{number} {_looked_up('nouns', noun if number == 1 else f'{noun}s')}"


def column_title(column: str) -> str:
    """Return the title of a column of a table: its key in English, else the words of the glossary or ours."""
    for kind in _TERM_KINDS if _chosen else ():
        if column in terms()[kind]:
            return terms()[kind][column].words[SPANISH]
    return _looked_up("columns", column)


def _looked_up(table: str, key: str) -> str:
    return _chosen[table].get(key, key) if _chosen else key
