"""The words of the API itself: what in an answer says nothing about anybody."""

import re
from collections.abc import Iterable, Iterator

from exporter import parsing
from exporter.apis.model import Api

_LETTERS = re.compile(r"[^\W\d_]+")

_TEXT_WORDS = (
    "tel phone telefono autopilot strategy estrategia ring sec seg total all",
    "started stopped yes no si on off true false active inactive",
    "code error msg data",
)
"""Those of the texts and switches that `exporter.parsing` knows, and of the envelope."""

_MESSAGES = (
    "records were found",
    "Validate dates entered",
    "Not Found",
    "Bad Request",
    "Unauthorized",
    "Forbidden",
    "THE API YOU WANT TO CONSULT DOES NOT EXIST",
    "SOME PARAMETERS ARE REQUIRED",
    "PLEASE ENTER THE WOLKVOX-TOKEN",
    "TOKEN LIMIT EXCEEDED",
    "EXCEEDS THE LIMIT OF SIMULTANEOUS REQUESTS PER TOKEN",
    "PLEASE VALIDATE TOKEN",
)
"""What wolkvox says beside rows (OBS, DOC)."""


def words_in(text: str) -> Iterator[str]:
    """Yield the runs of letters in a text, without case and accents."""
    return map(parsing.folded, _LETTERS.findall(text))


def api_words(apis: Iterable[Api]) -> frozenset[str]:
    """Return the words of APIs, without case and accents: of their fields' names, values and messages."""
    texts = [*_TEXT_WORDS, *_MESSAGES]
    for api in apis:
        for one in api.vendor_fields:
            texts += (one.name, *one.words)
    return frozenset(word for text in texts for word in words_in(text))
