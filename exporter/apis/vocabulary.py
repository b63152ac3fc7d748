"""The words of the API itself: what in an answer says nothing about anybody."""

import re
from collections.abc import Iterable, Iterator

from exporter import parsing
from exporter.apis.model import Api

_LETTERS = re.compile(r"[^\W\d_]+")

_ENVELOPE_WORDS = ("code", "error", "msg", "data", "all")
"""The names of the envelope's fields, and what stands for every campaign in a query."""

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
    texts = [*_ENVELOPE_WORDS, *_MESSAGES]
    for api in apis:
        for one in api.vendor_fields:
            texts += (one.name, *one.words)
    return frozenset(word for text in texts for word in words_in(text))
