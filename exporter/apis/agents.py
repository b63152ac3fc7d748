"""How many agents are in which status (vendor's API real_time, "agents").

Agents are people: rows come in, counts go out; no name, id or number of an agent is kept.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import tzinfo

from exporter import parsing
from exporter.apis.model import Api, PollContext, Unreadable
from exporter.apis.rows import CountingReader, label
from exporter.evidence import CLIENTS, COLLECTION, Content, Evidence, Statement, VendorField, fields_alike
from exporter.families import Column, Family, Scope, Value
from exporter.parsing import Absent
from exporter.snapshot.model import Listing, Row
from exporter.wolkvox import MAX_ROWS

NAME = "agents"

READY, TALK = "ready", "talk"

STATUSES = (READY, TALK, "acw", "auxiliary", "logout")
"""The statuses that were seen in working clients: ready, in a call, after-call work, away, logged out."""

STATEMENTS = (
    Statement(
        "While every agent's status is one of ready, talk, acw, auxiliary and logout, nobody has those that "
        "are missing. With any other status in the answer, that is not known.",
        Evidence.ASSUMED,
        "a floor may have statuses of its own",
    ),
)

_MAX_STATUSES = 50
_MAX_STATUS_CHARACTERS = 40

_WORD = re.compile(r"[^\W\d_]+")
_MIN_NAME_CHARACTERS = 3
"""Shorter words of a name, such as "de", are in many statuses, too."""
_MIN_PART_CHARACTERS = 4
"""A word of a name of so many letters tells who that is also within another word ("jperez")."""


def _status(row: Mapping[str, object]) -> str | Absent:
    """Return the status of an agent in small letters; unreadable where it holds a number, or is too long."""
    text = parsing.label(row.get("agent_status"))
    if isinstance(text, Absent):
        return text
    status = " ".join(text.lower().split())
    if len(status) > _MAX_STATUS_CHARACTERS or any(c.isnumeric() for c in status):
        return Absent.UNREADABLE
    return status


def _words(text: str) -> list[str]:
    """Return the words of a text, without accents and in small letters."""
    return _WORD.findall(parsing.folded(text))


def _words_of_names(row: Mapping[str, object]) -> set[str]:
    """Return the words by which the agent of a row could be known."""
    named = [_words(text) for name in ("agent_id", "agent_name") if (text := label(row.get(name)))]
    return {word for words in named for word in words if len(words) == 1 or len(word) >= _MIN_NAME_CHARACTERS}


def _tells(status: str, names: set[str]) -> bool:
    """Return whether a status that the vendor does not document has a word of an agent's name."""
    if status in STATUSES:
        return False
    words = _words(status)
    text = " ".join(words)
    return not names.isdisjoint(words) or any(
        len(name) >= _MIN_PART_CHARACTERS and name in text for name in names
    )


def _by_status(row: Mapping[str, object], _zone: tzinfo) -> Value | Absent:
    status = _status(row)
    return status if isinstance(status, Absent) else {(status,): 1.0}


BY_STATUS = Column(
    NAME,
    ("agent_status",),
    _by_status,
    (("Ready",), {(status,): float(status == READY) for status in STATUSES}),
)

FAMILIES = (
    Family(
        "wolkvox_agents",
        "Agents in each status (small letters). Ready, talk, acw, auxiliary and logout are 0 where nobody "
        "has them and every agent has one of these.",
        Scope.OPERATION,
        labels=("status",),
        columns=(BY_STATUS,),
    ),
)


class AgentReader(CountingReader):
    """Counts agents by status; never raises. What is unreadable has no example: the rows are about people.

    Names are kept until the answer is whole, for a status of one agent may have the name of another.
    """

    def __init__(self, _context: PollContext) -> None:
        super().__init__()
        self._statuses: dict[object, str | None] = {}
        self._rows_by_status: Counter[str] = Counter()
        self._names: set[str] = set()

    def add(self, rows: Sequence[object]) -> None:
        """Read a batch of rows as JSON gave them."""
        for row in rows:
            if isinstance(row, Mapping) and "agent_status" in row:
                self._note(row)
            else:
                self._discarded["shape"] += 1

    def _note(self, row: Mapping[str, object]) -> None:
        agent = parsing.text(row.get("agent_id"))
        # Without an id each row is an agent of its own.
        key: object = len(self._statuses) if isinstance(agent, Absent) else agent
        if key not in self._statuses and len(self._statuses) >= MAX_ROWS:
            self._discarded["limit"] += 1
            return
        self._discarded["duplicate"] += key in self._statuses
        self._names |= _words_of_names(row)
        status = _status(row)
        if status is Absent.UNREADABLE:
            self._count_unreadable("agent_status")
        elif isinstance(status, str) and len(self._rows_by_status.keys() | {status}) > _MAX_STATUSES:
            self._discarded["limit"] += 1
            status = Absent.MISSING
        self._statuses[key] = None if isinstance(status, Absent) else status
        self._rows_by_status.update([status] if isinstance(status, str) else [])

    def _telling(self) -> set[str]:
        """Return the statuses that could tell who an agent is."""
        return {status for status in self._rows_by_status if _tells(status, self._names)}

    def rows(self) -> tuple[Row, ...]:
        """Return one row: how many agents have each status.

        Without a row nothing is known: wolkvox answers "no data" for an API that a server lacks, too.
        """
        telling = self._telling()
        counts = Counter(None if status in telling else status for status in self._statuses.values())
        found: dict[tuple[str, ...], float] = {
            (status,): float(count) for status, count in counts.items() if status is not None
        }
        whole = not self._discarded["shape"] and not self._discarded["limit"]
        if found and whole and all(status in STATUSES for status in counts):
            found = {**{(status,): 0.0 for status in STATUSES}, **found}
        return (Row((), (found or None,)),)

    @property
    def unreadable(self) -> tuple[Unreadable, ...]:
        """The statuses that were no status so far."""
        count = self._unreadable["agent_status"] + sum(self._rows_by_status[one] for one in self._telling())
        return (Unreadable("agent_status", count, ""),) if count else ()


def by_status(listing: Listing | None) -> Mapping[str, float] | None:
    """Return how many agents have each status by an answer; None where nothing is known."""
    value = listing.rows[0].values[0] if listing else None
    return {status: count for (status,), count in value.items()} if isinstance(value, Mapping) else None


def nobody_ready(counts: Mapping[str, float] | None) -> bool:
    """Return whether no agent is ready or talking for certain: every agent's status is one of those known."""
    return counts is not None and counts.get(READY) == 0 and counts.get(TALK) == 0


API = Api(
    NAME,
    path="real_time.php",
    vendor_name="agents",
    title={"en": "Agents", "es": "Agentes"},
    description="How many agents are in each status.",
    enabled=False,
    about_people=True,
    interval=300.0,
    columns=(BY_STATUS,),
    families=FAMILIES,
    reader=AgentReader,
    identity={"agent_id": "1001", "agent_name": "FICTICIA"},
    evidence=Evidence.SEEN,
    source=f'{CLIENTS} read the rows bare or under "data"',
    vendor_fields=(
        *fields_alike(Content.TEXT, Evidence.DOCUMENTED, COLLECTION, "agent_id", "agent_name"),
        VendorField(
            "agent_status",
            Content.WORD,
            Evidence.SEEN,
            f"{CLIENTS} know five; whether there are others is not known",
            STATUSES,
        ),
        *fields_alike(
            Content.FIGURE,
            Evidence.DOCUMENTED,
            COLLECTION,
            *("calls", "inbound", "outbound", "internal"),
            *("time_state_now", "ready_time", "aux_time", "ocupation"),
        ),
    ),
    more_fields=True,
)
