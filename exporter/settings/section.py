"""Reads mappings of a YAML file key by key, and gathers everything that is wrong, each with its path.

Own code, because what there is either ends at the first error (msgspec, cattrs) or costs a process that runs
for months 10 MB and each start 60 ms (pydantic), for a file of a dozen keys.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

_LONGEST_KEY = 100
_LONGEST_MESSAGE = 500


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where (a YAML path such as `operations[0].timezone`, or "") and what."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class Entry:
    """One mapping of the file at `path`; what is wrong with it is added to `problems`.

    A wrong or missing value is noted, and a stand-in is returned so that reading goes on: what was read may
    be used only when there is no problem at the end. The keys that were asked for are the keys that there
    are; `finish` refuses the others.
    """

    def __init__(self, raw: object, path: str, problems: list[Problem]) -> None:
        self.path = path
        self._problems = problems
        self._asked: set[str] = set()
        self._wrong: set[str] = set()
        self._raw: Mapping[object, object] = raw if isinstance(raw, Mapping) else {}
        self._usable = True
        if not isinstance(raw, Mapping):
            self.note("", "a mapping is expected")
            self._usable = False

    def given(self, key: str) -> bool:
        """Tell whether a key stands in the mapping with a value that is not null."""
        self._asked.add(key)
        return self._raw.get(key) is not None

    def holds(self, key: str, kind: type) -> bool:
        """Tell whether a key's value is of a type."""
        return isinstance(self._raw.get(key), kind)

    def good(self, *keys: str) -> bool:
        """Tell whether nothing was wrong with these keys, which were read before."""
        return self._usable and not self._wrong.intersection(keys)

    def note(self, key: str, message: str) -> None:
        """Note a problem with a key, or with the whole mapping when the key is "".

        Of what is no mapping nothing more is said than that.
        """
        if not self._usable:
            return
        self._wrong.add(key)
        line = "".join(c if c.isprintable() else " " for c in message[:_LONGEST_MESSAGE])
        self._problems.append(Problem(self._at(key), line))

    def get(self, key: str, read: Callable[[object], T], default: T) -> T:
        """Return what `read` makes of a key's value; it raises ValueError with a message for people.

        Returns the default for a missing key, for null where the default is None, and for a wrong value.
        """
        self._asked.add(key)
        raw = self._raw.get(key)
        if key not in self._raw or raw is default is None:
            return default
        try:
            return read(raw)
        except ValueError as error:
            self.note(key, str(error))
            return default

    def each(self, key: str, read: Callable[[object], T], default: Sequence[T]) -> tuple[T, ...]:
        """Return what `read` makes of the items of a list; wrong ones are noted and left out."""
        self._asked.add(key)
        if key not in self._raw:
            return tuple(default)
        values = []
        for index, item in enumerate(self._items(key)):
            try:
                values.append(read(item))
            except ValueError as error:
                self.note(f"{key}[{index}]", str(error))
                self._wrong.add(key)
        return tuple(values)

    def entry(self, key: str) -> "Entry":
        """Return the mapping under a key; a missing one is empty."""
        self._asked.add(key)
        return Entry(self._raw.get(key) if key in self._raw else {}, self._at(key), self._problems)

    def entries(self, key: str) -> tuple["Entry", ...]:
        """Return the mappings of the list under a key."""
        self._asked.add(key)
        items = self._items(key) if key in self._raw else ()
        return tuple(
            Entry(item, f"{self._at(key)}[{index}]", self._problems) for index, item in enumerate(items)
        )

    def finish(self) -> None:
        """Refuse the keys that nobody has asked for."""
        for key in self._raw:
            if key not in self._asked:
                meant = _close(str(key)[:_LONGEST_KEY], self._asked)
                self.note(_shown(key), f"unknown key (is {meant} meant?)" if meant else "unknown key")

    def _items(self, key: str) -> Sequence[object]:
        raw = self._raw.get(key)
        if isinstance(raw, list):
            return raw
        self.note(key, "a list is expected")
        return ()

    def _at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path and key else self.path or key


def _close(key: str, known: Collection[str]) -> str:
    """Return the known key that was likely meant, or ""."""
    import difflib  # noqa: PLC0415 - a good file does without

    return next(iter(difflib.get_close_matches(key, sorted(known), n=1)), "")


def _shown(key: object) -> str:
    """Return a key as it can stand in a path, which is one line."""
    text = str(key)[:_LONGEST_KEY]
    return text if text and text.isprintable() and not any(c in " .:[]" for c in text) else repr(text)
