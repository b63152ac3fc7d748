"""Which part of the exposition a scrape asks for."""

from dataclasses import dataclass

_COUNTER_END = "_total"


@dataclass(frozen=True, slots=True)
class Selection:
    """One operation without the process' own metrics (None: everything), and names of families (None: all).

    A counter may be named with or without its `_total`, because the two formats name it differently.
    """

    operation: str | None = None
    names: frozenset[str] | None = None

    def wants(self, family: str) -> bool:
        """Return whether a family, by its name with `_total`, is asked for."""
        names = self.names
        return names is None or family in names or family.removesuffix(_COUNTER_END) in names


EVERYTHING = Selection()
