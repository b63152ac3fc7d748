"""The rows of report campaign_8, one a telephone: how they are read, judged and added up. Pure.

They are personal data: nothing here keeps a telephone, and none is in a repr. Polling reads tens of thousands
of rows for their sums alone (`exporter.apis.machine_codes`), commands read each for a person
(`TelephoneReader`); what a telephone is and when it is unreachable stands here once, for both.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import cast

import msgspec

from exporter import parsing
from exporter.parsing import Absent

CODES = ("no_answer", "answer_machine", "busy", "congestion", "failed")
"""The vendor's machine codes, as campaign_8 names its fields."""

RECOGNITIONS = "total_machine_recognitions"

COUNTED = (*CODES, RECOGNITIONS)
"""The fields that hold a count."""

_LIST_AT_FAULT = ("congestion", "failed")

Counts = Mapping[str, float | None]
"""The counts of one telephone by field; None is "not known", never 0."""


class TelephoneRow(msgspec.Struct, gc=False):
    """A row as it is written, without a dictionary for each of 60,000; None is null or not there."""

    telephone: str | None = None
    no_answer: str | None = None
    answer_machine: str | None = None
    busy: str | None = None
    congestion: str | None = None
    failed: str | None = None
    total_machine_recognitions: str | None = None


_Decode = Callable[[bytes], list[object]]
_written = cast("_Decode", msgspec.json.Decoder(list[TelephoneRow]).decode)
_anything: _Decode = msgspec.json.Decoder(list[object]).decode


def decode_rows(text: bytes) -> list[object]:
    """Return the rows of an array: TelephoneRow where all are texts and nulls, else what JSON gives.

    Raises msgspec.DecodeError and UnicodeDecodeError when it is not an array.
    """
    try:
        return _written(text)
    except msgspec.ValidationError:
        return _anything(text)


def number_of(raw: object) -> str | None:
    """Return the telephone in the field of that name; "" of a TOTAL row, None where there is none.

    Reports in the vendor's screens end with a row of totals; whether the API's do is unknown.
    """
    number = parsing.text(raw)
    if isinstance(number, str) and number.upper().startswith("TOTAL"):
        return ""
    if isinstance(number, Absent) or not any(c.isdigit() for c in number):
        return None
    return number


def unreachable(counts: Counts, after: int) -> bool | None:
    """Return whether a telephone has at least `after` machine codes, all of them congestion or failed.

    None when one of its codes is not known.
    """
    codes = [counts[code] for code in CODES]
    known = [count for count in codes if count is not None]
    if len(known) < len(codes):
        return None
    return sum(known) >= after and sum(known) == sum(counts[code] or 0.0 for code in _LIST_AT_FAULT)


class CodeSums:
    """Adds telephones up: `telephones` in all, `judged` of which all codes are known, and the `unreachable`.

    `counts` are the sums by field; one that no telephone had a count for is not in it.
    """

    def __init__(self, unreachable_after: int) -> None:
        self.telephones = 0
        self.judged = 0
        self.unreachable = 0
        self.counts: dict[str, float] = {}
        self._unreachable_after = unreachable_after

    def add(self, counts: Counts, telephones: int = 1) -> None:
        """Add telephones that all have the same counts."""
        self.telephones += telephones
        for name, count in counts.items():
            if count is not None:
                self.counts[name] = self.counts.get(name, 0.0) + count * telephones
        judgement = unreachable(counts, self._unreachable_after)
        if judgement is not None:
            self.judged += telephones
            self.unreachable += telephones * judgement


@dataclass(frozen=True, slots=True)
class Telephone:
    """One row; a count that is missing or unreadable is None, never 0."""

    number: str = field(repr=False)
    counts: Counts

    @property
    def attempts(self) -> int | None:
        """All codes together; None when one of them is not known."""
        known = [count for code in CODES if (count := self.counts[code]) is not None]
        return int(sum(known)) if len(known) == len(CODES) else None


@dataclass(slots=True)
class TelephoneReader:
    """Reads rows as JSON gave them; `discarded` rows were no telephones, `unreadable` values no counts."""

    rows: int = 0
    telephones: int = 0
    discarded: int = 0
    unreadable: int = 0

    def read(self, rows: Iterable[object]) -> Iterator[Telephone]:
        """Yield the telephones of a batch of rows."""
        for row in rows:
            self.rows += 1
            number = number_of(row.get("telephone")) if isinstance(row, Mapping) else None
            if number is None or not isinstance(row, Mapping):
                self.discarded += 1
            elif number:
                self.telephones += 1
                yield Telephone(number, {name: self._count(row.get(name)) for name in COUNTED})

    def _count(self, raw: object) -> float | None:
        value = parsing.count(raw)
        self.unreadable += value is Absent.UNREADABLE
        return None if isinstance(value, Absent) else value
