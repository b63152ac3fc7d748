"""The journal of dispositions: what was sent for whom, so that no customer is coded twice.

One file for each campaign, of one line before and one after each call::

    {"journal": "codify", "version": 1, "operation": ..., "address": ..., "campaign": ...}
    {"at": "...", "begin": CUSTOMER, "cod_act": ..., "cod_act_2": ...}
    {"at": "...", "end": CUSTOMER, "outcome": "coded", "words": "..."}

How a customer stands is a matter of the last line about him::

    (nothing) --begin--> open --end--> coded      for good
                          |     `----> refused    by wolkvox, about this customer
                          |     `----> unknown    sent, no answer seen; as open, in which a crash leaves him
                          |     `----> free       not sent, or refused whoever it had been; unknown again
                          |                       when he was unknown before
                          `--found--> coded       find_record shows the disposition
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Self

from exporter.operators.linefile import JournalError, Line, LineFile, file_name, remove_file
from exporter.wolkvox import Disposition, DispositionOutcome, DispositionResult

_KIND, _VERSION = "codify", 1


class Standing(StrEnum):
    """How a customer stands in the journal."""

    FREE = "free"
    CODED = "coded"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Entry:
    """The last word about a customer: how he stands, with which code, since when, and why.

    `doubt` tells that a call before the last one was sent, too, and nobody saw its answer.
    """

    standing: Standing
    at: str
    cod_act: str = ""
    words: str = ""
    doubt: bool = False


_NOTHING = Entry(Standing.FREE, "")


class Journal:
    """The journal of one campaign of one operation; open until `close`. Raises JournalError."""

    def __init__(self, folder: Path, operation: str, address: str, campaign_id: str) -> None:
        self._file = LineFile(journal_path(folder, operation, address, campaign_id))
        self._entries: dict[str, Entry] = {}
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
    def entries(self) -> Mapping[str, Entry]:
        """The last word about each customer, in the order of their first mention."""
        return self._entries

    def of(self, customer_id: str) -> Entry:
        """Return the last word about a customer."""
        return self._entries.get(customer_id, _NOTHING)

    def begin(self, disposition: Disposition, at: str, *, again: bool = False) -> None:
        """Note durably that a customer is about to be coded.

        `again` allows it for one whose last outcome is unknown, because somebody has decided so. One who is
        coded is refused in any case: ValueError, for that is a defect of the caller.
        """
        standing = self.of(disposition.customer_id).standing
        if standing is Standing.CODED or (standing is Standing.UNKNOWN and not again):
            raise ValueError(f"a customer who is {standing} is not coded again")
        line = {
            "at": at,
            "begin": disposition.customer_id,
            "cod_act": disposition.cod_act,
            "cod_act_2": disposition.cod_act_2,
        }
        self._file.append(line)
        self._apply(line)

    def end(self, customer_id: str, end: DispositionResult, at: str) -> None:
        """Note the outcome of a call."""
        outcome = end.outcome.value
        if end.outcome is DispositionOutcome.REFUSED and end.cause is not None:
            outcome = DispositionOutcome.NOT_SENT.value  # whoever it had been: as good as never asked
        self._note_end(customer_id, outcome, end.words, at)

    def found(self, customer_id: str, words: str, at: str) -> None:
        """Note that a customer whose outcome was unknown turned out to be coded."""
        self._note_end(customer_id, DispositionOutcome.CODED.value, words, at)

    def close(self) -> None:
        """Let others have it. May be called often."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _note_end(self, customer_id: str, outcome: str, words: str, at: str) -> None:
        line = {"at": at, "end": customer_id, "outcome": outcome, "words": words}
        # In memory in any case: what is known is known, also where the disk is full.
        self._apply(line)
        self._file.append(line)

    def _read(self, head: Line) -> None:
        lines = self._file.lines
        if not lines:
            self._file.append(head)
        elif lines[0] != head:
            raise JournalError(f"{self.path}: not a journal of this campaign, or of another version")
        for number, line in enumerate(lines[1:], 2):
            if not self._apply(line):
                raise JournalError(f"{self.path}: line {number} is none of a journal; look at the file")

    def _apply(self, line: Line) -> bool:
        at, words = str(line.get("at", "")), str(line.get("words", ""))
        customer = line.get("begin")
        if isinstance(customer, str):
            doubt = self.of(customer).standing is Standing.UNKNOWN
            self._entries[customer] = Entry(Standing.UNKNOWN, at, str(line.get("cod_act", "")), doubt=doubt)
            return True
        customer = line.get("end")
        standing = _STANDINGS.get(str(line.get("outcome")))
        if not isinstance(customer, str) or standing is None or customer not in self._entries:
            return False
        before = self._entries[customer]
        if standing is Standing.FREE and before.doubt:
            standing = Standing.UNKNOWN
        self._entries[customer] = Entry(standing, at, before.cod_act, words)
        return True


_STANDINGS = {
    DispositionOutcome.CODED.value: Standing.CODED,
    DispositionOutcome.REFUSED.value: Standing.REFUSED,
    DispositionOutcome.UNKNOWN.value: Standing.UNKNOWN,
    DispositionOutcome.NOT_SENT.value: Standing.FREE,
}


def journal_path(folder: Path, operation: str, address: str, campaign_id: str) -> Path:
    """Return where the journal of a campaign is, or would be."""
    return folder / file_name(_KIND, operation, address, campaign_id)


def peek(folder: Path, operation: str, address: str, campaign_id: str) -> Mapping[str, Entry]:
    """Return what a journal says without making one; empty where there is none."""
    if not journal_path(folder, operation, address, campaign_id).exists():
        return {}
    with Journal(folder, operation, address, campaign_id) as journal:
        return dict(journal.entries)


def forget(folder: Path, operation: str, address: str, campaign_id: str) -> bool:
    """Remove a journal, also a damaged one; False where there is none. Raises JournalError when in use."""
    path = journal_path(folder, operation, address, campaign_id)
    if not path.exists():
        return False
    remove_file(path)
    return True
