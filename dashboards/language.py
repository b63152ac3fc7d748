"""The languages of the dashboards: every text is written in English where it is used, and looked up."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from dashboards.spanish import SPANISH


@dataclass(frozen=True, slots=True)
class Language:
    """A language: its folder, the suffix of its dashboards' uids, and English text -> text.

    An empty table stands for English itself.
    """

    code: str
    suffix: str = ""
    table: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, text: str) -> str:
        """Return the text in this language; KeyError when the table does not have it."""
        return self.table[text] if self.suffix else text


@dataclass(frozen=True, slots=True)
class Listener(Language):
    """A language that is English and notes every text that it is asked for."""

    code: str = "xx"
    suffix: str = "-xx"
    heard: set[str] = field(default_factory=set)

    def __call__(self, text: str) -> str:
        """Note the text and return it as it is."""
        self.heard.add(text)
        return text


ENGLISH = Language("en")
LANGUAGES = (ENGLISH, Language("es", "-es", SPANISH))
