"""The journal of dispositions: what was sent for whom, so that no customer is coded twice.

One file for each campaign, with one line before and one after each call::

    {"journal": "codify", "version": 1, "operation": ..., "address": ..., "campaign": ...}
    {"at": "...", "begin": CUSTOMER, "cod_act": ..., "cod_act_2": ...}
    {"at": "...", "end": CUSTOMER, "outcome": "coded", "words": "..."}

A customer's state follows from the last line about that customer::

    (nothing) --begin--> open --end--> coded      for good
                          |     `----> refused    by wolkvox, about this customer
                          |     `----> unknown    sent, no answer seen; also the state after a crash
                          |     `----> free       not sent, or refused for any customer; unknown again if the
                          |                       customer was unknown before
                          `--found--> coded       find_record shows the disposition
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Self

from exporter.operators.json_lines_file import JournalError, JsonLine, JsonLinesFile, file_name, remove_file
from exporter.operators.translation import translated
from exporter.wolkvox import Disposition, DispositionOutcome, DispositionResult

_KIND, _VERSION = "codify", 1


class JournalState(StrEnum):
    """What the journal knows of a customer."""

    FREE = "free"
    CODED = "coded"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """The last entry about a customer: the state, since when, with which codes, and why.

    `earlier_unknown`: a call before the last one was sent, too, and its answer was not seen.
    """

    state: JournalState
    at: str
    cod_act: str = ""
    cod_act_2: str = ""
    words: str = ""
    earlier_unknown: bool = False


NO_ENTRY = JournalEntry(JournalState.FREE, "")
"""That of a customer who is not in the journal."""


class DispositionJournal:
    """The journal of one campaign of one operation; open until `close`. Raises JournalError."""

    def __init__(self, folder: Path, operation: str, address: str, campaign_id: str) -> None:
        self._file = JsonLinesFile(journal_path(folder, operation, address, campaign_id))
        self._entries: dict[str, JournalEntry] = {}
        head = {
            "journal": _KIND,
            "version": _VERSION,
            "operation": operation,
            "address": address,
            "campaign": campaign_id,
        }
        try:
            self._read(head)
        except BaseException:
            self._file.close()
            raise

    @property
    def path(self) -> Path:
        """Where the journal is."""
        return self._file.path

    @property
    def entries(self) -> Mapping[str, JournalEntry]:
        """The last entry about each customer, in the order in which they were first mentioned."""
        return self._entries

    def entry(self, customer_id: str) -> JournalEntry:
        """Return the last entry about a customer."""
        return self._entries.get(customer_id, NO_ENTRY)

    def begin(self, disposition: Disposition, at: str, *, retry: bool = False) -> None:
        """Note durably that a customer is about to be coded.

        `retry` allows it for one whose outcome is unknown, because a person has decided so. One who is coded
        is refused in any case: ValueError, for that is a defect of the caller.
        """
        state = self.entry(disposition.customer_id).state
        if state is JournalState.CODED or (state is JournalState.UNKNOWN and not retry):
            raise ValueError(f"a customer who is {state} is not coded again")
        line = {
            "at": at,
            "begin": disposition.customer_id,
            "cod_act": disposition.cod_act,
            "cod_act_2": disposition.cod_act_2,
        }
        self._file.append(line)
        self._apply(line)

    def end(self, customer_id: str, result: DispositionResult, at: str) -> None:
        """Note the outcome of a call."""
        outcome = result.outcome
        if outcome is DispositionOutcome.REFUSED and result.cause is not None:
            outcome = DispositionOutcome.NOT_SENT  # any customer would have been refused: as if never asked
        self._note_end(customer_id, outcome, result.words, at)

    def found(self, customer_id: str, words: str, at: str) -> None:
        """Note that a customer whose outcome was unknown turned out to be coded."""
        self._note_end(customer_id, DispositionOutcome.CODED, words, at)

    def close(self) -> None:
        """Release it for other commands. May be called more than once."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _note_end(self, customer_id: str, outcome: DispositionOutcome, words: str, at: str) -> None:
        line = {"at": at, "end": customer_id, "outcome": outcome.value, "words": words}
        # In memory in any case: what is known is known, even when the disk is full.
        self._apply(line)
        self._file.append(line)

    def _read(self, head: JsonLine) -> None:
        lines = self._file.lines
        if not lines:
            self._file.append(head)
        elif lines[0] != head:
            raise JournalError(
                translated("{path}: not a journal of this campaign, or of another version", path=self.path)
            )
        for number, line in enumerate(lines[1:], 2):
            if not self._apply(line):
                raise JournalError(
                    translated(
                        "{path}: line {number} is not a journal entry; "
                        "inspect the file, then remove it with --forget",
                        path=self.path,
                        number=number,
                    )
                )

    def _apply(self, line: JsonLine) -> bool:
        """Return whether a line is an entry, and take it over if so."""
        at, words = str(line.get("at", "")), str(line.get("words", ""))
        customer = line.get("begin")
        if isinstance(customer, str):
            earlier_unknown = self.entry(customer).state is JournalState.UNKNOWN
            cod_act, cod_act_2 = str(line.get("cod_act", "")), str(line.get("cod_act_2", ""))
            self._entries[customer] = JournalEntry(
                JournalState.UNKNOWN, at, cod_act, cod_act_2, earlier_unknown=earlier_unknown
            )
            return True
        customer = line.get("end")
        state = _STATES.get(str(line.get("outcome")))
        if not isinstance(customer, str) or state is None or customer not in self._entries:
            return False
        before = self._entries[customer]
        if state is JournalState.FREE and before.earlier_unknown:
            state = JournalState.UNKNOWN
        self._entries[customer] = JournalEntry(state, at, before.cod_act, before.cod_act_2, words)
        return True


_STATES = {
    DispositionOutcome.CODED.value: JournalState.CODED,
    DispositionOutcome.REFUSED.value: JournalState.REFUSED,
    DispositionOutcome.UNKNOWN.value: JournalState.UNKNOWN,
    DispositionOutcome.NOT_SENT.value: JournalState.FREE,
}


def journal_path(folder: Path, operation: str, address: str, campaign_id: str) -> Path:
    """Return where the journal of a campaign is, or would be."""
    return folder / file_name(_KIND, operation, address, campaign_id)


def read_entries(folder: Path, operation: str, address: str, campaign_id: str) -> Mapping[str, JournalEntry]:
    """Return the entries of a journal without creating one; none if there is none."""
    if not journal_path(folder, operation, address, campaign_id).exists():
        return {}
    with DispositionJournal(folder, operation, address, campaign_id) as journal:
        return dict(journal.entries)


def remove_journal(folder: Path, operation: str, address: str, campaign_id: str) -> bool:
    """Return whether there was a journal, even a damaged one; it is removed. Raises JournalError."""
    path = journal_path(folder, operation, address, campaign_id)
    if not path.exists():
        return False
    remove_file(path)
    return True
