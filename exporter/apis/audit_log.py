"""Which campaigns somebody has stopped by hand (vendor's API information, "audit_log"; OBS: working clients).

Its lines are about people. Kept is when each campaign was last stopped; who did it, only with `show_users`,
and then for the page and the log alone. Lines about calls of the API ("... has been consumed") say nothing
about a campaign.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo

from exporter import parsing
from exporter.apis.model import Api, Event, PollContext
from exporter.apis.report_range import report_range
from exporter.apis.rows import CountingReader
from exporter.clock import MAX_CLOCK_SKEW_SECONDS
from exporter.evidence import CLIENTS, COLLECTION, Content, Evidence, Statement, VendorField, fields_alike
from exporter.families import Column, Scope, Value
from exporter.parsing import Absent
from exporter.settings import keys
from exporter.settings.keys import Key
from exporter.snapshot.model import Listing, Row
from exporter.wolkvox import MAX_ROWS

NAME = "audit_log"

_SWITCHED = re.compile(r"\b(start|stop)(?:p?ed)?\s+campaign\s+([0-9]{1,20})\b", re.IGNORECASE)
"""OBS: "Predictive: stop campaign 11111"."""

_BY_PROGRAM = re.compile(r"\s*API\b|.*\bhas been consumed\b", re.IGNORECASE)
"""OBS: "API Campaign add_record", "... has been consumed": a program did that, through the API."""

STATEMENTS = (
    Statement(
        'Calls of the API may leave lines in the audit log; these begin with API or have "has been consumed" '
        "in them.",
        Evidence.SEEN,
        f"{CLIENTS} drop them",
    ),
    Statement(
        '"start campaign" and a number is the opposite of "stop campaign" and a number.',
        Evidence.ASSUMED,
        "lines about a stop were seen alone",
    ),
)

_FIRST_SECONDS = 3600.0
_MOST_SECONDS = 86400.0
"""How far back the first call looks, and a later one at most."""
_OVERLAP_SECONDS = MAX_CLOCK_SKEW_SECONDS + 60.0
"""A line may have the time of a clock that is behind, and none is of the minute in which the answer came."""
_KEPT_SECONDS = 7 * 86400.0
_MAX_USER_CHARACTERS = 100


def _stopped_at(row: Mapping[str, object], zone: tzinfo) -> Value | Absent:
    return parsing.timestamp(row.get("date"), zone)


STOPPED = Column(NAME, ("date",), _stopped_at, (("2026-08-12 09:04:08",), 1_786_543_448.0))

SHOW_USERS = Key(
    "show_users",
    keys.FLAG,
    False,
    "Whether the status page and the log name who stopped a campaign; metrics and the state store never do.",
)


class AuditReader(CountingReader):
    """Reads lines of the log, and adds them to what the last answer had; never raises."""

    def __init__(self, context: PollContext) -> None:
        super().__init__()
        self._now = context.now
        self._zone = context.zone
        self._show_users = SHOW_USERS.of(context.options)
        self._before = _stops(context.before)
        # Of each campaign when it was last started or stopped, whether it was stopped, and by whom.
        self._last: dict[str, tuple[float, bool, str]] = {}
        notes = context.before.notes if context.before and self._show_users else {}
        for campaign_id, at in self._before.items():
            if -MAX_CLOCK_SKEW_SECONDS <= self._now.timestamp() - at < _KEPT_SECONDS:
                self._last[campaign_id] = (at, True, notes.get(campaign_id, ""))

    def add(self, rows: Sequence[object]) -> None:
        """Read a batch of lines as JSON gave them."""
        for row in rows:
            if not isinstance(row, Mapping) or "action" not in row:
                self._discarded["shape"] += 1
                continue
            action = parsing.label(row["action"])
            if not isinstance(action, str) or _BY_PROGRAM.match(action):
                continue
            if match := _SWITCHED.search(action):
                self._note(match[2], stopped=match[1].lower() == "stop", row=row)

    def _note(self, campaign_id: str, *, stopped: bool, row: Mapping[str, object]) -> None:
        at = _stopped_at(row, self._zone)
        if at is Absent.UNREADABLE:
            self._count_unreadable("date")
        if not isinstance(at, float) or at > self._now.timestamp() + MAX_CLOCK_SKEW_SECONDS:
            return
        known = self._last.get(campaign_id)
        if known is None and len(self._last) >= MAX_ROWS:
            self._discarded["limit"] += 1
        elif known is None or at >= known[0]:
            self._last[campaign_id] = (at, stopped, self._user(row))

    def _user(self, row: Mapping[str, object]) -> str:
        user = parsing.label(row.get("user")) if self._show_users else ""
        return user[:_MAX_USER_CHARACTERS] if isinstance(user, str) else ""

    def rows(self) -> tuple[Row, ...]:
        """Return a row for each campaign that was last stopped, not started."""
        stops = ((one, at) for one, (at, stopped, _) in self._last.items() if stopped)
        return tuple(Row((campaign_id, "", ""), (at,)) for campaign_id, at in stops)

    @property
    def notes(self) -> Mapping[str, str]:
        """Who stopped each campaign, with `show_users`."""
        return {one: user for one, (_, stopped, user) in self._last.items() if stopped and user}

    @property
    def events(self) -> Sequence[Event]:
        """The stops that no answer has told before."""
        return [
            Event("somebody stopped a campaign by hand", self._values(campaign_id, at, user))
            for campaign_id, (at, stopped, user) in self._last.items()
            if stopped and at != self._before.get(campaign_id)
        ]

    def _values(self, campaign_id: str, at: float, user: str) -> Mapping[str, object]:
        when = datetime.fromtimestamp(at, self._zone).isoformat()
        return {"campaign_id": campaign_id, "at": when, **({"user": user} if user else {})}


def _stops(listing: Listing | None) -> Mapping[str, float]:
    rows = () if listing is None else listing.rows
    return {row.labels[0]: at for row in rows if isinstance(at := API.value(row, STOPPED.field), float)}


def stops(listing: Listing | None) -> Mapping[str, tuple[float, str]]:
    """Return when each campaign was last stopped by hand (Unix time), and by whom: "" for not told."""
    notes = {} if listing is None else listing.notes
    return {campaign_id: (at, notes.get(campaign_id, "")) for campaign_id, at in _stops(listing).items()}


def _query(context: PollContext) -> Mapping[str, str]:
    now, before = context.now, context.before
    elapsed = -1.0 if before is None else now.timestamp() - before.at.wall
    # By a clock that was put back it is not known how long ago the last answer came.
    seconds = _FIRST_SECONDS if elapsed < 0 else min(elapsed + _OVERLAP_SECONDS, _MOST_SECONDS)
    start = datetime.fromtimestamp(now.timestamp() - seconds, context.zone)
    # Where the clock was put back an hour meanwhile it has shown times before this start, and after this end.
    begins, ends, length = start.replace(tzinfo=None), now.replace(tzinfo=None), timedelta(seconds=seconds)
    return report_range(min(begins, ends - length), max(ends, begins + length))


API = Api(
    NAME,
    path="information.php",
    vendor_name="audit_log",
    title={"en": "Audit log", "es": "Registro de auditoría"},
    description="Which campaigns somebody has stopped by hand.",
    enabled=False,
    about_people=True,
    interval=300.0,
    columns=(STOPPED,),
    about=Scope.CAMPAIGN,
    query=_query,
    reader=AuditReader,
    options=(SHOW_USERS,),
    identity={"action": "Predictive: stop campaign 4875", "user": "ficticio"},
    evidence=Evidence.SEEN,
    source=f"{CLIENTS} read it, five minutes at a time",
    vendor_fields=(
        VendorField(
            "date",
            Content.TIME,
            Evidence.ASSUMED,
            f"{COLLECTION} names it without an example; other times of the API are like "
            '"2026-08-12 08:02:08"',
        ),
        *fields_alike(Content.TEXT, Evidence.DOCUMENTED, COLLECTION, "ip", "user", "workstation"),
        VendorField(
            "action",
            Content.TEXT,
            Evidence.SEEN,
            f'{CLIENTS} look for such lines as "Predictive: stop campaign 11111"; there may be others',
            (
                *("Predictive: stop campaign", "start", "API Campaign add_record", "API configuration"),
                *("has been consumed", "logged in to", "logged off", "delete", "changed their profile"),
            ),
        ),
    ),
)
