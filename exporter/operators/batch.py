"""Codes customers one by one, each once: what is left to do, doing it, and what became of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from exporter.operators.journal import Entry, Standing
from exporter.operators.line import EVERYBODYS, STRIKES, Interrupted, OutOfBudget, Unshared
from exporter.operators.linefile import JournalError
from exporter.operators.lookups import read_records
from exporter.state import StateError
from exporter.wolkvox import (
    Answer,
    Call,
    Cause,
    Disposition,
    DispositionOutcome,
    DispositionResult,
    FoundRecord,
    RequestFailed,
    Sink,
    find_record,
)

MOST_REFUSALS = 20
"""After so many refusals in a row it ends too: a wrong campaign or code would be refused for everybody."""


class Calls(Protocol):
    """What a batch needs of the way to wolkvox."""

    def fetch(self, call: Call, sink: Sink) -> Answer:
        """Make a call for a list."""
        ...  # pragma: no cover

    def codify(self, disposition: Disposition, before: Callable[[], None]) -> DispositionResult:
        """Set a customer's disposition; `before` is called right before."""
        ...  # pragma: no cover


class Book(Protocol):
    """What a batch needs of the journal."""

    def of(self, customer_id: str) -> Entry:
        """Return the last word about a customer."""
        ...  # pragma: no cover

    def begin(self, disposition: Disposition, at: str, *, again: bool = False) -> None:
        """Note that a customer is about to be coded."""
        ...  # pragma: no cover

    def end(self, customer_id: str, end: DispositionResult, at: str) -> None:
        """Note the outcome."""
        ...  # pragma: no cover

    def found(self, customer_id: str, words: str, at: str) -> None:
        """Note that a customer turned out to be coded."""
        ...  # pragma: no cover


@dataclass(frozen=True, slots=True)
class Again:
    """Which customers are coded once more because somebody says so."""

    refused: bool = False
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class Work:
    """A batch before the first call: what is to do, and what an earlier run has left of the rest."""

    todo: tuple[Disposition, ...]
    coded: tuple[Disposition, ...]
    refused: tuple[Disposition, ...]
    unknown: tuple[Disposition, ...]


def work_of(dispositions: Sequence[Disposition], of: Callable[[str], Entry], again: Again) -> Work:
    """Sort a batch by what the journal says of each customer."""
    sorted_: dict[Standing, list[Disposition]] = {standing: [] for standing in Standing}
    for disposition in dispositions:
        sorted_[of(disposition.customer_id).standing].append(disposition)
    todo = {id(disposition) for disposition in sorted_[Standing.FREE]}
    for wanted, standing in ((again.refused, Standing.REFUSED), (again.unknown, Standing.UNKNOWN)):
        if wanted:
            todo |= {id(disposition) for disposition in sorted_[standing]}
            sorted_[standing] = []
    return Work(
        tuple(disposition for disposition in dispositions if id(disposition) in todo),
        tuple(sorted_[Standing.CODED]),
        tuple(sorted_[Standing.REFUSED]),
        tuple(sorted_[Standing.UNKNOWN]),
    )


@dataclass(slots=True)
class Report:
    """What became of a batch. `before` were coded by earlier runs; `stopped` tells why it ended early.

    `refused` and `unknown` are customers with the words to it, of this run and of earlier ones.
    """

    coded: int = 0
    before: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list, repr=False)
    unknown: list[tuple[str, str]] = field(default_factory=list, repr=False)
    left: int = 0
    stopped: str = ""
    interrupted: bool = False

    @property
    def complete(self) -> bool:
        """Whether every customer of the batch is coded."""
        return not (self.refused or self.unknown or self.left or self.stopped)


class _Ended(Exception):  # noqa: N818 - an outcome, named as one
    """The batch ends early; the message tells why."""


class Batch:
    """One run over the customers of one campaign; `now` gives the time as the journal has it."""

    def __init__(
        self, dispositions: Sequence[Disposition], *, book: Book, calls: Calls, now: Callable[[], str]
    ) -> None:
        self._dispositions = dispositions
        self._book = book
        self._calls = calls
        self._now = now
        self._strikes = 0
        self._refusals = 0

    def run(self, again: Again, advance: Callable[[], None]) -> Report:
        """Code who is left; `advance` is called after each customer. Raises nothing that calls or disk cause.

        Who is unknown from an earlier run is looked up first, for a record that shows the disposition tells
        that it was done; at the end those of this run.
        """
        stopped, interrupted = "", False
        work = work_of(self._dispositions, self._book.of, again)
        try:
            self._look_up(work_of(self._dispositions, self._book.of, Again()).unknown)
            work = work_of(self._dispositions, self._book.of, again)
            for disposition in work.todo:
                self._code(disposition, again=again.unknown)
                advance()
            self._look_up(work_of(work.todo, self._book.of, Again()).unknown)
        except Interrupted:
            stopped, interrupted = "ended on request", True
        except (OutOfBudget, Unshared, _Ended, JournalError, StateError) as error:
            stopped = str(error)
        return self._report(len(work.coded), stopped, interrupted=interrupted)

    def _report(self, before: int, stopped: str, *, interrupted: bool) -> Report:
        after = work_of(self._dispositions, self._book.of, Again())

        def words(dispositions: Sequence[Disposition]) -> list[tuple[str, str]]:
            return [
                (disposition.customer_id, self._book.of(disposition.customer_id).words)
                for disposition in dispositions
            ]

        return Report(
            coded=len(after.coded) - before,
            before=before,
            refused=words(after.refused),
            unknown=words(after.unknown),
            left=len(after.todo),
            stopped=stopped,
            interrupted=interrupted,
        )

    def _code(self, disposition: Disposition, *, again: bool) -> None:
        end = self._call(disposition, again=again)
        self._book.end(disposition.customer_id, end, self._now())
        if end.outcome is DispositionOutcome.CODED:
            self._strikes = self._refusals = 0
        elif end.outcome is DispositionOutcome.REFUSED:
            self._refused(end)
        else:
            self._strike(f"{end.words} ({end.hint})" if end.hint else end.words, end.cause)

    def _call(self, disposition: Disposition, *, again: bool) -> DispositionResult:
        begun = False

        def begin() -> None:
            nonlocal begun
            if not begun:  # our turn can be over before the call is made: then there is another one
                self._book.begin(disposition, self._now(), again=again)
                begun = True

        try:
            return self._calls.codify(disposition, begin)
        except (Interrupted, OutOfBudget, Unshared, StateError):
            if begun:
                self._book.end(
                    disposition.customer_id, DispositionResult(DispositionOutcome.NOT_SENT), self._now()
                )
            raise

    def _refused(self, end: DispositionResult) -> None:
        if end.cause is not None:
            raise _Ended(f"wolkvox refuses every call ({end.cause}): {end.words}")
        self._strikes = 0
        self._refusals += 1
        if self._refusals >= MOST_REFUSALS:
            raise _Ended(f"{MOST_REFUSALS} customers in a row were refused, the last one with {end.words}")

    def _strike(self, words: str, cause: Cause | None) -> None:
        self._strikes += 1
        if self._strikes >= STRIKES or cause in EVERYBODYS:
            raise _Ended(f"no usable answer, {self._strikes} in a row: {words}")

    def _look_up(self, dispositions: Sequence[Disposition]) -> None:
        """See whether those of whom no answer was seen are coded; what cannot be told stays unknown."""
        for disposition in dispositions:
            rows: list[object] = []
            call = find_record(disposition.campaign_id, customer=disposition.customer_id)
            try:
                self._calls.fetch(call, rows.extend)
            except RequestFailed as failure:
                self._strike(f"looking up who is unknown: {failure}", failure.cause)
                continue
            self._strikes = 0
            wanted = self._book.of(disposition.customer_id).cod_act
            if any(_shows(record, disposition, wanted) for record in read_records(rows)):
                self._book.found(disposition.customer_id, "find_record shows the disposition", self._now())


def _shows(record: FoundRecord, disposition: Disposition, cod_act: str) -> bool:
    """Tell whether a record shows a customer's disposition in the campaign.

    The opposite is not sure: the page does not say that `result` shows what was coded from outside.
    """
    return (
        record.customer_id == disposition.customer_id
        and record.campaign_id in {"", disposition.campaign_id}
        and record.result.casefold() == cod_act.casefold() != ""
    )
