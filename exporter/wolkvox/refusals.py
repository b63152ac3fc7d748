"""What an answer says beyond its rows: whether wolkvox refused, and why.

Pure functions of the HTTP status and the envelope, the vendor's object
``{"code", "error", "msg"[, "data"]}``. The reasons for a 403 differ by ``msg`` only (vendor's pages),
and a list without rows arrives as HTTP 404 in that envelope.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto
from http import HTTPStatus
from typing import Final, cast

from exporter.evidence import ANSWERS, CLIENTS, COLLECTION, PAGES, Evidence, Statement
from exporter.wolkvox.errors import Cause, one_line

_REDIRECTS = range(300, 400)
_ENVELOPE_KEYS = frozenset({"code", "error", "msg"})


@dataclass(frozen=True, slots=True)
class KnownRefusal:
    """A refusal that is known by words in the message; `pattern` looks for them in small letters.

    `source` says where that was found, and `words` are the vendor's own as far as they are known.
    """

    cause: Cause
    pattern: re.Pattern[str]
    evidence: Evidence
    source: str
    words: tuple[str, ...] = ()


# The first that matches counts. "simultaneous" stands before the quota because the vendor's text for it
# also speaks of a limit that is exceeded and of the token.
_REFUSALS: Final = (
    KnownRefusal(
        Cause.CONCURRENCY,
        re.compile(r"simultaneous"),
        Evidence.DOCUMENTED,
        COLLECTION,
        ("EXCEEDS THE LIMIT OF SIMULTANEOUS REQUESTS PER TOKEN (2)",),
    ),
    KnownRefusal(
        Cause.QUOTA,
        re.compile(r"\btokens? (?:daily )?limit (?:was |is |has been )?(?:exceeded|reached)"),
        Evidence.DOCUMENTED,
        COLLECTION,
        ("TOKEN LIMIT EXCEEDED",),
    ),
    KnownRefusal(
        Cause.AUTH,
        re.compile(r"\b(?:validate|enter) (?:the |your |a )?(?:wolkvox-)?token\b"),
        Evidence.DOCUMENTED,
        COLLECTION,
        ("PLEASE VALIDATE TOKEN", "PLEASE ENTER THE WOLKVOX-TOKEN"),
    ),
    KnownRefusal(
        Cause.AUTH,
        re.compile(r"\btoken\b.*\b(?:invalid|expired|malformed)\b"),
        Evidence.DOCUMENTED,
        f"{COLLECTION} has such a form of the refusal; its exact words are not known",
    ),
    KnownRefusal(
        Cause.AUTH,
        re.compile(r"\b(?:invalid|expired|malformed)\b.*\btoken\b"),
        Evidence.ASSUMED,
        "the same words in the other order",
    ),
    KnownRefusal(
        Cause.FORBIDDEN,
        re.compile(r"\b(?:maintenance|mantenimiento|backup|forbidden|not allowed|denied)\b"),
        Evidence.ASSUMED,
        f"{COLLECTION} says that calls are refused during backup and maintenance, not in which words",
    ),
)
_TOO_MANY: Final = KnownRefusal(
    Cause.TOO_LARGE,
    re.compile(r"too many|exceed"),
    Evidence.ASSUMED,
    "an HTTP 404 for too many records was seen, its words are not known",
)

REFUSALS: Final = (*_REFUSALS, _TOO_MANY)
"""Every refusal that is known by its words."""

STATEMENTS: Final = (
    Statement(
        "An answer is an object with code, error and msg, and with the rows under data; error is null when "
        'all is well. Its code may be a number, a text, blank or "0".',
        Evidence.SEEN,
        f"{ANSWERS}, {CLIENTS} and {PAGES}",
        ("code", "error", "msg", "data", "records were found"),
    ),
    Statement(
        "A list without rows is HTTP 404 with such an object and without data, in words that mislead: "
        '"Validate dates entered". The same comes on a day on which nobody worked, and for an API that the '
        "server does not have.",
        Evidence.SEEN,
        f"{ANSWERS}, by two independent sources",
        ("Validate dates entered", "Not Found"),
    ),
    Statement(
        "HTTP 404 also stands for a campaign that does not exist, a refused action and too many records; "
        "only msg tells them apart.",
        Evidence.SEEN,
        ANSWERS,
    ),
    Statement("The HTTP status and code agree.", Evidence.SEEN, f"all {ANSWERS} that were published"),
    Statement(
        "The reasons for HTTP 403 are told apart by msg alone; upper and lower case do not matter.",
        Evidence.DOCUMENTED,
        COLLECTION,
        ("Forbidden",),
    ),
    Statement(
        "HTTP 400 says that the API does not exist or that a parameter is missing, HTTP 401 that there is no "
        "token.",
        Evidence.DOCUMENTED,
        COLLECTION,
        (
            "THE API YOU WANT TO CONSULT DOES NOT EXIST",
            "SOME PARAMETERS ARE REQUIRED",
            "Bad Request",
            "Unauthorized",
        ),
    ),
    Statement(
        "A refusal may also come with HTTP 200; then it is known by code, and by words where rows should be.",
        Evidence.ASSUMED,
        "a server that always answers 200 must not look as if nobody worked",
    ),
)

_LONG_NUMBER = re.compile(r"[0-9]{7,}")
# Any refusal stands at the start of a message; a longer one is not worth searching to its end.
_MAX_SEARCHED_CHARACTERS = 2000


class Verdict(Enum):
    """What an answer is when it is not a failure."""

    ROWS = auto()
    """The rows that came are the answer."""
    EMPTY = auto()
    """A list without rows, said in words."""


class Effect(Enum):
    """What a request that changes something has done."""

    DONE = auto()
    """wolkvox says that it did it."""
    REFUSED = auto()
    """wolkvox says that it did not."""
    UNKNOWN = auto()
    """The answer does not tell."""


def message(envelope: object) -> str:
    """Return what the envelope says in words (its ``msg``, else its ``error``), or ""."""
    if not isinstance(envelope, dict):
        return ""
    for key in ("msg", "error"):
        text = cast("dict[str, object]", envelope).get(key)
        if isinstance(text, str) and text.strip():
            return text
    return ""


def words(envelope: object, secrets: Iterable[str]) -> str:
    """Return what the envelope says on one line that may be logged: without secrets and long numbers.

    A number of seven digits or more can be a telephone or a customer, and no campaign has one.
    """
    said = message(envelope)
    for secret in secrets:
        if secret:
            said = re.sub(re.escape(secret), "***", said, flags=re.IGNORECASE)
    return one_line(_LONG_NUMBER.sub("***", said))


def classify(http_status: int, envelope: object, rows: int | None) -> Verdict | Cause:
    """Return what an answer to a list call is.

    `envelope` is the decoded body without its rows, None when there was none to decode; `rows` the
    number of rows that came as a list, None when the body held no list where rows belong.

    A Verdict for a usable answer, else the Cause of the failure.
    """
    if http_status in _REDIRECTS:
        return Cause.REDIRECT
    if http_status == HTTPStatus.OK:
        return _judge_ok(envelope, rows)
    refusal = _named_refusal(envelope)
    if refusal is not None:
        return refusal
    if _is_vendors(envelope):
        if http_status == HTTPStatus.FORBIDDEN:
            return Cause.FORBIDDEN
        if (
            http_status == HTTPStatus.NOT_FOUND
            and _code(envelope) in {None, HTTPStatus.NOT_FOUND}
            and not rows
        ):
            return _without_rows(envelope)
    return Cause.HTTP_STATUS


def judge_change(http_status: int, envelope: object) -> tuple[Effect, Cause | None]:
    """Return what a request that changes something (PUT) has done, by its answer, and the cause of a refusal.

    Only wolkvox's own envelope says yes or no: an error page of a proxy may hide that it was done. The cause
    of a refusal is None when it is about this request and not about the token, the day or the platform.
    """
    if http_status in _REDIRECTS:
        return Effect.UNKNOWN, Cause.REDIRECT
    if not _is_vendors(envelope):
        return Effect.UNKNOWN, Cause.SHAPE if http_status < _REDIRECTS.start else Cause.HTTP_STATUS
    code = _code(envelope)
    said = http_status if code is None else code
    if http_status < _REDIRECTS.start and HTTPStatus.OK <= said < _REDIRECTS.start:
        error = cast("dict[str, object]", envelope).get("error")
        clean = error is None or (isinstance(error, str) and not error.strip())
        return (Effect.DONE, None) if clean else (Effect.UNKNOWN, Cause.SHAPE)
    worst = max(http_status, said)
    if HTTPStatus.BAD_REQUEST <= worst < HTTPStatus.INTERNAL_SERVER_ERROR:
        refusal = _named_refusal(envelope)
        if refusal is None and worst == HTTPStatus.FORBIDDEN:
            refusal = Cause.FORBIDDEN
        return Effect.REFUSED, refusal
    return Effect.UNKNOWN, Cause.HTTP_STATUS


def _judge_ok(envelope: object, rows: int | None) -> Verdict | Cause:
    if rows or isinstance(envelope, list):
        return Verdict.ROWS
    # From here on there are no rows: the words decide whether that is an empty list or a refusal.
    code = _code(envelope)
    # Success says "0 records were found": only a code that is no success, or a missing list,
    # turns the words into a refusal.
    failed = code is not None and not HTTPStatus.OK <= code < _REDIRECTS.start
    refusal = _named_refusal(envelope)
    if refusal is not None and (failed or refusal is not Cause.FORBIDDEN or rows is None):
        return refusal
    if code == HTTPStatus.NOT_FOUND:
        return _without_rows(envelope)
    if failed and code == HTTPStatus.FORBIDDEN and _is_vendors(envelope):
        return Cause.FORBIDDEN
    return Cause.SHAPE if rows is None or failed else Verdict.ROWS


def _without_rows(envelope: object) -> Verdict | Cause:
    # The vendor's 404 stands for "no data" and for "too many records": only the words differ.
    return Cause.TOO_LARGE if _TOO_MANY.pattern.search(_folded(envelope)) else Verdict.EMPTY


def _named_refusal(envelope: object) -> Cause | None:
    text = _folded(envelope)
    return next((known.cause for known in _REFUSALS if known.pattern.search(text)), None)


def _folded(envelope: object) -> str:
    return " ".join(message(envelope)[:_MAX_SEARCHED_CHARACTERS].casefold().split())


def _is_vendors(envelope: object) -> bool:
    return isinstance(envelope, dict) and envelope.keys() >= _ENVELOPE_KEYS


def _code(envelope: object) -> int | None:
    """Return the envelope's code; None when blank (also "0", which goes with success), -1 when unreadable."""
    code = cast("dict[str, object]", envelope).get("code") if isinstance(envelope, dict) else None
    if code is None:
        return None
    text = str(code).strip().removesuffix(".0")
    if text in {"", "0", "-"}:
        return None
    return int(text) if re.fullmatch(r"[0-9]{3}", text) else -1
