"""The calls the exporter makes to wolkvox, and what becomes of their answers."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final, Protocol

from exporter.evidence import ANSWERS, PAGES, Evidence, Statement
from exporter.wolkvox import transport
from exporter.wolkvox.call import Call
from exporter.wolkvox.campaign_api import Disposition, DispositionResult, judge_disposition, result_of_failure
from exporter.wolkvox.errors import Cause, RequestFailed
from exporter.wolkvox.refusals import Verdict, classify, words
from exporter.wolkvox.row_splitter import MAX_ENVELOPE_BYTES, RowSplitter, decode_document

Sink = Callable[[list[object]], None]
"""Takes rows, JSON values in the order of the answer, a list at a time."""

_REDIRECTS = range(300, 400)


class ReadableResponse(Protocol):
    """What is needed of an answer whose header has arrived."""

    @property
    def status(self) -> int:
        """The HTTP status."""
        ...  # pragma: no cover

    @property
    def size(self) -> int:
        """How many bytes of the unpacked body were read so far."""
        ...  # pragma: no cover

    def chunks(self) -> Iterator[bytes]:
        """Yield the unpacked body, once; raises RequestFailed."""
        ...  # pragma: no cover


MAX_ROWS: Final = 60_000
"""Rows of one answer, by all of the vendor's pages; perhaps it cuts there without a word."""

STATEMENTS: Final = (
    Statement(
        "APIs are at https://wvNNNN.wolkvox.com/api/v2/ with the four digits of the server, and there are "
        "other hosts: hence base_url.",
        Evidence.DOCUMENTED,
        PAGES,
    ),
    Statement(
        "The header wolkvox-token alone says who calls; wolkvox_server, which the vendor's examples send "
        "too, is not needed.",
        Evidence.SEEN,
        ANSWERS,
    ),
    Statement("An answer has at most 60,000 rows and 256 MB.", Evidence.DOCUMENTED, PAGES),
    Statement(
        "An answer with 60,000 rows may have been cut there without a word.",
        Evidence.ASSUMED,
        f"{PAGES} do not say what happens to more",
    ),
    Statement(
        "A call may take 60 seconds.",
        Evidence.DOCUMENTED,
        f"{PAGES}; a report of 46,000 rows was seen to take 50 to 110 seconds",
    ),
    Statement("No header says how much is left of the quota, or when to call again.", Evidence.SEEN, ANSWERS),
)


@dataclass(frozen=True)
class Answer:
    """A usable answer: the number of rows, bytes of the unpacked body, HTTP status, wolkvox's words.

    `said` is one line without secrets and long numbers, "" where the answer has no words.
    """

    rows: int
    bytes: int
    http_status: int
    said: str = field(default="", compare=False)

    def __str__(self) -> str:
        """Return status and words for people: ``HTTP 404 "Validate dates entered"``."""
        return f'HTTP {self.http_status} "{self.said}"' if self.said else f"HTTP {self.http_status}"


class Client:
    """Makes calls to one address; safe to share between threads.

    `base_url` is scheme and host, as `https://wv0042.wolkvox.com`. `timeout` (seconds) is for the whole
    of a call, `connect_timeout` (seconds) for resolving and connecting, `max_bytes` for the unpacked
    body (the vendor's own limit is 256 MB). `monotonic` gives seconds, as `time.monotonic`; `exchange`
    carries a request to wolkvox and brings the answer, as `transport.exchange`.
    """

    def __init__(  # noqa: PLR0913 - all but the first are for tests and simulations
        self,
        base_url: str,
        *,
        timeout: float = 60.0,
        max_bytes: int = 256 * 2**20,
        connect_timeout: float = 10.0,
        monotonic: Callable[[], float] = time.monotonic,
        exchange: Callable[..., AbstractContextManager[ReadableResponse]] = transport.exchange,
    ) -> None:
        self._root = base_url.rstrip("/") + "/api/v2/"
        self._limits = transport.ExchangeLimits(timeout, connect_timeout, max_bytes)
        self._monotonic = monotonic
        self._exchange = exchange

    def fetch(self, call: Call, token: str, sink: Sink) -> Answer:
        """Return the answer to `call` with `token`; its rows go to `sink` as they arrive.

        Raises RequestFailed. `sink` may have had rows by then: they are part of nothing and to be
        dropped. An exception of `sink` passes through.
        """
        secrets = (token, *call.personal)
        with self._exchange(
            "GET", self._root + call.path, call.query, token, self._limits, monotonic=self._monotonic
        ) as response:
            if response.status == HTTPStatus.OK:
                splitter = RowSplitter(sink, decode=call.decode)
                try:
                    for chunk in response.chunks():
                        splitter.feed(chunk)
                    splitter.finish()
                except RequestFailed as failure:
                    failure.http_status, failure.sent = response.status, True
                    raise
                return _judged(response, splitter.envelope, splitter.rows, secrets)
            if response.status in _REDIRECTS:
                return _judged(response, None, None, secrets)
            envelope = _small_document(response)
            listed = envelope.get("data") if isinstance(envelope, dict) else None
            return _judged(response, envelope, len(listed) if isinstance(listed, list) else None, secrets)

    def codify(self, disposition: Disposition, token: str) -> DispositionResult:
        """Return what became of setting a customer's disposition (PUT), once; never raises."""
        try:
            with self._exchange(
                "PUT",
                self._root + disposition.call.path,
                disposition.call.query,
                token,
                self._limits,
                monotonic=self._monotonic,
                body=disposition.body,
            ) as response:
                return judge_disposition(response.status, _small_document(response), disposition, token)
        except RequestFailed as failure:
            return result_of_failure(failure)


def _small_document(response: ReadableResponse) -> object:
    """Return the decoded body of an answer without rows; None when it is too large or not JSON."""
    body = bytearray()
    try:
        for chunk in response.chunks():
            body += chunk
            if len(body) > MAX_ENVELOPE_BYTES:
                return None
        return decode_document(bytes(body).removeprefix(b"\xef\xbb\xbf"))
    except (RequestFailed, ValueError):
        return None  # the status alone is the finding, whatever became of the body


def _judged(response: ReadableResponse, envelope: object, rows: int | None, secrets: Iterable[str]) -> Answer:
    verdict = classify(response.status, envelope, rows)
    said = words(envelope, secrets)
    if isinstance(verdict, Verdict):
        return Answer(rows or 0, response.size, response.status, said)
    raise RequestFailed(verdict, _detail(verdict, response.status, said), http_status=response.status)


def _detail(cause: Cause, status: int, said: str) -> str:
    if cause is Cause.SHAPE:
        text = f"HTTP {status} with JSON that has no list of rows"
    elif cause is Cause.REDIRECT:
        text = f"HTTP {status}: redirects are not followed"
    else:
        text = f"HTTP {status}"
    return f"{text}; wolkvox says: {said}" if said else text
