"""The settings of a simulator: how many operations and campaigns, which habits, how quickly time passes."""

from dataclasses import dataclass
from datetime import datetime
from math import inf
from typing import Literal

NAMES = ("ventas-bogota", "cobranza-mexico", "soporte-lima")
ZONES = (
    "America/Bogota",
    "America/Mexico_City",
    "America/Lima",
    "America/Santiago",
    "America/Argentina/Buenos_Aires",
    "Europe/Madrid",
)
LICENCES = 25
MAX_CAMPAIGNS = 10_000
MAX_TIME_FACTOR = 86_400.0
"""A day in a second. Every virtual minute is worked through, so a quicker simulator would never keep up."""


@dataclass(frozen=True, slots=True)
class OperationStyle:
    r"""The habits in which operations differ, because the vendor's pages and its real answers do not agree.

    envelope: `campaigns` as {"code","error","msg","data"} (seen) instead of a bare array (page "Real time
    reporting of campaigns"). code: `code` of a success as text, int or "" (each is in one of the pages).
    total_row: a report ends with a TOTAL row. turbo: spellings of yes and no. ring: unit of the ring time.
    last_use: precision of `last_use`. ascii_only: letters beyond ASCII are written \uXXXX. results: those of
    report campaign_4 as "answer-machine", "ANSWER-MACHINE" or "Answer Machine". lone_row: where there is only
    ever one row, `data` is that row. newest_first: the order of `audit_log`. logs_calls: it has a line of
    each call of the API.
    """

    envelope: bool = False
    code: Literal["text", "int", "empty"] = "text"
    total_row: bool = False
    turbo: tuple[str, str] = ("yes", "no")
    ring: Literal["seg", "sec"] = "seg"
    last_use: Literal["second", "day"] = "second"
    ascii_only: bool = False
    results: Literal["hyphens", "capitals", "words"] = "hyphens"
    lone_row: bool = False
    newest_first: bool = False
    logs_calls: bool = True


STYLES = (
    OperationStyle(ascii_only=True),
    OperationStyle(
        envelope=True, code="int", total_row=True, turbo=("Si", "No"), results="capitals", lone_row=True
    ),
    OperationStyle(
        envelope=True,
        code="empty",
        turbo=("1", "0"),
        ring="sec",
        last_use="day",
        results="words",
        newest_first=True,
        logs_calls=False,
    ),
    OperationStyle(envelope=True, turbo=("active", "inactive"), total_row=True, newest_first=True),
    OperationStyle(code="int", turbo=("ON", "OFF"), results="words", lone_row=True),
)


@dataclass(frozen=True, slots=True)
class SimulatedOperation:
    """One operation of the simulated vendor, which its tokens open. All values are invented."""

    name: str
    token: str
    tokens: tuple[str, ...]
    timezone: str
    licences: int
    style: OperationStyle

    @property
    def limit(self) -> int:
        """The calls of a day: licences x 1000 (every page of the vendor)."""
        return self.licences * 1000


@dataclass(frozen=True, slots=True)
class SimulatorSettings:
    """The settings of one simulator.

    operations: 1 or more. campaigns: of each operation, 1 to 10,000. seed: same seed, same world.
    time_factor: virtual seconds in a real second, over 0, at most 86,400. start: the virtual instant of the
    start, with its zone; None means 10:00 on a Wednesday in each operation's zone, so that campaigns dial
    whatever the hour. latency: seconds before each answer. licences, tokens: of each operation.
    others_use_per_hour: calls that other people's scripts make in each operation every hour. events: some
    campaigns use up their lists, are recycled, vanish for a poll or appear late; without, all are steady.
    styles: one for each operation, over again when there are fewer. gzip: compress when the client accepts
    it. records: smallest and largest list of a campaign.

    Raises ValueError for values out of these ranges.
    """

    operations: int = 3
    campaigns: int = 8
    seed: int = 1
    time_factor: float = 1.0
    start: datetime | None = None
    latency: float = 0.05
    licences: int = LICENCES
    tokens: int = 2
    others_use_per_hour: float = 0.0
    events: bool = True
    styles: tuple[OperationStyle, ...] = STYLES
    gzip: bool = True
    records: tuple[int, int] = (900, 9000)

    def __post_init__(self) -> None:
        """Refuse values that make no sense, naming their fields."""
        low, high = self.records
        wrong = {
            "operations": self.operations < 1,
            "campaigns": not 1 <= self.campaigns <= MAX_CAMPAIGNS,
            "time_factor": not 0 < self.time_factor <= MAX_TIME_FACTOR,
            "start (a time with its zone is needed)": self.start is not None and self.start.tzinfo is None,
            "latency": not 0 <= self.latency < inf,
            "licences": self.licences < 1,
            "tokens": self.tokens < 1,
            "others_use_per_hour": not 0 <= self.others_use_per_hour < inf,
            "styles": not self.styles,
            "records": not 1 <= low <= high,
        }
        if bad := [name for name, is_wrong in wrong.items() if is_wrong]:
            raise ValueError(f"simulator settings out of range: {', '.join(bad)}")

    def make_operations(self) -> tuple[SimulatedOperation, ...]:
        """Return the operations; the first three have names of their own, the rest are numbered."""
        return tuple(self._operation(number) for number in range(self.operations))

    def _operation(self, number: int) -> SimulatedOperation:
        name = NAMES[number] if number < len(NAMES) else f"operacion-{number + 1}"
        first = f"sim-token-{name.rsplit('-', 1)[1]}"
        return SimulatedOperation(
            name=name,
            token=first,
            tokens=(first, *(f"{first}-{extra + 1}" for extra in range(1, self.tokens))),
            timezone=ZONES[number % len(ZONES)],
            licences=self.licences,
            style=self.styles[number % len(self.styles)],
        )
