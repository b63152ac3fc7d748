"""The words of the trade in each language, one for each thing; glossary.toml has them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

LANGUAGES = ("en", "es")
"""The languages that every word has."""


@dataclass(frozen=True, slots=True)
class Term:
    """One thing: what it is called, what it is and what to do about it, by language.

    `means` and `do` are sentences, empty where none is needed; `color` is #RRGGBB, "" for none; `runbook` is
    the name of the alert whose runbook says more, "" for none.
    """

    words: Mapping[str, str]
    means: Mapping[str, str] = field(default_factory=dict)
    do: Mapping[str, str] = field(default_factory=dict)
    color: str = ""
    runbook: str = ""


def term(kind: str, name: str) -> Term:
    """Return the term of a kind ("state", "severity", "term", ...); raises KeyError where there is none."""
    return terms()[kind][name]


class GlossaryEnum(StrEnum):
    """Names that all are of one kind of the glossary, which the class statement says: `kind="state"`."""

    _kind: ClassVar[str]

    def __init_subclass__(cls, kind: str) -> None:
        super().__init_subclass__()
        cls._kind = kind

    @property
    def term(self) -> Term:
        """What people see of it."""
        return term(self._kind, self.value)

    @property
    def words(self) -> Mapping[str, str]:
        """What it is called, by language."""
        return self.term.words


@cache
def terms() -> Mapping[str, Mapping[str, Term]]:
    """Return every term, by kind and name, in the order of the file."""
    import tomllib  # noqa: PLC0415 - only what people read needs it

    text = Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
    return {
        kind: {name: _term(entry) for name, entry in entries.items()}
        for kind, entries in tomllib.loads(text).items()
    }


def _term(entry: Mapping[str, Any]) -> Term:
    def texts(key: str) -> Mapping[str, str]:
        return {code: entry[code][key] for code in LANGUAGES if key in entry[code]}

    return Term(texts("word"), texts("means"), texts("do"), entry.get("color", ""), entry.get("runbook", ""))
