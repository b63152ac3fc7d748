"""The people on the lists: their telephones and ids, made from a record's number, and their machine codes.

Nothing is kept of a record: a list of 60,000 costs nothing until report campaign_8 asks for its telephones.
All telephones begin with 555 and all ids with FAKE.
"""

from collections.abc import Iterable
from datetime import datetime
from math import gcd
from typing import NamedTuple

from exporter.simulator.chance import mix
from exporter.simulator.dialler import is_dead
from exporter.simulator.ledger import Outcomes, Stretch
from exporter.simulator.profiles import Profile

PHONES = 3
"""The most telephones that a record has here (the vendor allows ten)."""

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
        """All codes of the telephone."""
        return self.no_answer + self.answer_machine + self.busy + self.congestion + self.failed


class Record(NamedTuple):
    """A customer's record as find_record returns it. calls: how many times it was dialled."""

    campaign_id: str
    number: int
    customer_id: str
    telephones: tuple[str, ...]
    calls: int
    last_dial: datetime | None
    disposition: str


def phones(profile: Profile, record: int) -> int:
    """Return how many telephones a record has, 1 to 3."""
    return 1 + (mix(profile.key, record) >> 8) % PHONES


def telephone(profile: Profile, record: int, slot: int) -> str:
    """Return the record's telephone in a slot (0 to 2): "555" and seven digits."""
    return f"555{(profile.key + record * PHONES + slot) % _NUMBERS:07d}"


def record_of(profile: Profile, number: str) -> int | None:
    """Return the record that has the telephone, None when no record of the list has it."""
    if len(number) != len("5550000000") or not number.startswith("555") or not number.isdecimal():
        return None
    record, slot = divmod((int(number[3:]) - profile.key) % _NUMBERS, PHONES)
    return record if record < profile.records and slot < phones(profile, record) else None


def customer(profile: Profile, record: int) -> str:
    """Return the customer's id: "FAKE-", the campaign's number and the record's number."""
    return f"FAKE-{profile.index:05d}{record:06d}"


def record_of_customer(profile: Profile, customer_id: str) -> int | None:
    """Return the record of a customer, None when the list does not have the customer."""
    digits = customer_id.removeprefix("FAKE-")
    if len(digits) != len("00000000000") or not (digits.isascii() and digits.isdecimal()):
        return None
    record = int(digits[5:])
    return record if customer_id == customer(profile, record) and record < profile.records else None


def machine_codes(
    profile: Profile, stretches: Iterable[Stretch], coded: dict[int, int], most: int
) -> list[Codes]:
    """Return the codes of each telephone dialled in the stretches, of `most` telephones at most.

    The outcomes of the living telephones of a stretch are those that the model counted, dealt out like cards.
    A dead telephone is tried up to four times in a row, and each try is a code: so the report has more
    congestion and failed than `campaigns` has records.
    """
    found: dict[int, list[int]] = {}
    for stretch in stretches:
        deck = _deck(stretch.gave)
        stride, card = _stride(len(deck)), mix(profile.key, stretch.first)
        for place in range(stretch.first, stretch.last):
            lap, record = divmod(place, profile.records)
            if coded and coded.get(record, place + 1) <= place:
                continue
            bits = mix(profile.key, record)
            where = record * PHONES + ((bits >> 16) + lap) % (1 + (bits >> 8) % PHONES)
            counts = found.get(where)
            if counts is None:
                if len(found) >= most:
                    continue
                counts = found[where] = [0] * 6
            if is_dead(profile, record):
                tries = 1 + (bits >> 32) % _TRIES
                counts[_CONGESTION] += tries // 2
                counts[_FAILED] += tries - tries // 2
            else:
                card += stride
                counts[deck[card % len(deck)]] += 1
    return [
        Codes(f"555{(profile.key + where) % _NUMBERS:07d}", *counts[:_ANSWER])
        for where, counts in found.items()
    ]


def _deck(gave: Outcomes) -> bytes:
    return b"".join(
        bytes([outcome]) * count
        for outcome, count in (
            (_ANSWER, gave.answer),
            (_NO_ANSWER, gave.no_answer),
            (_MACHINE, gave.machine),
            (_BUSY, gave.busy),
            (_CONGESTION, gave.congestion),
            (_FAILED, gave.failed),
        )
    )


def _stride(cards: int) -> int:
    """Return a step that visits every card once before it returns to the first."""
    stride = max(1, int(cards * 0.618))
    while gcd(stride, cards) > 1:
        stride += 1
    return stride
