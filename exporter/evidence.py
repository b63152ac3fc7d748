"""What is known of wolkvox's API, and what that rests on: nobody who built this had an account."""

from dataclasses import dataclass
from enum import StrEnum


class Evidence(StrEnum):
    """What a statement about the API rests on, the strongest first."""

    SEEN = "seen"
    """It stands in real answers or logs that were published, or working programs rely on it."""
    DOCUMENTED = "documented"
    """The vendor's pages say so; no real answer was seen."""
    ASSUMED = "assumed"
    """Nothing says so: it was decided here."""


class Content(StrEnum):
    """What stands in a field, as far as it matters for whom it could be about."""

    FIGURE = "figure"
    """A count, a percentage, a duration, or several of them."""
    TIME = "time"
    """A time of a clock on the wall."""
    WORD = "word"
    """One of the API's own words."""
    TEXT = "text"
    """A name, an id, a telephone, free text: whatever is not certainly one of the others."""


@dataclass(frozen=True, slots=True)
class VendorField:
    """A field of an API's rows, whether a column reads it or not.

    `evidence` is about how its values are written, and `source` says in a few words where that was found.
    `words` are the API's own words that stand in it.
    """

    name: str
    content: Content
    evidence: Evidence
    source: str
    words: tuple[str, ...] = ()


def fields_alike(
    content: Content, evidence: Evidence, source: str, *names: str, words: tuple[str, ...] = ()
) -> tuple[VendorField, ...]:
    """Return fields of which the same is known; the parameters are those of VendorField."""
    return tuple(VendorField(name, content, evidence, source, words) for name in names)


@dataclass(frozen=True, slots=True)
class Statement:
    """Something about the API, beyond how one field is written, that the code relies on.

    `text` is one or two sentences, `source` as in VendorField, `words` are the API's own words that it tells.
    """

    text: str
    evidence: Evidence
    source: str
    words: tuple[str, ...] = ()


PAGE = "the vendor's page"
PAGES = "the vendor's pages"
COLLECTION = "the vendor's public collection of calls"
ANSWERS = "real answers"
CLIENTS = "working clients"
