"""Makes /metrics: written once when a poll lands, packed once, served many times.

Lines are written by operation and family into pieces, which are packed and put together into editions, one
for each format and coding that is asked for::

    poll lands -> Writer: pieces of one operation -> Binder: edition -> scrape: edition + own metrics + end

Everything that is handed from one thread to another is immutable and replaced whole, so that a scrape holds
no lock while it is sent. What every scrape makes anew is the process' own metrics alone.
"""

import contextlib
import logging
import threading
from collections.abc import Callable, Mapping, Sequence

from exporter.clock import Clock, Moment
from exporter.metrics.coding import CODINGS, IDENTITY, Coding, Packed
from exporter.metrics.edition import Binder, Edition, headline
from exporter.metrics.process import ProcessMetrics
from exporter.metrics.selection import EVERYTHING, Selection
from exporter.metrics.share import SHARE_FAMILIES, Share, Writer
from exporter.metrics.text import Format
from exporter.metrics.view import View
from exporter.schedules import ScheduleSet
from exporter.snapshot import OperationSnapshot, Snapshots

_log = logging.getLogger(__name__)

MaxAges = Mapping[str, Mapping[str, float]]
"""For how many seconds an answer is served, by operation and api."""

_LITTLE = 2**20
"""Up to this many bytes a scrape packs itself what is new: a few milliseconds."""

_FEW = 500
"""Up to this many campaigns a scrape writes an operation's news itself, if it comes before the poller."""

_LATE = 5.0
"""Seconds that an edition may lag behind the polls while the next one is packed."""

_WANTED = 600.0
"""Seconds for which editions of a format and coding are packed ahead after a scrape has asked for one."""

_Key = tuple[Format, str]


class Exposition:
    """Publishes all operations; any number of scrapes and polls may run at once."""

    def __init__(
        self,
        board: Snapshots,
        max_ages: MaxAges,
        books: Mapping[str, ScheduleSet],
        process: ProcessMetrics,
        clock: Clock,
    ) -> None:
        self._board = board
        self._process = process
        self._clock = clock
        self._desks: Mapping[str, _Desk] = {}
        self._shares: Mapping[str, Share] = {}
        self._publishing = threading.Lock()
        self._press = _Press(self._published, clock)
        self.reckon(max_ages, books)

    def reckon(self, max_ages: MaxAges, books: Mapping[str, ScheduleSet]) -> None:
        """Go by these ages and schedules from now on; what is remembered of other operations is dropped.

        Both must name every operation of the board, and those that a scrape under way may still be rendering.
        """
        desks = {}
        for name, max_age in max_ages.items():
            kept = self._desks.get(name)
            terms = (max_age, books[name])
            desks[name] = kept if kept is not None and kept.terms == terms else _Desk(*terms)
        with self._publishing:
            before, self._desks = self._desks, desks
            self._shares = {
                name: share for name, share in self._shares.items() if desks.get(name) is before[name]
            }

    def refresh(self, snapshot: OperationSnapshot) -> None:
        """Write an operation's lines anew where its snapshot has news for them."""
        self._press.news(self._write(snapshot))

    def render(self, form: Format, selection: Selection = EVERYTHING) -> list[bytes]:
        """Return the exposition, or the selected part of it, in pieces; an unknown operation has none."""
        return self.body(form, IDENTITY, selection)

    def body(self, form: Format, coding_name: str, selection: Selection = EVERYTHING) -> list[bytes]:
        """Return the same in one of the codings."""
        coding = CODINGS[coding_name]
        now = self._clock.now()
        parts: list[Packed] = []
        if selection == EVERYTHING:
            parts.append(self._press.edition(form, coding, self._current(now), now).packed)
        else:
            parts += self._selected(form, coding, selection, now)
        own = b"" if selection.operation is not None else self._process.render(form, selection)
        if end := own + form.end:
            parts.append(coding.pack(end))
        return coding.body(parts)

    def at_hand(self, form: Format, coding_name: str, selection: Selection = EVERYTHING) -> bool:
        """Tell whether the body is finished, so that handing it out takes no time worth a thread."""
        edition = self._press.finished(form, coding_name)
        return (
            selection == EVERYTHING
            and edition is not None
            and edition.shares == self._published()
            and edition.holds(self._clock.now())
        )

    def views(self) -> Mapping[str, View]:
        """Return the campaigns that are published at present, by operation."""
        return {share.snapshot.operation: share.view for share in self._current(self._clock.now())}

    def _selected(self, form: Format, coding: Coding, selection: Selection, now: Moment) -> Sequence[Packed]:
        shares = self._current(now, selection.operation)
        parts: list[Packed] = []
        for place, family in enumerate(SHARE_FAMILIES):
            if not selection.wants(family.name):
                continue
            pieces = [piece for share in shares if (piece := share.pieces[place]).text]
            if pieces:
                parts += [piece.packed(coding) for piece in (headline(family, form), *pieces)]
        return parts

    def _published(self) -> tuple[Share, ...]:
        """Return the shares of all operations as they were last written."""
        shares = self._shares
        return tuple(shares[name] for name in self._board.current() if name in shares)

    def _current(self, now: Moment, only: str | None = None) -> tuple[Share, ...]:
        """Return the shares of all operations, or of one, as they are published at present."""
        shares = []
        for name, snapshot in self._board.current().items():
            if only in {None, name}:
                share = self._shares.get(name)
                if (
                    share is None
                    or not share.holds(now)
                    or (share.snapshot is not snapshot and _few(snapshot))
                ):
                    share = self._write(snapshot)
                shares.append(share)
        return tuple(shares)

    def _write(self, found: OperationSnapshot) -> Share:
        """Return the share of an operation as it is now; `found` is its snapshot if it has left the board."""
        operation = found.operation
        desk = self._desks[operation]
        with desk.lock:
            # Whoever waited for the lock finds the work done by another thread.
            snapshot, now = self._board.current().get(operation, found), self._clock.now()
            share = self._shares.get(operation)
            if share is None or share.snapshot is not snapshot or not share.holds(now):
                share = desk.writer.write(snapshot, share, now)
                with self._publishing:
                    # After a reload meanwhile, what was written by the old terms is of no use to others.
                    if self._desks.get(operation) is desk:
                        self._shares = {**self._shares, operation: share}
        return share


class _Desk:
    """Where an operation's lines are written, by one thread at a time."""

    def __init__(self, max_age: Mapping[str, float], book: ScheduleSet) -> None:
        self.lock = threading.Lock()
        self.writer = Writer(max_age, book)
        self.terms = (max_age, book)


def _few(snapshot: OperationSnapshot) -> bool:
    return sum(len(one.rows) for answers in snapshot.answers.values() for one in answers.values()) <= _FEW


class _Press:
    """Keeps the editions, and packs ahead in a thread of its own what will be asked for.

    `published` returns the shares of all operations at present.
    """

    def __init__(self, published: Callable[[], tuple[Share, ...]], clock: Clock) -> None:
        self._published = published
        self._clock = clock
        self._binders = {name: Binder(coding) for name, coding in CODINGS.items()}
        self._binding = {name: threading.Lock() for name in CODINGS}
        self._editions: dict[_Key, Edition] = {}
        self._asked: dict[_Key, float] = {}
        self._behind_since: dict[_Key, float] = {}
        self._lock = threading.Lock()
        self._news = False
        self._running = False

    def finished(self, form: Format, coding: str) -> Edition | None:
        """Return the last edition."""
        return self._editions.get((form, coding))

    def edition(self, form: Format, coding: Coding, shares: tuple[Share, ...], now: Moment) -> Edition:
        """Return the edition of the shares, or for a moment the one before while a large one is packed."""
        key = (form, coding.name)
        self._asked[key] = now.monotonic
        last = self._editions.get(key)
        if last is not None and last.shares == shares:
            return last
        if last is not None and self._may_lag(key, last, shares, now):
            fresh = [share for share, old in zip(shares, last.shares, strict=True) if share is not old]
            if _unpacked(coding, fresh) > _LITTLE:
                self._start()
                return last
        return self._bind(form, coding, shares)

    def news(self, share: Share) -> None:
        """Take note of a share that has changed, and pack it when it is large and wanted."""
        now = self._clock.now().monotonic
        for key, asked in list(self._asked.items()):
            self._behind_since.setdefault(key, now)
            if now - asked < _WANTED and _unpacked(CODINGS[key[1]], [share]) > _LITTLE:
                self._start()

    def _may_lag(self, key: _Key, last: Edition, shares: tuple[Share, ...], now: Moment) -> bool:
        behind = now.monotonic - self._behind_since.setdefault(key, now.monotonic)
        same = [s.snapshot.operation for s in last.shares] == [s.snapshot.operation for s in shares]
        return same and behind < _LATE and last.holds(now)

    def _bind(self, form: Format, coding: Coding, shares: tuple[Share, ...]) -> Edition:
        key = (form, coding.name)
        with self._binding[coding.name]:
            last = self._editions.get(key)
            if last is None or last.shares != shares:
                last = self._binders[coding.name].bind(form, shares)
                self._editions[key] = last
                self._behind_since.pop(key, None)
        return last

    def _start(self) -> None:
        with self._lock:
            self._news = True
            if self._running:
                return
            # Without a thread to spare, scrapes pack for themselves.
            with contextlib.suppress(RuntimeError):
                threading.Thread(target=self._run, name="press", daemon=True).start()
                self._running = True

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._news:
                    self._running = False
                    return
                self._news = False
            try:
                self._pack()
            except Exception:  # noqa: BLE001 - scrapes then pack for themselves
                _log.exception("packing broke, this is a defect of the exporter")

    def _pack(self) -> None:
        now = self._clock.now().monotonic
        for (form, name), asked in list(self._asked.items()):
            if now - asked < _WANTED:
                # Without the lock first, so that no scrape waits for what it may leave to this thread.
                for share in self._published():
                    for piece in share.pieces:
                        piece.packed(CODINGS[name])
                self._bind(form, CODINGS[name], self._published())


def _unpacked(coding: Coding, shares: Sequence[Share]) -> int:
    return sum(piece.unpacked_size(coding) for share in shares for piece in share.pieces)
