"""The people on the lists: telephones and customers derived from a record's number, and their machine codes.

Nothing is kept for a record: a list of 60,000 costs nothing until report campaign_8 asks for its
telephones. All numbers begin with 555 and all customers with FAKE.
"""

from collections.abc import Iterable
from datetime import datetime
from math import gcd
from typing import NamedTuple

from exporter.simulator.cast import Part
from exporter.simulator.chance import mix
from exporter.simulator.dialler import is_dead
from exporter.simulator.ledger import Stretch

PHONES = 3
"""Most telephones of a record here (the vendor allows ten)."""

_NUMBERS = 10_000_000
_NO_ANSWER, _MACHINE, _BUSY, _CONGESTION, _FAILED, _ANSWER = range(6)
_TRIES = 4


class Codes(NamedTuple):
    """Machine codes of one telephone (page "8. Códigos de máquina agrupados por teléfono y resultados")."""

    telephone: str
    no_answer: int
    answer_machine: int
    busy: int
    congestion: int
    failed: int

    @property
    def total(self) -> int:
        """Return all codes of the telephone."""
        return self.no_answer + self.answer_machine + self.busy + self.congestion + self.failed


class Record(NamedTuple):
    """A customer's record as find_record tells it; `calls` are the times it was dialled."""

    campaign_id: str
    number: int
    customer_id: str
    telephones: tuple[str, ...]
    calls: int
    last_dial: datetime | None
    disposition: str


def phones(part: Part, record: int) -> int:
    """Return how many telephones a record has, 1..3."""
    return 1 + (mix(part.key, record) >> 8) % PHONES


def telephone(part: Part, record: int, slot: int) -> str:
    """Return the record's telephone number `slot` (0..2): "555" and seven digits."""
    return f"555{(part.key + record * PHONES + slot) % _NUMBERS:07d}"


def record_of(part: Part, number: str) -> int | None:
    """Return the record that has the telephone, None when none of this list does."""
    if len(number) != len("5550000000") or not number.startswith("555") or not number.isdecimal():
        return None
    record, slot = divmod((int(number[3:]) - part.key) % _NUMBERS, PHONES)
    return record if record < part.records and slot < phones(part, record) else None


def customer(part: Part, record: int) -> str:
    """Return the customer's id: "FAKE-", the campaign's place and the record's number."""
    return f"FAKE-{part.index:05d}{record:06d}"


def record_of_customer(part: Part, customer_id: str) -> int | None:
    """Return the record of a customer, None when this list has none such."""
    digits = customer_id.removeprefix("FAKE-")
    if len(digits) != len("00000000000") or not (digits.isascii() and digits.isdecimal()):
        return None
    record = int(digits[5:])
    return record if customer_id == customer(part, record) and record < part.records else None


def machine_codes(part: Part, stretches: Iterable[Stretch], coded: dict[int, int], most: int) -> list[Codes]:
    """Add up the codes of each telephone dialled in the stretches, at most `most` telephones.

    The living telephones' outcomes of a stretch are the ones the model counted, dealt out like cards. A dead
    telephone is tried up to four times at once, and each try is a code: so the report has more congestion and
    failed than `real_time` has records.
    """
    found: dict[int, list[int]] = {}
    for stretch in stretches:
        deck = _deck(stretch)
        stride, card = _stride(len(deck)), mix(part.key, stretch.first)
        for place in range(stretch.first, stretch.last):
            lap, record = divmod(place, part.records)
            if coded and coded.get(record, place + 1) <= place:
                continue
            bits = mix(part.key, record)
            where = record * PHONES + ((bits >> 16) + lap) % (1 + (bits >> 8) % PHONES)
            counts = found.get(where)
            if counts is None:
                if len(found) >= most:
                    continue
                counts = found[where] = [0] * 6
            if is_dead(part, record):
                tries = 1 + (bits >> 32) % _TRIES
                counts[_CONGESTION] += tries // 2
                counts[_FAILED] += tries - tries // 2
            else:
                card += stride
                counts[deck[card % len(deck)]] += 1
    return [
        Codes(f"555{(part.key + where) % _NUMBERS:07d}", *counts[:_ANSWER]) for where, counts in found.items()
    ]


def _deck(stretch: Stretch) -> bytes:
    return b"".join(
        bytes([outcome]) * count
        for outcome, count in (
            (_ANSWER, stretch.answer),
            (_NO_ANSWER, stretch.no_answer),
            (_MACHINE, stretch.machine),
            (_BUSY, stretch.busy),
            (_CONGESTION, stretch.congestion),
            (_FAILED, stretch.failed),
        )
    )


def _stride(cards: int) -> int:
    """Return a step that visits each card once before it comes back."""
    stride = max(1, int(cards * 0.618))
    while gcd(stride, cards) > 1:
        stride += 1
    return stride
