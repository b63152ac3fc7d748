"""Calls that are kept as they were answered, and answered again from what was kept."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from exporter.capture import Exchange, Failure
from exporter.clock import Clock
from exporter.wolkvox import RequestFailed
from exporter.wolkvox.client import ReadableResponse
from exporter.wolkvox.transport import VendorResponse, exchange

ExchangeMaker = Callable[..., AbstractContextManager[VendorResponse]]
"""Carries a request to wolkvox and brings the answer, as `transport.exchange`."""


class _RecordedResponse:
    """An answer that is kept while it is read."""

    def __init__(self, response: VendorResponse) -> None:
        self._response = response
        self._pieces: list[bytes] = []
        self.failure: RequestFailed | None = None

    @property
    def status(self) -> int:
        return self._response.status

    @property
    def size(self) -> int:
        return self._response.size

    @property
    def body(self) -> bytes:
        """What was read of the body."""
        return b"".join(self._pieces)

    def chunks(self) -> Iterator[bytes]:
        """Yield the body as it arrives; raises RequestFailed."""
        try:
            for piece in self._response.chunks():
                self._pieces.append(piece)
                yield piece
        except RequestFailed as failure:
            self.failure = failure
            raise


class Recorder:
    """Carries requests as `transport.exchange` does, and keeps the last one as an Exchange.

    `operation` is whose they are. What is kept does not have the token, whoever sends it back.
    """

    def __init__(self, operation: str, clock: Clock, carry: ExchangeMaker = exchange) -> None:
        self._operation = operation
        self._clock = clock
        self._carry = carry
        self._last: Exchange | None = None

    @contextmanager
    def exchange(
        self,
        method: str,
        url: str,
        query: Mapping[str, str],
        token: str,
        *arguments: object,
        **options: object,
    ) -> Iterator[ReadableResponse]:
        """Yield the answer to a request, as `transport.exchange` does; raises RequestFailed."""
        begun = self._clock.now()
        recorded: _RecordedResponse | None = None
        refused: RequestFailed | None = None
        tls, date = "", None
        try:
            with self._carry(method, url, query, token, *arguments, **options) as response:
                tls, date = response.tls, response.date
                recorded = _RecordedResponse(response)
                yield recorded
        except RequestFailed as failure:
            refused = failure
            raise
        finally:
            # What is made of a whole body is found again when it is read again.
            failed = refused if recorded is None else recorded.failure
            self._last = Exchange(
                self._operation,
                api="",
                campaign_id="",
                at=begun.wall,
                seconds=round(self._clock.now().monotonic - begun.monotonic, 3),
                status=None if recorded is None else recorded.status,
                date=date,
                tls=tls,
                body=b"" if recorded is None or failed else _without(token, recorded.body),
                failure=None if failed is None else Failure(failed.cause, failed.detail, failed.hint),
            )

    def take(self) -> Exchange | None:
        """Return the last request with its answer, None where none was made; it is forgotten."""
        last, self._last = self._last, None
        return last


def _without(token: str, body: bytes) -> bytes:
    return re.sub(re.escape(token.encode()), b"***", body, flags=re.IGNORECASE)


@dataclass
class _KeptResponse:
    """An answer that is read once more."""

    exchange: Exchange
    status: int
    size: int = 0

    def chunks(self) -> Iterator[bytes]:
        """Yield the body; raises RequestFailed."""
        if self.exchange.failure is not None:
            raise _failed(self.exchange)
        self.size = len(self.exchange.body)
        yield self.exchange.body


@contextmanager
def replayed(kept: Exchange) -> Iterator[ReadableResponse]:
    """Yield an answer that was kept; raises RequestFailed where there was none."""
    if kept.status is None:
        raise _failed(kept)
    yield _KeptResponse(kept, kept.status)


def _failed(kept: Exchange) -> RequestFailed:
    assert kept.failure is not None  # noqa: S101 - for the type checker: it has an answer or a failure
    failure = kept.failure
    return RequestFailed(failure.cause, failure.detail, http_status=kept.status, hint=failure.hint)
