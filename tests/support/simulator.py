"""The simulator with what tests need besides: more kinds of fault, and a log of what it was asked.

`python -m support.simulator simulate` runs it in a process of its own.
"""

import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from threading import Condition

from exporter import simulator
from exporter.commands import simulate
from exporter.commands.support.command_line import parse
from exporter.simulator.admin import Admin, Reply
from exporter.simulator.api import Call
from exporter.simulator.service import Service, json_of
from exporter.simulator.settings import SimulatorSettings
from exporter.simulator.wire import Connection, Message, Request
from exporter.simulator.world import Clock, Operation
from support.mischief import Fault

_KEEP = 100_000


@dataclass(slots=True)
class RequestRecord:
    """One request. Times are seconds of the monotonic clock; `ended` is None while the answer is on its way.

    operation is None for an unknown token, api for an unknown one. query: the parameters without `api`;
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
        """Return the requests, of one operation and one API when they are given."""
        with self._changed:
            return [
                record
                for record in self._records
                if operation in {None, record.operation} and api in {None, record.api}
            ]

    def max_in_flight(self, token: str | None = None) -> int:
        """Return the most requests that a token (None: any) had in flight, refused ones included."""
        return max((one.in_flight for one in self if one.token and token in {None, one.token}), default=0)

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


class LoggingService(Service):
    """The vendor, who keeps a log of the calls."""

    fault = Fault

    def __init__(self, settings: SimulatorSettings, clock: Clock, pace: float = 1.0) -> None:
        super().__init__(settings, clock, pace)
        self.log = RequestLog()
        self._records: dict[Call, RequestRecord] = {}

    def begin(self, request: Request, connection: Connection) -> Call:
        """Log a call that begins."""
        started = time.monotonic()
        call = super().begin(request, connection)
        record = self._records[call] = RequestRecord(
            started=started,
            method=request.method,
            path=request.path,
            query={name: value for name, value in request.query.items() if name != "api"},
            body=dict(json_of(request)),
            token=call.token,
            operation=call.operation.facts.name if call.operation else None,
            api=call.api,
            in_flight=call.in_flight,
            fault=call.met.fault.kind if call.met else None,
        )
        self.log.add(record)
        return call

    def message(self, call: Call) -> Message:
        """Log with which status a call is answered."""
        message = super().message(call)
        self._records[call].status = message.status
        return message

    def end(self, call: Call) -> None:
        """Log that a call is over."""
        super().end(call)
        if record := self._records.pop(call, None):
            self.log.end(record, time.monotonic())


class LogAdmin(Admin):
    """The simulator's HTTP interface, with the log."""

    def __init__(self, service: LoggingService) -> None:
        super().__init__(service)
        self._log = service.log
        self.replies["GET", "requests"] = self._requests
        self.replies["DELETE", "requests"] = self._forget

    def _requests(self, _: Request) -> Reply:
        return 200, {"requests": [asdict(record) for record in self._log]}

    def _forget(self, _: Request) -> Reply:
        self._log.clear()
        return 200, {}

    def _state(self, request: Request) -> Reply:
        status, state = super()._state(request)
        assert isinstance(state, dict)
        return status, {**state, "max_in_flight": self._log.max_in_flight()}

    def _operation(self, operation: Operation) -> dict[str, object]:
        told = super()._operation(operation)
        tokens = told["tokens"]
        assert isinstance(tokens, dict)
        for token, usage in tokens.items():
            usage["max_in_flight"] = self._log.max_in_flight(token)
        return told


class Simulator(simulator.Simulator):
    """A simulator that tells what it was asked, and breaks HTTP and JSON on demand."""

    service_type = LoggingService
    admin_type = LogAdmin
    service: LoggingService

    @property
    def requests(self) -> RequestLog:
        """The request log, oldest first."""
        return self.service.log

    def max_in_flight(self, token: str | None = None) -> int:
        """Return the most requests that a token (None: any) ever had in flight at once."""
        return self.requests.max_in_flight(token)

    def used_today(self, operation: str) -> int:
        """Return the calls that count against the operation's day, other people's included."""
        return self.service.access.usage(self.operation(operation), self.service.clock()).total

    def set_used_today(self, operation: str, calls: int) -> None:
        """Say how many calls the operation's first token has made today."""
        facts = self.operation(operation)
        self.service.access.set_used(facts, facts.token, calls, self.service.clock())


if __name__ == "__main__":
    sys.exit(simulate.run(parse(sys.argv[1:]), Simulator))
