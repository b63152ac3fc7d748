"""Makes /metrics: campaign samples once per poll and operation, joined with what is known of the polling."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from exporter.clock import Clock
from exporter.endpoint import Endpoint
from exporter.families import CAMPAIGN_FAMILIES, CAMPAIGN_LABELS, COLUMNS, Column, Family, Value
from exporter.metrics.polls import POLL_FAMILIES
from exporter.metrics.process import ProcessMetrics
from exporter.metrics.quota import QUOTA_FAMILIES
from exporter.metrics.schedules import SCHEDULE_FAMILIES, ScheduleLines
from exporter.metrics.selection import EVERYTHING, Selection
from exporter.metrics.text import Format, header, labels, samples
from exporter.metrics.view import Campaign, View, view
from exporter.schedules import Book
from exporter.snapshot import Board, OperationSnapshot

MaxAges = Mapping[str, Mapping[Endpoint, float]]
"""For how many seconds an answer is served, by operation and endpoint."""

_Source = tuple[Endpoint, int, tuple[str, ...]]
"""Where a family's figure stands in a campaign: endpoint, position, values of the family's own labels."""


def _source(column: Column) -> _Source:
    return (column.endpoint, COLUMNS[column.endpoint].index(column), column.labels)


_PLAN: tuple[tuple[Family, tuple[_Source, ...], tuple[_Source, ...]], ...] = tuple(
    (
        family,
        tuple(_source(column) for column in family.columns),
        tuple(_source(column) for column in ([family.fallback] if family.fallback else family.columns)),
    )
    for family in CAMPAIGN_FAMILIES
)
"""Each family with its sources, and with those for a campaign that `real_time` does not list."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """One operation's share: the lines of each campaign family, good for both formats.

    `made_of` are the parts of the snapshot that it was made of.
    """

    made_of: tuple[object, ...]
    view: View
    lines: tuple[bytes, ...]


class Exposition:
    """Renders all operations.

    The lines of a campaign are made when a poll lands, or when an answer comes of age; a scrape joins
    finished pieces. Several scrapes and polls may run at once: pieces are immutable and replaced whole.
    """

    def __init__(
        self,
        board: Board,
        max_ages: MaxAges,
        books: Mapping[str, Book],
        process: ProcessMetrics,
        clock: Clock,
    ) -> None:
        self._board = board
        self._process = process
        self._clock = clock
        self._pieces: dict[str, _Piece] = {}
        self.reckon(max_ages, books)

    def reckon(self, max_ages: MaxAges, books: Mapping[str, Book]) -> None:
        """Go by these ages and schedules from now on; what is remembered of other operations is dropped.

        Both must name every operation of the board, and those that a scrape under way may still be rendering.
        """
        self._max_ages = max_ages
        self._schedules = {name: ScheduleLines(book) for name, book in books.items()}
        self._pieces = {name: piece for name, piece in self._pieces.items() if name in max_ages}

    def refresh(self, snapshot: OperationSnapshot) -> None:
        """Make an operation's lines anew if the snapshot has news for them."""
        self._piece(snapshot)

    def render(self, form: Format, selection: Selection = EVERYTHING) -> list[bytes]:
        """Return the exposition, or the selected part of it, in pieces; an unknown operation has none."""
        snapshots = [
            snapshot
            for name, snapshot in self._board.current().items()
            if selection.operation in {None, name}
        ]
        parts = [
            *self._campaigns(snapshots, form, selection),
            *self._planned(snapshots, form, selection),
            *_polls(snapshots, form, selection),
            *_quotas(snapshots, form, selection, self._clock.now().wall),
        ]
        if selection.operation is None:
            parts.append(self._process.render(form, selection))
        parts.append(form.end)
        return parts

    def views(self) -> Mapping[str, View]:
        """Return the campaigns that are published at present, by operation."""
        return {name: self._piece(snapshot).view for name, snapshot in self._board.current().items()}

    def _campaigns(
        self, snapshots: Iterable[OperationSnapshot], form: Format, selection: Selection
    ) -> Iterator[bytes]:
        pieces = [self._piece(snapshot) for snapshot in snapshots]
        for index, family in enumerate(CAMPAIGN_FAMILIES):
            if not selection.wants(family.name):
                continue
            lines = [piece.lines[index] for piece in pieces if piece.lines[index]]
            if lines:
                yield header(family, form)
                yield from lines

    def _planned(
        self, snapshots: Iterable[OperationSnapshot], form: Format, selection: Selection
    ) -> Iterator[bytes]:
        """Return what the schedules say now, which changes by the minute and not with the polls."""
        wall = self._clock.now().wall
        made = [self._schedules[s.operation].lines(self._piece(s).view, wall) for s in snapshots]
        for index, (family, _) in enumerate(SCHEDULE_FAMILIES):
            lines = [piece[index] for piece in made if piece[index]]
            if lines and selection.wants(family.name):
                yield header(family, form)
                yield from lines

    def _piece(self, snapshot: OperationSnapshot) -> _Piece:
        now = self._clock.now()
        made_of = (snapshot.listings, snapshot.machine_codes, snapshot.names)
        piece = self._pieces.get(snapshot.operation)
        same = piece is not None and all(a is b for a, b in zip(piece.made_of, made_of, strict=True))
        if piece is None or not same or not piece.view.holds(now):
            current = view(snapshot, self._max_ages[snapshot.operation], now)
            piece = _Piece(made_of, current, _lines(current.campaigns))
            self._pieces[snapshot.operation] = piece
        return piece


def _lines(campaigns: Iterable[Campaign]) -> tuple[bytes, ...]:
    prefixed = [(labels(CAMPAIGN_LABELS, campaign.labels), campaign) for campaign in campaigns]
    return tuple(
        "".join(
            line
            for prefix, campaign in prefixed
            for line in _samples(family, prefix, campaign, fallback if campaign.fallback else sources)
        ).encode()
        for family, sources, fallback in _PLAN
    )


def _samples(family: Family, prefix: str, campaign: Campaign, sources: tuple[_Source, ...]) -> Iterator[str]:
    for endpoint, position, own in sources:
        values = campaign.values.get(endpoint)
        value = values[position] if values else None
        if value is not None:
            yield from samples(family, prefix, value, own)


def _polls(snapshots: Iterable[OperationSnapshot], form: Format, selection: Selection) -> Iterator[bytes]:
    prefixed = [
        (labels(("operation", "endpoint"), (snapshot.operation, endpoint)), status)
        for snapshot in snapshots
        for endpoint, status in snapshot.polls.items()
    ]
    for family, read in POLL_FAMILIES:
        if selection.wants(family.name):
            yield from _group(family, form, ((prefix, read(status)) for prefix, status in prefixed))


def _quotas(
    snapshots: Iterable[OperationSnapshot], form: Format, selection: Selection, wall: float
) -> Iterator[bytes]:
    prefixed = [(labels(("operation",), (s.operation,)), s.quota) for s in snapshots if s.quota]
    for family, read in QUOTA_FAMILIES:
        if selection.wants(family.name):
            yield from _group(family, form, ((prefix, read(usage, wall)) for prefix, usage in prefixed))


def _group(family: Family, form: Format, values: Iterable[tuple[str, Value | None]]) -> Iterator[bytes]:
    """Return the lines of a family by the label pairs of its samples; nothing where there is no sample."""
    lines = [line for prefix, value in values if value is not None for line in samples(family, prefix, value)]
    if lines:
        yield header(family, form)
        yield "".join(lines).encode()
