"""The immutable records that polling makes, and from which metrics are written."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from exporter.clock import Moment
from exporter.families import Value
from exporter.snapshot.memories import NOTHING, OperationMemory


@dataclass(frozen=True, slots=True)
class Row:
    """One row of one answer.

    `labels` say what it is about: of a campaign its id, name and skill id, "" for what is not known.
    `values` stand in the order of the columns of the answer's API; None is "not known".
    """

    labels: tuple[str, ...]
    values: tuple[Value | None, ...]


def campaign_key(row: Row) -> str:
    """Return what names a row's campaign in other answers: its id, or its name where there is no id."""
    return row.labels[0] or row.labels[1]


def id_rank(text: str) -> tuple[int, str]:
    """Return what sorts ids as their numbers, and one that is not known before all others."""
    return len(text), text


@dataclass(frozen=True, slots=True)
class Listing:
    """One good answer.

    `at` is when it had arrived whole. `valid_until` (Unix time) ends it before its age does: figures "since
    local midnight" are wrong from the next midnight on. `notes` are texts by the campaign id of a row, for
    people: they are never stored, and in no metric.
    """

    at: Moment
    rows: tuple[Row, ...]
    valid_until: float | None = None
    notes: Mapping[str, str] = field(default_factory=dict)

    def fresh(self, now: Moment, max_age: float) -> bool:
        """Return whether the answer may still be served at `now`; `max_age` in seconds."""
        if self.valid_until is not None and now.wall >= self.valid_until:
            return False
        return now.monotonic - self.at.monotonic < max_age


@dataclass(frozen=True, slots=True)
class TokenUse:
    """The vendor's own count of calls today (page "token_info"); None is "not known".

    `limit` and `used` are calls of the whole operation, all tokens together.
    """

    at: Moment
    limit: float | None
    used: float | None


@dataclass(frozen=True, slots=True)
class QuotaReading:
    """What the vendor last told of the day's calls, beside our own count at that time.

    `own_count` are our own calls of the local day `day` (YYYY-MM-DD) until then. `counts` is whether what was
    told counts for that day: the vendor's day may end at another hour.
    """

    told: TokenUse
    day: str
    own_count: int
    counts: bool


@dataclass(frozen=True, slots=True)
class Usage:
    """Calls of one operation on one local day.

    `day` is its date (YYYY-MM-DD), `ends` the Unix time of the midnight after it. `own_count` are the calls
    of all exporters that share the state; `others_count` those of everybody else who uses the operation's
    tokens, None when not known. `limit` is the vendor's limit and `budget` how many calls the exporter lets
    the operation come to, None when not known. `refused_at` is the Unix time at which the vendor last refused
    a call that day because the limit was reached, or at which the exporter last looked whether there is room
    again; None when there is.
    """

    day: str
    ends: float
    own_count: int
    others_count: float | None = None
    limit: float | None = None
    budget: float | None = None
    refused_at: float | None = None

    @property
    def used(self) -> float:
        """All calls that are known of: our own and those of others."""
        return self.own_count + (self.others_count or 0.0)

    def used_at(self, wall: float) -> float:
        """Return the calls of the day of a Unix time; after midnight there are none before the next poll."""
        return self.used if wall < self.ends else 0.0

    def spent(self, wall: float) -> bool:
        """Return whether no more calls are made at a Unix time, but for those that look for room."""
        if wall >= self.ends:
            return False
        return self.refused_at is not None or (self.budget is not None and self.used >= self.budget)


Tally = Mapping[str, int]
"""Counts by the value of one label."""


def add_tallies(tally: Tally, more: Tally) -> Tally:
    """Return the sums of two tallies; neither is changed."""
    return {key: tally.get(key, 0) + more.get(key, 0) for key in {**tally, **more}}


MAX_HISTORY_POLLS = 20
"""Polls of an API that are remembered one by one."""


@dataclass(frozen=True, slots=True)
class PollRecord:
    """How one poll ended, for people who look into a problem.

    Nothing in it comes from a body: neither rows nor messages. `at` is when the call began, `duration` is in
    seconds; `cause` is "" when the poll succeeded. `http_status`, `rows` and `unreadable` (values by the
    vendor's field) are None when not known, as of a poll made `by_other_process`.
    """

    at: Moment
    up: bool
    duration: float | None = None
    http_status: int | None = None
    cause: str = ""
    rows: int | None = None
    unreadable: Tally | None = None
    by_other_process: bool = False

    @property
    def has_unreadable(self) -> bool:
        """Whether it succeeded, and values of its answer could not be read."""
        return self.up and any((self.unreadable or {}).values())


@dataclass(frozen=True, slots=True)
class PollStatus:
    """What is known of the polling of one API of one operation.

    `up` is None before the first poll. `paused` is whether its last turn made no call, to keep within the
    day's budget. `failing_since` and `unreadable_since` are the Unix times of the first of the polls, up to
    the last one, that all failed, or all had values that could not be read. Durations (in seconds) and sizes
    (in decoded bytes) are those of the last poll. Counters count since the process started; every label value
    that is known in advance starts at 0.
    """

    interval: float
    up: bool | None = None
    paused: bool = False
    failing_since: float | None = None
    unreadable_since: float | None = None
    last_attempt: Moment | None = None
    last_success: Moment | None = None
    duration: float | None = None
    rows: int | None = None
    bytes: int | None = None
    last_failure: str = ""
    last_failure_detail: str = ""
    requests: int = 0
    failures: Tally = field(default_factory=dict)
    skipped: Tally = field(default_factory=dict)
    field_errors: Tally = field(default_factory=dict)
    discarded: Tally = field(default_factory=dict)
    history: tuple[PollRecord, ...] = ()
    """The last polls, the oldest first."""

    def with_poll(self, poll: PollRecord) -> "PollStatus":
        """Return this status with one more poll in its history; the oldest are dropped."""
        return replace(
            self,
            history=(*self.history, poll)[-MAX_HISTORY_POLLS:],
            failing_since=None if poll.up else self.failing_since or poll.at.wall,
            unreadable_since=(self.unreadable_since or poll.at.wall) if poll.has_unreadable else None,
        )

    def with_counts(self, **tallies: Tally) -> "PollStatus":
        """Return this status with the given counts added to the named tallies (failures, skipped, ...)."""
        raised = {name: add_tallies(getattr(self, name), more) for name, more in tallies.items()}
        return replace(self, **raised)  # type: ignore[arg-type]


Answers = Mapping[str, Listing]
"""The last good answers of one API by campaign id, or under "" where one answer tells everything."""


@dataclass(frozen=True, slots=True)
class OperationSnapshot:
    """All that is known of one operation at one time, by the name of the API.

    `answers` are what may be served. Of an API that lists campaigns they have those that the operator wants,
    with their clean names, sorted by id and skill; `unfiltered` has its answer as it came, from which they
    are chosen again when names or settings change. `memory` is what is remembered of the answers before.
    """

    operation: str
    polls: Mapping[str, PollStatus]
    answers: Mapping[str, Answers] = field(default_factory=dict)
    quota: Usage | None = None
    unfiltered: Mapping[str, Listing] = field(default_factory=dict)
    memory: OperationMemory = NOTHING

    def listing(self, api: str) -> Listing | None:
        """Return the last good answer of an API that is not asked by campaign, None before the first."""
        return self.answers.get(api, {}).get("")
