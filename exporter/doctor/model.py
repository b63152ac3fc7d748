"""What the doctor has seen of an operation, and what it says about that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from exporter.capture import Exchange
from exporter.config import Operation


class Grade(StrEnum):
    """What a check has found."""

    GOOD = "good"
    ODD = "odd"
    """Somebody should look at it."""
    WRONG = "wrong"
    """The exporter will not do what it is for until this is put right."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: what, with which grade, what was found, and what to do about it."""

    grade: Grade
    subject: str
    text: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What was seen beside wolkvox's answers.

    `addresses` is how many addresses the name of the server has, None where it was not looked up, as behind a
    proxy; `lookup_failure` why it could not be. `state_problem` is why the state store cannot be used or is
    not the exporter's, "" when it is fine, None where that is not known. `own_count` are today's calls by our
    own count when `token_info` was asked, with that one. `used`, `limit` and `budget` are calls of the day as
    in Usage, after all calls. Counts are texts such as "12,480", so that no run of their digits is like an
    id's, and "" where they are not known. `refused` is when wolkvox refused a call today because all were
    used, by the operation's clock ("20:03"), "" when it did not. `not_asked` is why no call was made, by API.
    """

    proxy: bool = False
    addresses: int | None = None
    lookup_failure: str = ""
    state_problem: str | None = None
    own_count: str = ""
    used: str = ""
    limit: str = ""
    budget: str = ""
    refused: str = ""
    not_asked: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Observation:
    """All that was seen of one operation; `exchanges` are the calls in the order in which they were made.

    `path` says where the operation stands in the configuration.
    """

    operation: Operation
    path: str
    facts: Circumstances
    exchanges: Sequence[Exchange]


@dataclass(frozen=True, slots=True)
class Examination:
    """What the doctor says about one operation.

    `forms` is how values are written, by API and field: each form with the number of rows.
    """

    operation: str
    checks: Sequence[Check]
    forms: Mapping[str, Mapping[str, Mapping[str, int]]]
