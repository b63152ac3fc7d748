"""One operation's part of the exposition, in sections that are written anew when they have news."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from exporter.apis import APIS, CAMPAIGN_FAMILIES
from exporter.clock import Moment
from exporter.families import Family, Value
from exporter.metrics.lines import CampaignLines, Prefixes
from exporter.metrics.piece import Piece
from exporter.metrics.polls import POLL_FAMILIES
from exporter.metrics.quota import QUOTA_FAMILIES
from exporter.metrics.schedule_families import SCHEDULE_FAMILIES, ScheduleLines
from exporter.metrics.text import labels, samples
from exporter.metrics.view import Campaign, View, view
from exporter.schedules import ScheduleSet
from exporter.snapshot import OperationSnapshot

SHARE_FAMILIES: tuple[Family, ...] = (
    *CAMPAIGN_FAMILIES,
    *(family for family, _ in SCHEDULE_FAMILIES),
    *(family for family, _ in POLL_FAMILIES),
    *(family for family, _ in QUOTA_FAMILIES),
)
"""The families of which every operation has a piece, in the order of its pieces."""

_MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Written:
    """A section's pieces, one a family; what they were made of; the Unix time until which they are right."""

    pieces: tuple[Piece, ...]
    made_of: object
    until: float = math.inf


@dataclass(frozen=True, slots=True)
class Present:
    """What an operation's part is written from: the snapshot, the campaigns that it publishes, the time."""

    snapshot: OperationSnapshot
    view: View
    now: Moment


class Section(Protocol):
    """Some families of one operation."""

    def write(self, present: Present, before: Written | None) -> Written:
        """Return the pieces as they are to be at present; those of `before` that are still right are kept."""
        ...  # pragma: no cover


@dataclass(frozen=True, slots=True, eq=False)
class Share:
    """One operation's part, right until one of the two clocks (both in seconds) has reached its time.

    `since` is the Unix time of its writing: a clock that was put back before it takes schedules along.
    """

    snapshot: OperationSnapshot
    view: View
    sections: tuple[Written, ...]
    pieces: tuple[Piece, ...]
    since: float
    until: Moment

    def holds(self, now: Moment) -> bool:
        """Tell whether it is still right at `now`, as far as the time decides that."""
        put_back = now.wall < self.since - _MINUTE
        return not put_back and now.monotonic < self.until.monotonic and now.wall < self.until.wall


class Writer:
    """Writes the part of one operation; used by one thread at a time.

    `max_age` is for how many seconds an answer is served, by api.
    """

    def __init__(self, max_age: Mapping[str, float], book: ScheduleSet) -> None:
        self._max_age = max_age
        self._sections: tuple[Section, ...] = (_Campaigns(), _Schedules(book), _Polls(), _Quota())

    def write(self, snapshot: OperationSnapshot, before: Share | None, now: Moment) -> Share:
        """Return the part at `now`."""
        current = self._view(snapshot, before, now)
        present = Present(snapshot, current, now)
        old: Sequence[Written | None] = before.sections if before else [None] * len(self._sections)
        written = tuple(s.write(present, part) for s, part in zip(self._sections, old, strict=True))
        return Share(
            snapshot,
            current,
            written,
            tuple(piece for section in written for piece in section.pieces),
            now.wall,
            Moment(
                wall=min(current.until_wall, *(section.until for section in written)),
                monotonic=current.until_monotonic,
            ),
        )

    def _view(self, snapshot: OperationSnapshot, before: Share | None, now: Moment) -> View:
        if before is not None and before.view.holds(now):
            old = before.snapshot
            if old.answers is snapshot.answers:
                return before.view
        return view(snapshot, self._max_age, now)


class _Campaigns:
    """What wolkvox says of campaigns: a family is written anew when the answer that it comes from changes."""

    def __init__(self) -> None:
        self._prefixes: Prefixes = {}

    def write(self, present: Present, before: Written | None) -> Written:
        campaigns = present.view.campaigns
        if before is None:
            kept: Mapping[str, bool] = {}
        elif before.made_of is campaigns:
            return before
        else:
            kept = _same(before.made_of, campaigns)  # type: ignore[arg-type]
        lines: CampaignLines | None = None
        pieces = []
        for place, family in enumerate(CAMPAIGN_FAMILIES):
            if before is not None and all(kept[api] for api in _apis(family)):
                pieces.append(before.pieces[place])
                continue
            lines = lines or CampaignLines(campaigns, self._prefixes)
            pieces.append(_piece(lines.of(family), before, place))
        if lines is not None:
            self._prefixes = lines.prefixes
        return Written(tuple(pieces), campaigns)


def _apis(family: Family) -> set[str]:
    columns = [*family.columns, *([family.fallback] if family.fallback else [])]
    return {column.api for column in columns}


def _same(old: Sequence[Campaign], new: Sequence[Campaign]) -> Mapping[str, bool]:
    """Tell of each API whether nothing has changed in what it says, nor in which campaigns there are."""
    alike = len(old) == len(new) and all(
        a.labels == b.labels and a.fallback == b.fallback for a, b in zip(old, new, strict=True)
    )
    return {
        # What has not changed is mostly the same object, so that the comparison is quick.
        api: alike and all(a.values.get(api) == b.values.get(api) for a, b in zip(old, new, strict=True))
        for api in (one.name for one in APIS)
    }


class _Schedules:
    """What the schedules say, which moves on by the minute and not with the polls."""

    def __init__(self, book: ScheduleSet) -> None:
        self._book = book
        self._lines = ScheduleLines(book)

    def write(self, present: Present, before: Written | None) -> Written:
        wall = present.now.wall
        texts = self._lines.lines(present.view, wall)
        until = wall - wall % _MINUTE + _MINUTE if self._book.states(wall) else math.inf
        return Written(_pieces(texts, before), None, until)


class _Polls:
    """How the polling goes."""

    def write(self, present: Present, before: Written | None) -> Written:
        polls = present.snapshot.polls
        if before is not None and before.made_of is polls:
            return before
        prefixed = [
            (labels(("operation", "api"), (present.snapshot.operation, api)), status)
            for api, status in polls.items()
        ]
        texts = [
            _text(family, ((prefix, read(status)) for prefix, status in prefixed))
            for family, read in POLL_FAMILIES
        ]
        return Written(_pieces(texts, before), polls)


class _Quota:
    """The day's calls, which are none once the day is over."""

    def write(self, present: Present, before: Written | None) -> Written:
        usage, wall = present.snapshot.quota, present.now.wall
        if usage is None:
            return Written(_pieces([b""] * len(QUOTA_FAMILIES), before), None)
        prefix = labels(("operation",), (present.snapshot.operation,))
        texts = [_text(family, [(prefix, read(usage, wall))]) for family, read in QUOTA_FAMILIES]
        return Written(_pieces(texts, before), None, usage.ends if wall < usage.ends else math.inf)


def _text(family: Family, values: Iterable[tuple[str, Value | None]]) -> bytes:
    """Return the lines of a family by the label pairs of its samples."""
    lines = (line for prefix, value in values if value is not None for line in samples(family, prefix, value))
    return "".join(lines).encode()


def _pieces(texts: Sequence[bytes], before: Written | None) -> tuple[Piece, ...]:
    return tuple(_piece(text, before, place) for place, text in enumerate(texts))


def _piece(text: bytes, before: Written | None, place: int) -> Piece:
    """Return the piece of a text, the one before where it says the same: that one may be packed already."""
    if before is not None and before.pieces[place].text == text:
        return before.pieces[place]
    return Piece(text)
