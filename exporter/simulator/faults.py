"""What can go wrong with wolkvox on demand, and which of it is switched on.

These are troubles that wolkvox really gives its callers. Broken HTTP and broken JSON, which serve tests only,
are added by the subclass of `Fault` in tests/support/mischief.py.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from http import HTTPStatus
from itertools import count
from threading import Event, Lock
from typing import ClassVar, Self

from exporter.simulator import answers
from exporter.simulator.answers import Answer
from exporter.simulator.wire import Connection, Hangup, Message

KINDS: Mapping[str, str] = {
    "http_status": "HTTP `status` (503) with `body` (a page of HTML): wolkvox or its proxy is down",
    "hang": "no answer, until the fault is cleared or the caller gives up",
    "slow": "the good answer, `seconds` (1) late",
    "maintenance": "403 with `msg`, which names neither the token nor a limit",
    "bad_token": f"403 {answers.BAD_TOKEN}",
    "quota": f"403 {answers.QUOTA_USED_UP}",
    "concurrency": f"403 {answers.TOO_MANY_AT_ONCE}",
    "empty": f"404 {answers.NO_DATA}: there is no data",
    "new_format": "the good answer, but `field` (one that counts) is written as wolkvox has never done",
    "clock": "the good answer, whose header Date is `seconds` (1) ahead of the clock, behind it if negative",
}
"""Kind of fault -> what it does, with the fields that it reads and their defaults."""

_REFUSALS = {
    "bad_token": answers.BAD_TOKEN,
    "quota": answers.QUOTA_USED_UP,
    "concurrency": answers.TOO_MANY_AT_ONCE,
}
_TELLING = (
    "speed",
    "records",
    "calls_in_queue_now",
    "agent_status",
    "licenses",
    "date",
    "token_limit",
    "congestion",
)
"""Of each API one field, which `new_format` changes where it is not told another."""
_MAX_SECONDS = 365 * 86_400.0
_PAGE = "<!DOCTYPE html><html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"


@dataclass(frozen=True)
class Fault:
    """One fault, which changes the answer, the HTTP message made of it, or how that is sent.

    times: how many calls meet the fault, None for all until it is cleared. `kinds` says what reads the other
    fields. Raises ValueError for an unknown kind and values out of range, TypeError for other types.
    """

    kinds: ClassVar[Mapping[str, str]] = KINDS
    refusals: ClassVar[set[str]] = {*_REFUSALS, "maintenance", "http_status"}
    """The kinds that meet a call before it is answered and counted."""

    kind: str
    times: int | None = None
    status: int = 503
    body: str | None = None
    seconds: float = 1.0
    msg: str = "THE PLATFORM IS UNDER MAINTENANCE"
    field: str | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be acted out."""
        if self.kind not in self.kinds:
            raise ValueError(f"unknown kind of fault {self.kind!r}; the kinds are {', '.join(self.kinds)}")
        if self.times is not None and self.times < 1:
            raise ValueError("times is 1 or more, or null")
        least = -_MAX_SECONDS if self.kind == "clock" else 0.0
        if not least <= self.seconds <= _MAX_SECONDS:
            raise ValueError(f"seconds is {least:,.0f} to {_MAX_SECONDS:,.0f}")

    @classmethod
    def from_json(cls, body: Mapping[str, object]) -> Self:
        """Return the fault that JSON describes. Raises ValueError for what makes no sense."""
        if unknown := set(body) - {one.name for one in fields(cls)}:
            raise ValueError(f"unknown fields: {', '.join(sorted(unknown))}")
        try:
            return cls(**dict(body))  # type: ignore[arg-type]
        except TypeError:
            raise ValueError(
                f"a fault needs a kind, one of {', '.join(cls.kinds)}; times and seconds are numbers"
            ) from None

    @property
    def clock_offset_seconds(self) -> float:
        """By how much the header Date is ahead of the clock."""
        return self.seconds if self.kind == "clock" else 0.0

    def answer(self, answer: Answer) -> Answer:
        """Return what the API says in place of `answer`."""
        if self.kind == "empty":
            return answers.nothing()
        if self.kind == "maintenance" or self.kind in _REFUSALS:
            words = _REFUSALS.get(self.kind, self.msg)
            return replace(answer, status=HTTPStatus.FORBIDDEN, msg=words, rows=None)
        if self.kind == "new_format" and answer.rows is not None:
            return replace(answer, rows=map(self._reworded, answer.rows))
        return answer

    def _reworded(self, row: object) -> object:
        fields = _TELLING if self.field is None else (self.field,)
        name = next((one for one in fields if isinstance(row, dict) and one in row), None)
        return {**row, name: f"about {row[name]}"} if isinstance(row, dict) and name else row

    def message(self, message: Message) -> Message:
        """Return the HTTP message that is sent in place of `message`."""
        if self.kind != "http_status":
            return message
        body = _PAGE.format(self.status) if self.body is None else self.body
        return Message(self.status, (body.encode(),), "text/html; charset=utf-8")

    def deliver(
        self, message: Message, connection: Connection, over: Callable[[], None], cleared: Event
    ) -> None:
        """Send the message. Raises Hangup to end the connection.

        over: called before the last bytes are sent. cleared: set once the fault is cleared.
        """
        if self.kind == "hang":
            connection.wait_for(cleared)
            over()
            raise Hangup
        if self.kind == "slow":
            connection.sleep(self.seconds)
        connection.write(message, over)


@dataclass(slots=True, eq=False)
class ActiveFault:
    """A fault that is set, for one operation (None: all) and one API (None: all). used: calls that met it."""

    number: int
    operation: str | None
    api: str | None
    fault: Fault
    used: int = 0
    cleared: Event = field(default_factory=Event)

    @property
    def spent(self) -> bool:
        """Whether no further call meets the fault."""
        return self.used == self.fault.times

    def as_json(self) -> dict[str, object]:
        """Return the fault as the HTTP interface shows it."""
        where = {"id": self.number, "operation": self.operation, "api": self.api, "used": self.used}
        return {**where, **asdict(self.fault)}


class FaultBook:
    """The faults that are set; the last one set comes first. Safe for threads."""

    def __init__(self) -> None:
        self._faults: list[ActiveFault] = []
        self._numbers = count(1)
        self._lock = Lock()

    def set(self, fault: Fault, operation: str | None = None, api: str | None = None) -> ActiveFault:
        """Set a fault for an operation (None: all) and an API (None: all), and return it as it stands."""
        active = ActiveFault(next(self._numbers), operation, api, fault)
        with self._lock:
            self._faults.append(active)
        return active

    def clear(self, number: int | None = None) -> int:
        """Return how many faults were cleared: the one of that number, or all. Calls that hang end."""
        with self._lock:
            gone = [one for one in self._faults if number in {None, one.number}]
            self._faults = [one for one in self._faults if one not in gone]
        for one in gone:
            one.cleared.set()
        return sum(not one.spent for one in gone)

    def active(self) -> list[ActiveFault]:
        """Return the faults that calls meet, oldest first."""
        with self._lock:
            return [one for one in self._faults if not one.spent]

    def take(self, operation: str | None, api: str | None) -> ActiveFault | None:
        """Return the fault that a call meets, which counts the call."""
        with self._lock:
            for one in reversed(self._faults):
                if not one.spent and one.operation in {None, operation} and one.api in {None, api}:
                    one.used += 1
                    return one
        return None
