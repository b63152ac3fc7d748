"""Many look-ups with find_record, one call each, that go on where they ended."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from exporter.operators.line import EVERYBODYS, STRIKES
from exporter.operators.linefile import JournalError, LineFile, file_name, remove_file
from exporter.wolkvox import Answer, Call, FoundRecord, RequestFailed, Sink, find_record

KEPT_SECONDS = 86400.0
"""Answers older than a day are asked for again: records move."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is looked up: a telephone or a customer id; the other one is ""."""

    phone: str = field(default="", repr=False)
    customer: str = field(default="", repr=False)

    @property
    def key(self) -> str:
        """What names it in the book."""
        return f"phone {self.phone}" if self.phone else f"customer {self.customer}"

    @property
    def value(self) -> str:
        """The telephone or the customer id."""
        return self.phone or self.customer


@dataclass(frozen=True, slots=True)
class Found:
    """The records of one subject; `failure` tells why there is no answer, "" where there is one."""

    subject: Subject
    records: tuple[FoundRecord, ...]
    failure: str = ""


class LookupBook:
    """The answers that a list of look-ups has had so far, on disk until the list is through.

    Raises JournalError. `now` gives Unix time.
    """

    def __init__(self, path: Path, now: Callable[[], float]) -> None:
        self._now = now
        self._file = LineFile(path)
        self._rows: dict[str, list[object]] = {}
        for line in self._file.lines:
            at, asked, rows = line.get("at"), line.get("asked"), line.get("rows")
            fresh = isinstance(at, int | float) and 0 <= now() - at < KEPT_SECONDS
            if fresh and isinstance(asked, str) and isinstance(rows, list):
                self._rows[asked] = rows

    def knows(self, subject: Subject) -> bool:
        """Tell whether there is an answer."""
        return subject.key in self._rows

    def records(self, subject: Subject) -> tuple[FoundRecord, ...]:
        """Return the records of an answer."""
        return read_records(self._rows.get(subject.key, []))

    def note(self, subject: Subject, rows: list[object]) -> None:
        """Keep an answer."""
        self._rows[subject.key] = rows
        self._file.append({"at": self._now(), "asked": subject.key, "rows": rows})

    def close(self) -> None:
        """Let others have it."""
        self._file.close()


def book_path(folder: Path, operation: str, address: str, campaign_id: str) -> Path:
    """Return where the answers of a campaign's look-ups are."""
    return folder / file_name("lookups", operation, address, campaign_id)


def forget_book(path: Path) -> bool:
    """Remove the answers; False where there are none. Raises JournalError when they are in use."""
    if not path.exists():
        return False
    remove_file(path)
    return True


def forget_stale(folder: Path, now: float) -> None:
    """Remove the answers that nobody has come back to within a day; `now` is Unix time."""
    for path in folder.glob("lookups-*.jsonl"):
        with suppress(JournalError, OSError):  # somebody is at work on it, or has just removed it
            if now - path.stat().st_mtime >= KEPT_SECONDS:
                remove_file(path)


def open_book(path: Path, now: Callable[[], float]) -> "closing[LookupBook]":
    """Return the book as a context that gives it back at its end."""
    return closing(LookupBook(path, now))


def read_records(rows: Sequence[object]) -> tuple[FoundRecord, ...]:
    """Return the records of rows as JSON gave them; what is none is left out."""
    return tuple(record for row in rows if (record := FoundRecord.read(row)) is not None)


class Fetch(Protocol):
    """What look-ups need of the way to wolkvox."""

    def fetch(self, call: Call, sink: Sink) -> Answer:
        """Make a call for a list."""
        ...  # pragma: no cover


def look_up(calls: Fetch, book: LookupBook, campaign_id: str, subjects: Sequence[Subject]) -> Iterator[Found]:
    """Give the records of each subject, from the book where it has them.

    A subject whose call failed has a `failure`; after three in a row, or a refusal that everybody would meet,
    RequestFailed passes. Raises what `Line.fetch` raises, and JournalError.
    """
    strikes = 0
    for subject in subjects:
        failure = ""
        if not book.knows(subject):
            rows: list[object] = []
            call = find_record(campaign_id, phone=subject.phone, customer=subject.customer)
            try:
                calls.fetch(call, rows.extend)
            except RequestFailed as failed:
                strikes += 1
                if strikes >= STRIKES or failed.cause in EVERYBODYS:
                    raise
                failure = str(failed)
            else:
                strikes = 0
                book.note(subject, rows)
        yield Found(subject, book.records(subject), failure)
