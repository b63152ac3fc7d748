"""Makes /metrics: lines are written when a poll lands, encoded by the scrape that finds news, then kept.

What a scrape is made of, one after the other::

    OperationText   the lines of one operation, by family    written by a poll, or when time has changed them
    EncodedText     the lines of all operations, encoded     by the first scrape of a format and encoding
    end             the process' own metrics                 by each scrape

One lock lets one thread at a time write or encode; a scrape without news takes no lock, and none is held
while a body is sent.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from exporter.apis import BY_NAME, CAMPAIGN_FAMILIES
from exporter.clock import Clock, Moment
from exporter.families import Family
from exporter.judgement import Campaign, Judged, Terms, View, judge, view
from exporter.metrics.content_encoding import ENCODINGS, IDENTITY, EncodedText
from exporter.metrics.judgement_families import judgement_lines
from exporter.metrics.lines import CampaignLines
from exporter.metrics.polls import poll_lines
from exporter.metrics.process import ProcessMetrics
from exporter.metrics.quota import quota_lines
from exporter.metrics.row_lines import row_lines
from exporter.metrics.selection import EVERYTHING, Selection
from exporter.metrics.table import OPERATION_FAMILIES
from exporter.metrics.text import Format, header
from exporter.schedules import ScheduleSet, ScheduleState
from exporter.snapshot import OperationSnapshot, Snapshots
from exporter.snapshot.memories import OperationMemory

MaxAges = Mapping[str, Mapping[str, float]]
"""For how many seconds an answer is served, by operation and API."""

NO_TERMS: Mapping[str, Terms] = {}

_MINUTE_SECONDS = 60.0

_Lines = tuple[bytes, ...]
"""The lines of one operation, one text a family, in the order of OPERATION_FAMILIES."""

_Key = tuple[Format, str, Selection]


@dataclass(frozen=True, slots=True, eq=False)
class OperationText:
    """The lines of one operation, right until one of the two clocks (both in seconds) has reached its time.

    `since` is the Unix time of their writing: a clock that was put back before it takes schedules along.
    """

    snapshot: OperationSnapshot
    view: View
    judged: Judged
    lines: _Lines
    since: float
    until: Moment

    def holds(self, snapshot: OperationSnapshot, now: Moment) -> bool:
        """Return whether these are the lines of a snapshot at `now`."""
        put_back = now.wall < self.since - _MINUTE_SECONDS
        in_time = now.monotonic < self.until.monotonic and now.wall < self.until.wall
        return self.snapshot is snapshot and in_time and not put_back


@dataclass(frozen=True, slots=True, eq=False)
class _JudgedText:
    """Campaigns as they are judged, their lines, and what they were judged by."""

    view: View
    memory: OperationMemory
    states: tuple[ScheduleState, ...]
    judged: Judged
    lines: Sequence[bytes]


class OperationWriter:
    """Writes the lines of one operation; used by one thread at a time.

    `max_age` is for how many seconds an answer is served, by API.
    """

    def __init__(self, max_age: Mapping[str, float], schedule_set: ScheduleSet, terms: Terms) -> None:
        self.text: OperationText | None = None
        self._max_age = max_age
        self._schedule_set = schedule_set
        self._terms = terms
        self._prefixes: Sequence[bytes] | None = None
        self._judged: _JudgedText | None = None

    def write(self, snapshot: OperationSnapshot, now: Moment) -> OperationText:
        """Return the lines of a snapshot at `now`; also kept as `text`."""
        current, campaigns = self._campaigns(snapshot, now)
        judged = self._judge(current, snapshot, now.wall)
        rows, rows_until = row_lines(snapshot, self._max_age, now)
        lines = (*campaigns, *judged.lines, *rows, *poll_lines(snapshot), *quota_lines(snapshot, now.wall))
        until = current.until_wall
        if snapshot.quota is not None and now.wall < snapshot.quota.ends:
            until = min(until, snapshot.quota.ends)
        if self._schedule_set.states(now.wall):
            until = min(until, now.wall - now.wall % _MINUTE_SECONDS + _MINUTE_SECONDS)
        end = Moment(wall=until, monotonic=min(current.until_monotonic, rows_until))
        self.text = OperationText(snapshot, current, judged.judged, lines, now.wall, end)
        return self.text

    def _judge(self, current: View, snapshot: OperationSnapshot, wall: float) -> _JudgedText:
        """Return the campaigns judged; what was judged stays while neither answers nor schedules change."""
        states, memory, made = self._schedule_set.states(wall), snapshot.memory, self._judged
        if made and made.view is current and made.memory is memory and made.states is states:
            return made
        judged = judge(current, memory, self._schedule_set, wall, self._terms)
        offset = self._schedule_set.utc_offset(wall)
        lines = judgement_lines(judged, snapshot.operation, offset, wall)
        self._judged = _JudgedText(current, memory, states, judged, lines)
        return self._judged

    def _campaigns(self, snapshot: OperationSnapshot, now: Moment) -> tuple[View, _Lines]:
        """Return the campaigns and their lines; those there are stay, as far as no figure has changed."""
        text = self.text
        if text and text.view.holds(now) and text.snapshot.answers is snapshot.answers:
            return text.view, text.lines[: len(CAMPAIGN_FAMILIES)]
        current = view(snapshot, self._max_age, now)
        old: Sequence[Campaign] = text.view.campaigns if text else ()
        same_labels = [c.labels for c in old] == [c.labels for c in current.campaigns]
        lines = CampaignLines(current.campaigns, self._prefixes if same_labels else None)
        self._prefixes = lines.prefixes
        changed = _changed(old, current.campaigns) if same_labels else set(BY_NAME)
        return current, tuple(
            text.lines[index] if text and not changed & _apis(family) else lines.of(family)
            for index, family in enumerate(CAMPAIGN_FAMILIES)
        )


class Exposition:
    """Publishes all operations; any number of scrapes and polls may run at once."""

    def __init__(
        self,
        snapshots: Snapshots,
        max_ages: MaxAges,
        schedule_sets: Mapping[str, ScheduleSet],
        process: ProcessMetrics,
        clock: Clock,
    ) -> None:
        self._snapshots = snapshots
        self._process = process
        self._clock = clock
        self._lock = threading.Lock()
        self._writers: Mapping[str, OperationWriter] = {}
        self._encoded: dict[_Key, tuple[Sequence[_Lines], EncodedText]] = {}
        self.configure(max_ages, schedule_sets)

    def configure(
        self,
        max_ages: MaxAges,
        schedule_sets: Mapping[str, ScheduleSet],
        terms: Mapping[str, Terms] = NO_TERMS,
    ) -> None:
        """Apply these ages, schedules and terms from now on; all lines will be written anew.

        The first two must name every operation there is, and those that a scrape under way may still be
        writing.
        """
        with self._lock:
            self._writers = {
                name: OperationWriter(age, schedule_sets[name], terms.get(name, Terms()))
                for name, age in max_ages.items()
            }
            self._encoded = {}

    def refresh(self, snapshot: OperationSnapshot) -> None:
        """Write the lines of an operation that has a new snapshot."""
        with self._lock:
            self._write(snapshot)

    def render(self, fmt: Format, selection: Selection = EVERYTHING) -> Sequence[bytes]:
        """Return the exposition, or the selected part of it, in chunks; an unknown operation has none."""
        return self.body(fmt, IDENTITY, selection)

    def body(self, fmt: Format, encoding: str, selection: Selection = EVERYTHING) -> Sequence[bytes]:
        """Return the same in one of the content encodings."""
        encoded = self._find(fmt, encoding, selection)
        if encoded is None:
            with self._lock:
                # Whoever had to wait for the lock mostly finds the work done.
                encoded = self._find(fmt, encoding, selection) or self._encode(fmt, encoding, selection)
        process = b"" if selection.operation is not None else self._process.render(fmt, selection)
        return encoded.body(process + fmt.end)

    def at_hand(self, fmt: Format, encoding: str, selection: Selection = EVERYTHING) -> bool:
        """Return whether the body is encoded, so that handing it out takes no time worth a thread."""
        return self._find(fmt, encoding, selection) is not None

    def judged(self) -> Mapping[str, Judged]:
        """Return the campaigns that are published at present, as they are judged, by operation."""
        with self._lock:
            return {
                name: self._write(snapshot).judged for name, snapshot in self._snapshots.current().items()
            }

    def _find(self, fmt: Format, encoding: str, selection: Selection) -> EncodedText | None:
        """Return what is encoded already, None when it is not what is to be published at present."""
        lines, encoded = self._encoded.get((fmt, encoding, selection), (None, None))
        if encoded is None:
            return None
        # The snapshots before the writers: a reload replaces them in the opposite order.
        snapshots, now = self._selected(selection.operation), self._clock.now()
        writers = self._writers
        found = [
            text.lines if (text := writers[snapshot.operation].text) and text.holds(snapshot, now) else None
            for snapshot in snapshots
        ]
        return encoded if found == lines else None

    def _encode(self, fmt: Format, encoding: str, selection: Selection) -> EncodedText:
        """Encode the exposition, after writing what is out of date; used under the lock."""
        operations = [self._write(snapshot).lines for snapshot in self._selected(selection.operation)]
        encoded = ENCODINGS[encoding](_parts(operations, fmt, selection, joined=encoding != IDENTITY))
        if selection.names is None:
            self._encoded[fmt, encoding, selection] = (operations, encoded)
        return encoded

    def _write(self, snapshot: OperationSnapshot) -> OperationText:
        """Return the lines of an operation as they are at present; used under the lock."""
        writer, now = self._writers[snapshot.operation], self._clock.now()
        before = writer.text
        if before and before.holds(snapshot, now):
            return before
        text = writer.write(snapshot, now)
        if before is None or before.lines != text.lines:
            # What was encoded of the lines before would only keep them in memory.
            outdated = {None, snapshot.operation}
            self._encoded = {k: kept for k, kept in self._encoded.items() if k[2].operation not in outdated}
        return text

    def _selected(self, operation: str | None) -> Sequence[OperationSnapshot]:
        snapshots = self._snapshots.current()
        if operation is None:
            return list(snapshots.values())
        return [snapshots[operation]] if operation in snapshots else []


def _parts(
    operations: Sequence[_Lines], fmt: Format, selection: Selection, *, joined: bool
) -> Iterator[bytes]:
    """Yield the text: the lines themselves, or `joined` by family, of which one at a time is in memory."""
    for index, family in enumerate(OPERATION_FAMILIES):
        lines = [of_one[index] for of_one in operations if of_one[index]]
        if lines and selection.wants(family.name):
            yield header(family, fmt)
            yield from [b"".join(lines)] if joined else lines


def _changed(old: Sequence[Campaign], new: Sequence[Campaign]) -> set[str]:
    """Return the APIs that say something else about the same campaigns."""
    # What has not changed is mostly the same object, so that the comparison is quick.
    return {api for api in BY_NAME if [c.values.get(api) for c in old] != [c.values.get(api) for c in new]}


def _apis(family: Family) -> set[str]:
    """Return the APIs that the figures of a family come from."""
    return {column.api for column in family.sources}
