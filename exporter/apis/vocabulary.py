"""The words of the API itself: what in an answer says nothing about anybody."""

import re
from collections.abc import Iterable, Iterator

from exporter import parsing
from exporter.apis.model import Api
from exporter.wolkvox import ALL_CAMPAIGNS
from exporter.wolkvox.refusals import REFUSALS, STATEMENTS

_LETTERS = re.compile(r"[^\W\d_]+")


def words_in(text: str) -> Iterator[str]:
    """Yield the runs of letters in a text, without case and accents."""
    return map(parsing.folded, _LETTERS.findall(text))


def api_words(apis: Iterable[Api]) -> frozenset[str]:
    """Return the words of APIs, without case and accents.

    They are those of their names, of their fields' names and values, and of what wolkvox says beside rows.
    """
    texts = [ALL_CAMPAIGNS, *(text for known in (*REFUSALS, *STATEMENTS) for text in known.words)]
    for api in apis:
        texts += (api.name, api.vendor_name)
        for one in api.vendor_fields:
            texts += (one.name, *one.words)
    return frozenset(word for text in texts for word in words_in(text))
