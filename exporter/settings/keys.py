"""What a section of a settings file may contain, as data: read by `Section`, and written as a JSON Schema.

Source of the schema's words: JSON Schema, draft 2020-12.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar, cast

from exporter.settings import values

Read_co = TypeVar("Read_co", covariant=True)
T = TypeVar("T")

Schema = Mapping[str, object]


@dataclass(frozen=True, slots=True, eq=False)
class Kind(Generic[Read_co]):
    """A kind of value: its reader, which raises ValueError with a message for people, and its JSON Schema."""

    read: Callable[[object], Read_co]
    schema: Schema


FLAG = Kind(values.flag, {"type": "boolean"})
TEXT = Kind(values.text, {"type": "string", "minLength": 1})
NAME = Kind(values.name, {"type": "string", "minLength": 1, "maxLength": values.MAX_NAME_CHARACTERS})
FILE_NAME = Kind(values.file_name, {"type": "string", "minLength": 1})
FRACTION = Kind(values.fraction, {"type": "number", "minimum": 0, "exclusiveMaximum": 1})
PATTERN = Kind(values.pattern, {"type": "string", "format": "regex"})
ZONE = Kind(values.zone, {"type": "string"})
DURATION = Kind(
    values.duration,
    {
        "type": "string",
        "pattern": "^([0-9]+y)?([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$",
    },
)


def whole(least: int, most: int | None = None) -> Kind[int]:
    """Return the kind of a whole number within limits, both inclusive."""
    limits = {"minimum": least} if most is None else {"minimum": least, "maximum": most}
    return Kind(values.whole(least, most), {"type": "integer", **limits})


@dataclass(frozen=True, slots=True, eq=False)
class Key(Generic[T]):
    """A key with one value; the default holds where it is missing."""

    name: str
    kind: Kind[T]
    default: T
    description: str
    examples: Sequence[object] = ()

    def of(self, read: Mapping[str, object]) -> T:
        """Return the value among values that were read, by the names of their keys."""
        return cast("T", read.get(self.name, self.default))


@dataclass(frozen=True, slots=True, eq=False)
class ListKey(Generic[T]):
    """A key with a list of values of one kind; without a default it may be missing."""

    name: str
    kind: Kind[T]
    default: Sequence[T] | None
    description: str
    least: int = 0
