"""The request log: what clients asked, when, and how many of a token at once."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from threading import Condition

_KEEP = 100_000


@dataclass(slots=True)
class RequestRecord:
    """One request. Times are seconds of the monotonic clock; `ended` is None while the answer is on its way.

    operation is None for an unknown token, api for an unknown api. query: the parameters without `api`;
    body: the texts of a PUT's JSON.
    in_flight: requests of the token in flight when this one began, itself included. fault: the kind it met.
    """

    started: float
    method: str
    path: str
    query: dict[str, str]
    token: str | None
    operation: str | None
    api: str | None
    in_flight: int = 0
    fault: str | None = None
    status: int | None = None
    ended: float | None = None
    body: dict[str, str] = field(default_factory=dict)


class RequestLog:
    """The last 100,000 requests, oldest first. Safe for threads."""

    def __init__(self) -> None:
        self._records: deque[RequestRecord] = deque(maxlen=_KEEP)
        self._changed = Condition()

    def __iter__(self) -> Iterator[RequestRecord]:
        return iter(self.all())

    def __len__(self) -> int:
        return len(self._records)

    def __getitem__(self, number: int) -> RequestRecord:
        return self.all()[number]

    def all(self, operation: str | None = None, api: str | None = None) -> list[RequestRecord]:
        """Return the requests, of one operation and one api when they are given."""
        with self._changed:
            return [
                record
                for record in self._records
                if operation in {None, record.operation} and api in {None, record.api}
            ]

    def add(self, record: RequestRecord) -> None:
        """Log a request that begins."""
        with self._changed:
            self._records.append(record)
            self._changed.notify_all()

    def end(self, record: RequestRecord, ended: float) -> None:
        """Log that a request is over; the first end counts."""
        with self._changed:
            if record.ended is None:
                record.ended = ended
            self._changed.notify_all()

    def clear(self) -> None:
        """Forget all requests."""
        with self._changed:
            self._records.clear()

    def wait_for(self, enough: Callable[[list[RequestRecord]], bool], timeout: float = 5.0) -> bool:
        """Wait until `enough` is true of the requests so far; False after `timeout` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: enough(list(self._records)), timeout)
