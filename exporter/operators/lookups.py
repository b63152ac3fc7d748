"""Look-ups with find_record, one call each; a list of them continues where it ended."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

from exporter.operators.command_client import (
    CAUSES_FOR_ANY_CALL,
    MAX_CONSECUTIVE_FAILURES,
    CommandClient,
    failure_text,
)
from exporter.operators.json_lines_file import JournalError, JsonLinesFile, file_name, remove_file
from exporter.wolkvox import Answer, Cause, FoundRecord, RequestFailed, find_record

MAX_AGE_SECONDS = 86400.0
"""Answers older than a day are asked for again: records move."""

_REMOVAL_INTERVAL_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class Subject:
    """What is looked up: a telephone or a customer id; the other one is ""."""

    phone: str = field(default="", repr=False)
    customer: str = field(default="", repr=False)

    @property
    def key(self) -> str:
        """What names it in the cache."""
        return f"phone {self.phone}" if self.phone else f"customer {self.customer}"

    @property
    def value(self) -> str:
        """The telephone or the customer id."""
        return self.phone or self.customer


@dataclass(frozen=True, slots=True)
class LookupResult:
    """The records of one subject; `failure` says why there is no answer, and is "" if there is one.

    `answer` is None also where the records are from the cache.
    """

    subject: Subject
    records: tuple[FoundRecord, ...]
    failure: str = ""
    answer: Answer | None = field(default=None, compare=False)


class LookupCache:
    """The answers that a list of look-ups has had so far, on disk until the list is finished.

    Raises JournalError. `now` gives Unix time.
    """

    def __init__(self, path: Path, now: Callable[[], float]) -> None:
        self._now = now
        self._file = JsonLinesFile(path)
        self._rows: dict[str, list[object]] = {}
        for line in self._file.lines:
            at, asked, rows = line.get("at"), line.get("asked"), line.get("rows")
            fresh = isinstance(at, int | float) and 0 <= now() - at < MAX_AGE_SECONDS
            if fresh and isinstance(asked, str) and isinstance(rows, list):
                self._rows[asked] = rows

    def has(self, subject: Subject) -> bool:
        """Return whether there is an answer."""
        return subject.key in self._rows

    def records(self, subject: Subject) -> tuple[FoundRecord, ...]:
        """Return the records of an answer."""
        return read_records(self._rows.get(subject.key, []))

    def add(self, subject: Subject, rows: list[object]) -> None:
        """Store an answer."""
        self._rows[subject.key] = rows
        self._file.append({"at": self._now(), "asked": subject.key, "rows": rows})

    def close(self) -> None:
        """Release it for other commands."""
        self._file.close()


def cache_path(folder: Path, operation: str, address: str, campaign_id: str) -> Path:
    """Return where the answers of a campaign's look-ups are."""
    return folder / file_name("lookups", operation, address, campaign_id)


def remove_cache(path: Path) -> bool:
    """Return whether there were answers; they are removed. Raises JournalError when they are in use."""
    if not path.exists():
        return False
    remove_file(path)
    return True


def remove_stale_caches(folder: Path, now: float) -> None:
    """Remove the files to which no answer was added for a day; `now` is Unix time."""
    for path in folder.glob("lookups-*.jsonl"):
        with suppress(JournalError, OSError):  # another command is using it, or has just removed it
            if abs(now - path.stat().st_mtime) >= MAX_AGE_SECONDS:
                remove_file(path)


@contextmanager
def removing_stale_caches(folder: Path, now: Callable[[], float]) -> Iterator[None]:
    """Remove such files at once and every hour while the block runs, in a thread; `now` gives Unix time."""
    ended = Event()

    def work() -> None:
        while not ended.is_set():
            with suppress(OSError):  # a folder that may not be read now may be later
                remove_stale_caches(folder, now())
            ended.wait(_REMOVAL_INTERVAL_SECONDS)

    thread = Thread(target=work, name="look-ups", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def open_cache(path: Path, now: Callable[[], float]) -> "closing[LookupCache]":
    """Return the cache as a context that closes it at its end."""
    return closing(LookupCache(path, now))


def read_records(rows: Sequence[object]) -> tuple[FoundRecord, ...]:
    """Return the records of rows as JSON gave them; rows that are not records are left out."""
    return tuple(record for row in rows if (record := FoundRecord.read(row)) is not None)


def ask(client: CommandClient, campaign_id: str, subject: Subject) -> tuple[list[object], Answer]:
    """Return the rows about a subject as JSON gave them, and the answer that they came in (one call).

    Raises what `CommandClient.fetch` raises; RequestFailed also where there are rows, and none is a record.
    """
    rows: list[object] = []
    call = find_record(campaign_id, phone=subject.phone, customer=subject.customer)
    answer = client.fetch(call, rows.extend)
    if rows and not read_records(rows):
        raise RequestFailed(Cause.SHAPE, "no row has the expected shape", http_status=answer.http_status)
    return rows, answer


def look_up(
    client: CommandClient, cache: LookupCache, campaign_id: str, subjects: Sequence[Subject]
) -> Iterator[LookupResult]:
    """Yield the records of each subject, from the cache if it has them.

    A subject whose call failed has a `failure`; after three in a row, or a refusal that any call would meet,
    RequestFailed is raised. Raises what `CommandClient.fetch` raises, and JournalError.
    """
    failures_in_a_row = 0
    for subject in subjects:
        failure, answer = "", None
        if not cache.has(subject):
            try:
                rows, answer = ask(client, campaign_id, subject)
            except RequestFailed as failed:
                failures_in_a_row += 1
                if failures_in_a_row >= MAX_CONSECUTIVE_FAILURES or failed.cause in CAUSES_FOR_ANY_CALL:
                    raise
                failure = failure_text(failed)
            else:
                failures_in_a_row = 0
                cache.add(subject, rows)
        yield LookupResult(subject, cache.records(subject), failure, answer)
