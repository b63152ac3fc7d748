"""Reads `token_info`: how many calls the operation may make today and how many it made."""

from collections import Counter
from collections.abc import Iterable, Mapping

from exporter import parsing
from exporter.clock import Moment
from exporter.parsing import Absent
from exporter.snapshot.model import Tally, TokenUse
from exporter.snapshot.reading import Unreadable

LIMIT_FIELD = "token_limit"
USED_FIELD = "all_token_today"
TOKEN_INFO_FIELDS = (LIMIT_FIELD, USED_FIELD)


class TokenUseReader:
    """Reads rows of `token_info`, one a token; never raises.

    Limit and use are those of the whole operation and so the same in every row; where they differ, the
    greater use and the lesser limit are believed, so that no call too many is made.
    """

    def __init__(self) -> None:
        self._limit: float | None = None
        self._used: float | None = None
        self._unreadable: Counter[str] = Counter()
        self._discarded: Counter[str] = Counter()

    def add(self, rows: Iterable[object]) -> None:
        """Read a batch of rows as JSON gave them."""
        for row in rows:
            if not isinstance(row, Mapping) or not any(name in row for name in TOKEN_INFO_FIELDS):
                self._discarded["shape"] += 1
                continue
            limit, used = self._count(row, LIMIT_FIELD), self._count(row, USED_FIELD)
            if limit is not None:
                self._limit = limit if self._limit is None else min(limit, self._limit)
            if used is not None:
                self._used = used if self._used is None else max(used, self._used)

    def _count(self, row: Mapping[str, object], name: str) -> float | None:
        value = parsing.count(row.get(name))
        if value is Absent.UNREADABLE:
            self._unreadable[name] += 1
        return None if isinstance(value, Absent) else value

    def token_use(self, at: Moment) -> TokenUse:
        """Return what the rows say, as of `at`."""
        return TokenUse(at, self._limit, self._used)

    @property
    def unreadable(self) -> tuple[Unreadable, ...]:
        """The unreadable fields so far."""
        return tuple(Unreadable(name, count, "") for name, count in self._unreadable.items())

    @property
    def discarded(self) -> Tally:
        """The rows that were not of the expected shape."""
        return dict(self._discarded)
