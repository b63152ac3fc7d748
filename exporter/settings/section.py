"""Reads the mappings of a YAML file key by key, and collects everything that is wrong, each with its path.

Own code, because the libraries either stop at the first error (msgspec, cattrs) or cost a process that runs
for months 10 MB, and each start 60 ms (pydantic), for a file of a dozen keys.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from exporter.settings.keys import Key, ListKey

T = TypeVar("T")

_MAX_KEY_CHARACTERS = 100
_MAX_MESSAGE_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where (a YAML path such as `servers[0].timezone`, or "") and what.

    `absent` says that it is a secret, which is not here and may be elsewhere.
    """

    path: str
    message: str
    absent: bool = False

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class Section:
    """One mapping of the file, at `path`; whatever is wrong with it is added to `problems`.

    A wrong or missing value is noted and a default returned, so that reading goes on: use what was read only
    if there is no problem at the end. The keys that were read are the keys that exist; `finish` rejects all
    others.
    """

    def __init__(self, raw: object, path: str, problems: list[Problem]) -> None:
        self.path = path
        self._problems = problems
        self._known: set[str] = set()
        self._wrong: set[str] = set()
        self._raw: Mapping[object, object] = raw if isinstance(raw, Mapping) else {}
        self._usable = True
        if not isinstance(raw, Mapping):
            self.note("", "a mapping is expected")
            self._usable = False

    def given(self, key: str) -> bool:
        """Return whether a key has a value that is not null."""
        self._known.add(key)
        return self._raw.get(key) is not None

    def keys(self) -> tuple[str, ...]:
        """Return the keys that are texts, for a mapping whose keys are the user's own."""
        return tuple(key for key in self._raw if isinstance(key, str))

    def holds(self, key: str, kind: type) -> bool:
        """Return whether a key's value is of a type."""
        return isinstance(self._raw.get(key), kind)

    def good(self, *keys: str) -> bool:
        """Return whether no problem was noted with these keys, which must have been read before."""
        return self._usable and not self._wrong.intersection(keys)

    def note(self, key: str, message: str, *, absent: bool = False) -> None:
        """Note a problem with a key, or with the whole mapping if the key is "".

        Nothing more is noted about something that is not a mapping.
        """
        if not self._usable:
            return
        self._wrong.add(key)
        line = "".join(c if c.isprintable() else " " for c in message[:_MAX_MESSAGE_CHARACTERS])
        self._problems.append(Problem(self._at(key), line, absent))

    def get(self, key: str, read: Callable[[object], T], default: T) -> T:
        """Return what `read` makes of a key's value; it raises ValueError with a message for people.

        Returns the default for a missing key, for null where the default is None, and for a wrong value.
        """
        self._known.add(key)
        raw = self._raw.get(key)
        if key not in self._raw or raw is default is None:
            return default
        try:
            return read(raw)
        except ValueError as error:
            self.note(key, str(error))
            return default

    def each(self, key: str, read: Callable[[object], T], default: Sequence[T]) -> tuple[T, ...]:
        """Return what `read` makes of each item of a list; wrong ones are noted and left out."""
        self._known.add(key)
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

    def read(self, key: Key[T]) -> T:
        """Return the value of a key, its default where it is missing or wrong."""
        return self.get(key.name, key.kind.read, key.default)

    def read_list(self, key: ListKey[T]) -> tuple[T, ...]:
        """Return the values of a key's list; wrong ones are noted and left out."""
        return self.each(key.name, key.kind.read, key.default or ())

    def section(self, key: str) -> "Section":
        """Return the mapping under a key; a missing one is empty."""
        self._known.add(key)
        return Section(self._raw.get(key) if key in self._raw else {}, self._at(key), self._problems)

    def sections(self, key: str) -> tuple["Section", ...]:
        """Return the mappings in the list under a key."""
        self._known.add(key)
        items = self._items(key) if key in self._raw else ()
        return tuple(
            Section(item, f"{self._at(key)}[{index}]", self._problems) for index, item in enumerate(items)
        )

    def finish(self, renamed: Mapping[str, str] | None = None) -> None:
        """Note a problem for each key that was not read; `renamed` gives the present names of former keys."""
        for key in self._raw:
            if key not in self._known:
                similar = _similar(str(key)[:_MAX_KEY_CHARACTERS], self._known)
                meant = (renamed or {}).get(str(key), similar)
                self.note(_shown(key), f"unknown key (did you mean {meant}?)" if meant else "unknown key")

    def _items(self, key: str) -> Sequence[object]:
        raw = self._raw.get(key)
        if isinstance(raw, list):
            return raw
        self.note(key, "a list is expected")
        return ()

    def _at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path and key else self.path or key


def _similar(key: str, known: Collection[str]) -> str:
    """Return the known key that was probably meant, or ""."""
    import difflib  # noqa: PLC0415 - not needed for a file without mistakes

    return next(iter(difflib.get_close_matches(key, sorted(known), n=1)), "")


def _shown(key: object) -> str:
    """Return a key in a form that fits into a path, which is one line."""
    text = str(key)[:_MAX_KEY_CHARACTERS]
    return text if text and text.isprintable() and not any(c in " .:[]" for c in text) else repr(text)
