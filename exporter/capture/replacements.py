"""What stands for the names and numbers that may not be told. Pure but for the key.

Each run of letters or digits is replaced by one of the same length: the same by the same, whatever its case
and accents, others by others. What is chosen follows from a key that nobody keeps. No replacement has three
letters, or four digits, in a row that stand in a row in any original.
"""

import hmac
import random
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from exporter.apis import API_WORDS
from exporter.capture.text_runs import (
    NUMBER_DIGITS,
    WORD_CHARACTERS,
    CharacterKind,
    Run,
    Stay,
    characters,
    folded,
    folded_run,
    kind_of,
    of_prose,
    of_text,
    runs,
    windows,
)

_LATIN: Final = "abcdefghijklmnopqrstuvwxyz"
_ACCENTED: Final[Mapping[str, str]] = dict(zip("aeiouncysz", "áéíóúñçýšž", strict=True))
_GREEK: Final = "αβγδεζηθικλμνξοπρστυφχψω"
_WITHOUT_CASE: Final = (
    "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわ"
)
_DIGITS: Final = "0123456789"

_LISTED_DIGITS: Final = 5
"""Numbers of so many digits are so few that all can be listed."""
_ORDERED_DIGITS: Final = 3
"""From so many digits on the order of numbers is kept: there are enough of them to choose from."""

_STEPS_NUMBER: Final = 5_000
_FIGURE_STEPS_NUMBER: Final = 500
"""How long other digits for a figure are looked for: where nearly all are refused it stays as it is."""

_CYCLE_YEARS: Final = 28
"""Years after which the calendar has the same weekdays and leap years."""
_CYCLE_SECONDS: Final = (_CYCLE_YEARS * 365 + _CYCLE_YEARS // 4) * 86400.0
_CYCLES: Final = (0, 1, 2, -1, -2)
_YEARS: Final = range(1970, 2100)
_YEAR: Final = re.compile(r"(?<![0-9])[0-9]{4}(?![0-9])")

_API_WINDOWS: Final = frozenset(three for word in API_WORDS for three in windows(word, WORD_CHARACTERS))


class Originals:
    """What may not be told, noted text by text; each method returns what it was given.

    `years` are those of times, which are told.
    """

    def __init__(self) -> None:
        self.words: dict[tuple[str, int], list[str]] = {}
        self.numbers: set[str] = set()
        self.years: set[int] = set()

    def text(self, text: str) -> str:
        """Note a text that may be about somebody."""
        return self._noted(text, of_text(text))

    def prose(self, text: str) -> str:
        """Note what in a sentence for people could be about somebody."""
        return self._noted(text, of_prose(text))

    def figure(self, text: str) -> str:
        """Note nothing."""
        return text

    def time(self, text: str) -> str:
        """Note the year of a time."""
        self.years.update(int(year) for year in _YEAR.findall(text) if int(year) in _YEARS)
        return text

    def _noted(self, text: str, parts: Iterable[tuple[Run, Stay]]) -> str:
        for run, stay in parts:
            if stay is not Stay.REPLACED:
                continue
            if run.kind is CharacterKind.DIGIT:
                self.numbers.add(folded_run(run.text))
            else:
                letters = characters(run.text)
                key = folded_run(run.text), len(letters)
                known = self.words.get(key)
                alphabets = list(map(_alphabet, letters))
                if known is not None:
                    alphabets = [min(pair, key=len) for pair in zip(known, alphabets, strict=True)]
                self.words[key] = alphabets
        return text


class Replacements:
    """Replaces what may not be told; `key` is what the choice follows from.

    Of numbers of the same length (three digits or more) the order is kept, so that the highest campaigns stay
    the highest. `changed_figures` are the figures that had four digits in a row of an original: they have
    others, but for the first. Where so many originals leave nothing to choose from, letters of another
    alphabet are taken, and for numbers digits in a row that stand in another original; figures stay then.
    """

    def __init__(self, originals: Originals, key: bytes) -> None:
        self._key = key
        self.changed_figures: dict[str, str] = {}
        self._letters = {three for word, _ in originals.words for three in windows(word, WORD_CHARACTERS)}
        self._digits = {four for number in originals.numbers for four in windows(number, NUMBER_DIGITS)}
        self._refused_letters = self._letters | _API_WINDOWS
        self._figures: dict[str, str] = {}
        self._words: dict[tuple[str, int], str] = {}
        self._rules: dict[tuple[str, ...], int] = defaultdict(int)
        self._taken: set[str] = set()
        # The longest first: they have the fewest ways to go.
        for word in sorted(originals.words, key=lambda one: (-one[1], one)):
            self._word(word, originals.words[word])
        self._numbers = dict(self._in_order(originals.numbers))
        self._shift = self._free_shift(originals.years)

    def text(self, text: str) -> str:
        """Return what stands for a text that may be about somebody."""
        return "".join(self._replaced(run, stay) for run, stay in of_text(text))

    def prose(self, text: str) -> str:
        """Return a sentence for people without what could be about somebody."""
        return "".join(self._replaced(run, stay) for run, stay in of_prose(text))

    def figure(self, text: str) -> str:
        """Return a figure: as it is, unless it has the digits of an original."""
        if text not in self._figures:
            self._figures[text] = self._figure_of(text)
        return self._figures[text]

    def _figure_of(self, text: str) -> str:
        changed = "".join(
            self._figure(run.text)
            if run.kind is CharacterKind.DIGIT and self._digits_told(run.text)
            else run.text
            for run in runs(text)
        )
        if changed != text:
            self.changed_figures[text] = changed
        return changed

    def time(self, text: str) -> str:
        """Return a time: as it is, or some times 28 years earlier or later as all others are."""
        return _YEAR.sub(lambda match: str(self._shifted(int(match[0]))), text)

    def moment(self, at: float) -> float:
        """Return a Unix time, shifted as all times are."""
        return round(at + self._shift * _CYCLE_SECONDS, 3)

    def _shifted(self, year: int) -> int:
        return year + self._shift * _CYCLE_YEARS if year in _YEARS else year

    def _free_shift(self, years: Collection[int]) -> int:
        """Return by how many times 28 years the times are moved, so that no year is an original's number."""
        for cycles in _CYCLES:
            moved = [year + cycles * _CYCLE_YEARS for year in years]
            if all(year in _YEARS and str(year) not in self._digits for year in moved):
                return cycles
        return 0

    def _replaced(self, run: Run, stay: Stay) -> str:
        if run.kind is CharacterKind.DIGIT and stay is Stay.REPLACED:
            return _dressed(run.text, self._numbers[folded_run(run.text)])
        if stay is Stay.KEPT or (stay is Stay.ASKED and not self._word_told(run.text)):
            return run.text
        letters = characters(run.text)
        return _dressed(
            run.text, self._word((folded_run(run.text), len(letters)), list(map(_alphabet, letters)))
        )

    def _word_told(self, run: str) -> bool:
        return not self._letters.isdisjoint(windows(folded_run(run), WORD_CHARACTERS))

    def _digits_told(self, run: str) -> bool:
        return not self._digits.isdisjoint(windows(folded_run(run), NUMBER_DIGITS))

    def _random(self, *what: str) -> random.Random:
        digest = hmac.digest(self._key, "\0".join(what).encode("utf-8", "surrogatepass"), "sha256")
        return random.Random(digest)  # noqa: S311 - what it is seeded with is the secret

    def _word(self, word: tuple[str, int], alphabets: Sequence[str]) -> str:
        """Return the letters that stand for a folded word, one for each of its characters."""
        if word not in self._words:
            chance = self._random("word", word[0], str(word[1]))
            self._words[word] = found = self._spelled(word[0], tuple(alphabets), chance)
            self._taken.add(found)
        return self._words[word]

    def _spelled(self, word: str, alphabets: tuple[str, ...], chance: random.Random) -> str:
        """Return letters for a word that nothing else has, by the strictest rule that leaves some."""
        wider = [alphabet + _GREEK + _WITHOUT_CASE for alphabet in alphabets]
        own = set(windows(word, WORD_CHARACTERS))
        rules: Sequence[tuple[Sequence[str], Collection[str]]] = (
            (alphabets, self._refused_letters),
            (wider, self._letters),
            (wider, own),
        )
        # Where a rule has left nothing once, it is not tried again for words of the same form.
        for rule in range(self._rules[alphabets], len(rules)):
            ways = _paths(*rules[rule], WORD_CHARACTERS, chance)
            found = next((one for one in ways if one != word and self._is_free(one)), None)
            if found is not None:
                return found
            self._rules[alphabets] = rule + 1
        # Of single letters there may be more than there are others.
        return "".join(chance.choice(alphabet) for alphabet in wider)

    def _is_free(self, word: str) -> bool:
        return word not in self._taken and word not in API_WORDS

    def _in_order(self, numbers: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Yield each number with what stands for it."""
        alike = defaultdict(list)
        for number in numbers:
            alike[len(number), number.startswith("0")].append(number)
        for (length, zero), group in sorted(alike.items()):
            chance = self._random("numbers", str(length), str(zero))
            if length < _ORDERED_DIGITS:
                # Each is followed by another in a ring of all, so that none stands for itself.
                ring = _shuffled(_numbers_of(length, zero), chance)
                yield from ((one, ring[ring.index(one) - 1]) for one in group)
            else:
                chosen = self._chosen(length, zero, group, chance)
                yield from zip(sorted(group), sorted(chosen), strict=True)

    def _chosen(self, length: int, zero: bool, group: Sequence[str], chance: random.Random) -> list[str]:
        """Return as many numbers as there are in a group, all of its form."""
        first = ["0" if zero else _DIGITS[1:], *[_DIGITS] * (length - 1)]
        if length <= _LISTED_DIGITS:
            free = [number for number in _numbers_of(length, zero) if not self._digits_told(number)]
            if len(free) >= len(group):
                return chance.sample(free, len(group))
        originals, taken = set(group), set[str]()
        refused: Collection[str] = self._digits
        while len(taken) < len(group):
            ways = _paths(first, refused, NUMBER_DIGITS, chance)
            found = next((one for one in ways if one not in taken and one not in originals), None)
            if found is not None:
                taken.add(found)
            elif refused:
                refused = ()
            else:
                # Nearly every number of this length is an original.
                taken.update([one for one in group if one not in taken][: len(group) - len(taken)])
        return list(taken)

    def _figure(self, run: str) -> str:
        """Return digits that stand for those of a figure, the first as it is where that is possible."""
        number = folded_run(run)
        chance = self._random("figure", number)
        for first in (number[0], _DIGITS[1:]):
            ways = _paths(
                [first, *[_DIGITS] * (len(number) - 1)],
                self._digits,
                NUMBER_DIGITS,
                chance,
                _FIGURE_STEPS_NUMBER,
            )
            found = next(ways, None)
            if found is not None:
                return _dressed(run, found)
        return run


def _paths(
    alphabets: Sequence[str],
    refused: Collection[str],
    size: int,
    chance: random.Random,
    steps: int = _STEPS_NUMBER,
) -> Iterator[str]:
    """Yield texts with a character of each alphabet, none of which has `size` in a row that are refused.

    After so many tries as no text of an ordinary length needs there are no more.
    """
    chosen: list[str] = []
    waiting = [_shuffled(alphabets[0], chance)]
    for _ in range(steps + 20 * len(alphabets)):
        if not waiting:
            return
        if not waiting[-1]:
            waiting.pop()
            if chosen:
                chosen.pop()
            continue
        character = waiting[-1].pop()
        if len(chosen) >= size - 1 and "".join((*chosen[len(chosen) - size + 1 :], character)) in refused:
            continue
        chosen.append(character)
        if len(chosen) < len(alphabets):
            waiting.append(_shuffled(alphabets[len(chosen)], chance))
            continue
        yield "".join(chosen)
        chosen.pop()


def _shuffled(choices: Sequence[str], chance: random.Random) -> list[str]:
    return chance.sample(choices, len(choices))


def _numbers_of(length: int, zero: bool) -> list[str]:
    """Return the numbers of a length: those that begin with a zero, or those that do not."""
    least = 10 ** (length - 1)
    return [f"{number:0{length}}" for number in (range(least) if zero else range(least, 10 * least))]


def _alphabet(letter: str) -> str:
    """Return the letters that may stand for a letter."""
    if folded(letter)[0] in _LATIN:
        return "".join(_ACCENTED) if _has_accent(letter) else _LATIN
    return _GREEK if letter.lower() != letter.upper() else _WITHOUT_CASE


def _has_accent(letter: str) -> bool:
    return not letter.isascii() and kind_of(letter) is CharacterKind.LETTER and len(folded(letter)) == 1


def _dressed(run: str, replacement: str) -> str:
    """Return a replacement in the case and with the accents of a run."""
    dressed, rest = [], iter(replacement)
    for character in run:
        if kind_of(character) is CharacterKind.MARK:
            dressed.append(character)
            continue
        new = next(rest)
        if _has_accent(character):
            new = _ACCENTED.get(new, new)
        elif new in _DIGITS and not character.isascii() and character.isdecimal():
            new = chr(ord(character) - int(folded(character)) + int(new))
        dressed.append(new.upper() if character.isupper() or character.istitle() else new)
    return "".join(dressed)


def year_of(at: float) -> int:
    """Return the year of a Unix time, in UTC."""
    return datetime.fromtimestamp(at, UTC).year
