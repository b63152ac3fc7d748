"""The rows of report campaign_8: how they are read, put together by telephone, judged and added up. Pure.

Whether wolkvox gives a telephone several rows is not known (its page says "agrupados por teléfono"), so each
is judged by all of its rows together. Rows are of one telephone when they have the same text there, without
surrounding blanks and with a whole JSON number standing for its digits. What is written in another way ("+57
300", "57-300") is another telephone: that both are one number is not certain.

Rows are personal data: none is in a repr. Polling reads tens of thousands of them for their sums alone
(`exporter.apis.machine_codes`) and keeps no telephone, commands read each for a person (`TelephoneReader`);
what a telephone is and when it is unreachable stands here once, for both.
"""

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple, cast

import msgspec

from exporter import parsing
from exporter.apis.rows import is_total
from exporter.parsing import Absent

CODES = ("no_answer", "answer_machine", "busy", "congestion", "failed")
"""The vendor's machine codes, as campaign_8 names its fields."""

RECOGNITIONS = "total_machine_recognitions"

COUNTED = (*CODES, RECOGNITIONS)
"""The fields that hold a count."""

_LIST_AT_FAULT = ("congestion", "failed")
_REMEMBERED_ROWS = 4096
_BUCKET_MASK = 0xFF

Counts = Mapping[str, float | None]
"""The counts of one telephone, or of one row, by field; None is "not known", never 0."""

Written = tuple[object, ...]
"""What stands in the fields COUNTED of a row; it can be looked up."""


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
    """Return the telephone in the field of that name; "" of a TOTAL row, None where there is none."""
    number = parsing.text(raw)
    if is_total(number):
        return ""
    if isinstance(number, Absent) or not any(c.isdigit() for c in number):
        return None
    return number


def written_in(row: Mapping[str, object]) -> Written:
    """Return what stands in the fields COUNTED of a row as JSON gave it."""
    return tuple(_hashable(row.get(name)) for name in COUNTED)


def _hashable(raw: object) -> object:
    """Return a value that counts as `raw` does and can be looked up: to a dictionary true is 1."""
    return "?" if isinstance(raw, bool | list | dict) else raw


class RowCounts(NamedTuple):
    """What one row, or several of one telephone, have in the fields COUNTED.

    `counts` is None for a field that one of the rows lacks or has unreadable, never 0; `sums` are over the
    rows that have a count, None where none has. `unreadable` are the fields that hold something else.
    """

    counts: Counts
    sums: Counts
    unreadable: tuple[str, ...]

    def joined(self, other: "RowCounts") -> "RowCounts":
        """Return these rows and others together."""
        found: dict[str, float] = {}
        for one in (self, other):
            add_counts(found, one.sums)
        sums = {name: found.get(name) for name in COUNTED}
        lacking = [name for name in COUNTED if self.counts[name] is None or other.counts[name] is None]
        counts = {**sums, **dict.fromkeys(lacking)} if lacking else sums
        return RowCounts(counts, sums, ())


def read_counts(written: Written) -> RowCounts:
    """Return what a row has in the fields COUNTED."""
    values = {name: parsing.count(raw) for name, raw in zip(COUNTED, written, strict=True)}
    counts = {name: None if isinstance(value, Absent) else value for name, value in values.items()}
    unreadable = tuple(name for name, value in values.items() if value is Absent.UNREADABLE)
    return RowCounts(counts, counts, unreadable)


def add_counts(sums: dict[str, float], counts: Counts, rows: int = 1) -> None:
    """Add rows that all have the same counts to sums by field; a field without a count is not in the sums."""
    for name, count in counts.items():
        if count is not None:
            sums[name] = sums.get(name, 0.0) + count * rows


def evidence(counts: Counts, after: int) -> int:
    """Return what codes say about a telephone, as a whole number.

    Up to `after`: so many codes, and all of them congestion or failed (more than `after` say no more).
    `after` + 1: another code, so that it is not unreachable. `after` + 2: a code is not known.
    """
    if any(counts[code] is None for code in CODES):
        return after + 2
    if any(counts[code] for code in CODES if code not in _LIST_AT_FAULT):
        return after + 1
    return int(min(sum(counts[code] or 0.0 for code in _LIST_AT_FAULT), after))


def joined_evidence(one: int, other: int, after: int) -> int:
    """Return what two rows of one telephone say together, each of them having said its `evidence`."""
    most = max(one, other)
    return most if most > after else min(one + other, after)


def unreachable(counts: Counts, after: int) -> bool | None:
    """Return whether a telephone has at least `after` machine codes, all of them congestion or failed.

    None when one of its codes is not known.
    """
    said = evidence(counts, after)
    return None if said > after + 1 else said == after


class DistinctTelephones:
    """Tells telephones apart, however often and in whatever order their rows come, and keeps none of them.

    A row is kept in 8 bytes: a hash of its telephone, salted by Python anew for each process, and in its
    lowest bits the row's `evidence`. The rows are in buckets, because putting together a few at a time takes
    little memory: an answer of 256 MB can have millions of them.
    """

    def __init__(self, after: int) -> None:
        self._after = after
        self._evidence_mask = (1 << (after + 2).bit_length()) - 1
        self._buckets = [array("q") for _ in range(_BUCKET_MASK + 1)]

    def add(self, numbers: Iterable[str], said: Iterable[int]) -> None:
        """Add rows: the telephone and the `evidence` of each."""
        put = [bucket.append for bucket in self._buckets]
        rest = ~self._evidence_mask
        for hashed, evidence_of_row in zip(map(hash, numbers), said, strict=True):
            put[hashed & _BUCKET_MASK](hashed & rest | evidence_of_row)

    def by_evidence(self) -> Counter[int]:
        """Return how many telephones there are, by the `evidence` of all of their rows."""
        found: Counter[int] = Counter()
        mask = self._evidence_mask
        for bucket in self._buckets:
            telephones: dict[int, int] = {}
            for row in bucket:
                telephone, said = row | mask, row & mask
                before = telephones.get(telephone)
                telephones[telephone] = said if before is None else joined_evidence(before, said, self._after)
            found.update(telephones.values())
        return found


@dataclass(frozen=True, slots=True)
class Telephone:
    """One telephone; `counts` and `sums` are those of all of its rows, as in RowCounts."""

    number: str = field(repr=False)
    counts: Counts
    sums: Counts

    @property
    def attempts(self) -> int | None:
        """All codes together; None when one of them is not known."""
        known = [count for code in CODES if (count := self.counts[code]) is not None]
        return int(sum(known)) if len(known) == len(CODES) else None


class TelephoneReader:
    """Reads rows as JSON gave them; `discarded` rows were no telephones, `unreadable` values no counts."""

    def __init__(self) -> None:
        self.rows = 0
        self.discarded = 0
        self.unreadable = 0
        self._found: dict[str, RowCounts] = {}
        # Most telephones have few and small codes: those that are written alike are read and kept once.
        self._read = lru_cache(_REMEMBERED_ROWS)(read_counts)

    def add(self, rows: Iterable[object]) -> None:
        """Read a batch of rows."""
        for row in rows:
            self.rows += 1
            number = number_of(row.get("telephone")) if isinstance(row, Mapping) else None
            if number is None or not isinstance(row, Mapping):
                self.discarded += 1
            elif number:
                read = self._read(written_in(row))
                self.unreadable += len(read.unreadable)
                before = self._found.get(number)
                self._found[number] = before.joined(read) if before else read

    @property
    def count(self) -> int:
        """The number of telephones so far."""
        return len(self._found)

    def telephones(self) -> Iterator[Telephone]:
        """Yield the telephones so far, each once, in the order of their first rows."""
        return (Telephone(number, rows.counts, rows.sums) for number, rows in self._found.items())


class CodeSums:
    """Adds telephones up: `telephones` in all, `judged` of which all codes are known, and the `unreachable`.

    `counts` are the sums by field over the rows that have a count; one that no row has is not in it.
    """

    def __init__(self, unreachable_after: int) -> None:
        self.telephones = 0
        self.judged = 0
        self.unreachable = 0
        self.counts: dict[str, float] = {}
        self._unreachable_after = unreachable_after

    def add(self, telephone: Telephone) -> None:
        """Add a telephone."""
        self.telephones += 1
        add_counts(self.counts, telephone.sums)
        judgement = unreachable(telephone.counts, self._unreachable_after)
        if judgement is not None:
            self.judged += 1
            self.unreachable += judgement
