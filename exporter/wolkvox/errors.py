"""What can go wrong with a call to wolkvox, as one closed set.

Every failed call has exactly one cause, so that it can be the value of a label::

    the call
    |-- never got an answer
    |   |-- connection   name not found, refused, reset, connect time-out, answer cut short; or a proxy failed
    |   |-- tls          certificate (of wolkvox or of a proxy) not trusted, or the handshake failed
    |   `-- timeout      the whole exchange took longer than the deadline
    |-- was refused by wolkvox, in its own words
    |   |-- auth         the token is missing, unknown, expired or malformed
    |   |-- quota        the day's calls of the operation are used up
    |   |-- concurrency  too many calls with one token at the same time
    |   `-- forbidden    refused for another reason: maintenance, backup
    |-- was answered by somebody or something else
    |   |-- redirect     any 3xx; never followed
    |   `-- http_status  any other status, without a word of wolkvox that explains it
    `-- was answered with something that cannot be used
        |-- too_large    over the limit of bytes, or wolkvox said "too many records"
        |-- decode       not HTTP, not gzip or not JSON
        `-- shape        JSON, but neither a list nor an object with a list under "data"
"""

from enum import StrEnum

MAX_MESSAGE_CHARACTERS = 200
"""Characters of a message of the vendor that are repeated."""


class Cause(StrEnum):
    """Why a call failed; the module's docstring draws how the causes relate."""

    AUTH = "auth"
    QUOTA = "quota"
    CONCURRENCY = "concurrency"
    FORBIDDEN = "forbidden"
    TIMEOUT = "timeout"
    CONNECTION = "connection"
    TLS = "tls"
    HTTP_STATUS = "http_status"
    REDIRECT = "redirect"
    TOO_LARGE = "too_large"
    DECODE = "decode"
    SHAPE = "shape"


class RequestFailed(Exception):  # noqa: N818 - an outcome that callers expect, named as one
    """A call to wolkvox that brought no usable answer.

    Nothing in it is secret: neither the token, nor the query, nor more of the body than the
    vendor's own message, shortened.

    Attributes:
        cause: why, one of the closed set.
        detail: one line for a log.
        http_status: the status of the answer; None when there was none.
        hint: one line on what to do about it, or "".
        sent: whether any of the request may have reached wolkvox: then wolkvox may have acted on it, whatever
            became of the answer. False is certain: nothing was sent.

    """

    def __init__(
        self,
        cause: Cause,
        detail: str,
        *,
        http_status: int | None = None,
        hint: str = "",
        sent: bool = False,
    ) -> None:
        super().__init__(cause, detail)
        self.cause = cause
        self.detail = detail
        self.http_status = http_status
        self.hint = hint
        # Where there is an answer, there was a request.
        self.sent = sent or http_status is not None

    def __str__(self) -> str:
        return f"{self.cause}: {self.detail}"

    def __repr__(self) -> str:
        return f"RequestFailed({self.cause.value!r}, {self.detail!r}, http_status={self.http_status})"


def one_line(text: str) -> str:
    """Return `text` in printable characters on one line, cut at MAX_MESSAGE_CHARACTERS."""
    # A message can be as long as the answer: folding all of it would be wasted on what is cut off.
    head = text[: 4 * MAX_MESSAGE_CHARACTERS]
    folded = " ".join("".join(c if c.isprintable() else " " for c in head).split())
    return folded[:MAX_MESSAGE_CHARACTERS]
