"""What shall go wrong, and when: faults are set for an operation and an api and used up by requests."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from itertools import count
from threading import Event, Lock

KINDS: Mapping[str, str] = {
    "http_status": "status, body (text), content_type; an empty body is an empty body",
    "html_200": "HTTP 200 with a page of HTML, as a proxy or a login page gives",
    "not_json": "HTTP 200, JSON content type, text that is no JSON (body)",
    "truncated_json": "a good answer cut in the middle of its JSON, the HTTP message whole",
    "wrong_shape": 'HTTP 200 and JSON of another shape (body: JSON text; default {"data": {"a": 1}})',
    "redirect": "status (302 unless 301..308) with Location: location",
    "hang": "never an answer, until the fault is cleared or the client gives up",
    "drip_header": "the good answer, one byte of its header each `seconds`",
    "drip_body": "the good answer, one byte of its body each `seconds`",
    "reset": "TCP RST instead of an answer",
    "close_early": "the good answer's head and half of its body, then the connection ends",
    "slow": "the good answer, `seconds` later",
    "gzip_bomb": "`megabytes` of blanks around an empty list, gzip, about a thousandth on the wire",
    "huge": "a good answer with its rows repeated until it has `megabytes`",
    "maintenance": "403 in the envelope, `msg` that names neither token nor limit",
    "bad_token": "403 PLEASE VALIDATE TOKEN",
    "quota": "403 TOKEN LIMIT EXCEEDED",
    "concurrency": "403 EXCEEDS THE LIMIT OF SIMULTANEOUS REQUESTS PER TOKEN (2)",
    "empty": "404 in the JSON envelope: no data",
    "garbage_values": "a good answer in which every second row has unreadable values",
    "rows": "a good answer with `rows` in place of its own",
    "invalid_utf8": "a good answer with bytes that are not UTF-8 in its last string",
    "bom": "a good answer after a byte order mark",
}
"""kind -> what it does, with the parameters it reads."""

REFUSALS = {"maintenance", "bad_token", "quota", "concurrency", "http_status", "redirect"}
"""Kinds that refuse the call before it counts."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. times: how many requests meet it, None for all. The other fields are read as `KINDS` says.

    seconds: extra latency or the period of a drip. megabytes: size of the decoded answer, in 1,000,000 bytes.
    rows: what stands for the rows, any JSON values. Raises ValueError for an unknown kind or a count below 1.
    """

    kind: str
    times: int | None = None
    status: int = 503
    body: str | None = None
    content_type: str = "text/html; charset=utf-8"
    location: str = "http://127.0.0.1:9/elsewhere"
    seconds: float = 1.0
    megabytes: float = 10.0
    msg: str = "THE PLATFORM IS UNDER MAINTENANCE"
    rows: tuple[object, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what cannot be acted out, and take any sequence as rows."""
        if self.kind not in KINDS:
            raise ValueError(f"unknown kind of fault {self.kind!r}; there are {', '.join(KINDS)}")
        if self.times is not None and self.times < 1:
            raise ValueError("times is 1 or more, or None")
        object.__setattr__(self, "rows", tuple(self.rows))


@dataclass(slots=True, eq=False)
class ActiveFault:
    """A fault that is set. used: requests that met it. released: set when a hanging request may go."""

    number: int
    operation: str | None
    api: str | None
    fault: Fault
    used: int = 0
    released: Event = field(default_factory=Event)

    def as_json(self) -> dict[str, object]:
        """Describe the fault as the admin interface does."""
        return {
            "id": self.number,
            "operation": self.operation,
            "api": self.api,
            "used": self.used,
            **asdict(self.fault),
        }


class FaultBook:
    """The faults that are set; the one set last comes first. Safe for threads."""

    def __init__(self) -> None:
        self._active: list[ActiveFault] = []
        self._spent: list[ActiveFault] = []
        self._numbers = count(1)
        self._lock = Lock()

    def set(self, fault: Fault, operation: str | None = None, api: str | None = None) -> ActiveFault:
        """Set a fault for an operation (None: all) and an api (None: all)."""
        active = ActiveFault(next(self._numbers), operation, api, fault)
        with self._lock:
            self._active.append(active)
        return active

    def clear(self, number: int | None = None) -> int:
        """Clear all faults, or one by its number; hanging requests end. Return how many were cleared."""
        with self._lock:
            gone = [active for active in self._active if number in {None, active.number}]
            self._active = [active for active in self._active if active not in gone]
            spent = [active for active in self._spent if number in {None, active.number}]
            self._spent = [active for active in self._spent if active not in spent]
        for active in gone + spent:
            active.released.set()
        return len(gone)

    def active(self) -> list[ActiveFault]:
        """Return the faults that are set, oldest first."""
        with self._lock:
            return list(self._active)

    def take(self, operation: str | None, api: str | None) -> ActiveFault | None:
        """Return the fault that a request meets, counting it."""
        with self._lock:
            for active in reversed(self._active):
                if active.operation in {None, operation} and active.api in {None, api}:
                    active.used += 1
                    if active.used == active.fault.times:
                        self._active.remove(active)
                        self._spent += [active] if active.fault.kind == "hang" else []
                    return active
        return None


def fault_from_json(body: Mapping[str, object]) -> Fault:
    """Read the fields of a fault from JSON. Raises ValueError or TypeError for unknown fields and values."""
    names = {one.name for one in fields(Fault)}
    if unknown := set(body) - names:
        raise ValueError(f"unknown fields: {', '.join(sorted(unknown))}")
    return Fault(**dict(body))  # type: ignore[arg-type]
