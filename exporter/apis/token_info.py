"""How many calls the operation may make today and how many it made (vendor's page "token_info")."""

from collections.abc import Mapping, Sequence
from functools import partial

from exporter import parsing
from exporter.apis.model import Api, PollContext
from exporter.apis.rows import CountingReader
from exporter.evidence import COLLECTION, Content, Evidence, Statement, VendorField, fields_alike
from exporter.families import Column, column
from exporter.parsing import Absent
from exporter.snapshot.model import Listing, Row, TokenUse

NAME = "token_info"

_column = partial(column, NAME)

STATEMENTS = (
    Statement(
        "token_limit and all_token_today are those of the whole operation, and token_use_today is that of "
        "one token.",
        Evidence.DOCUMENTED,
        COLLECTION,
    ),
    Statement("A limit of 0 is none.", Evidence.ASSUMED, "a token with which nobody may call makes no sense"),
)

LIMIT = _column("token_limit", parsing.count, example=("25000", 25_000.0))
USED = _column("all_token_today", parsing.count, example=("100", 100.0))


class TokenInfoReader(CountingReader):
    """Reads rows of `token_info`, one a token; never raises.

    Limit and use are those of the whole operation and so the same in every row; where they differ, the
    greater use and the lesser limit are believed, so that no call too many is made.
    """

    def __init__(self, context: PollContext) -> None:
        super().__init__()
        self._zone = context.zone
        self._limit: float | None = None
        self._used: float | None = None

    def add(self, rows: Sequence[object]) -> None:
        """Read a batch of rows as JSON gave them."""
        for row in rows:
            if not isinstance(row, Mapping) or not any(name in row for name in API.fields):
                self._discarded["shape"] += 1
                continue
            limit, used = self._count(row, LIMIT), self._count(row, USED)
            if limit:  # 0 is "not known": nobody has a token to make no call with
                self._limit = limit if self._limit is None else min(limit, self._limit)
            if used is not None:
                self._used = used if self._used is None else max(used, self._used)

    def _count(self, row: Mapping[str, object], read: Column) -> float | None:
        value = read.read(row, self._zone)
        if value is Absent.UNREADABLE:
            self._count_unreadable(read.field)
        return value if isinstance(value, float) else None

    def rows(self) -> tuple[Row, ...]:
        """Return one row, about the operation: limit and use."""
        return (Row((), (self._limit, self._used)),)


def token_use(listing: Listing | None) -> TokenUse | None:
    """Return what an answer says of the day's calls, None without one."""
    if listing is None:
        return None
    (row,) = listing.rows
    limit, used = row.values
    assert not isinstance(limit, Mapping)  # noqa: S101 - for the type checker: counts are plain figures
    assert not isinstance(used, Mapping)  # noqa: S101 - as above
    return TokenUse(listing.at, limit, used)


API = Api(
    NAME,
    path="information.php",
    vendor_name="token_info",
    title={"en": "Calls used", "es": "Consultas usadas"},
    description="The vendor's own count of the day's calls.",
    enabled=True,
    interval=3600.0,
    always_has_rows=True,
    # The meter goes before what it measures.
    vital=True,
    columns=(LIMIT, USED),
    reader=TokenInfoReader,
    evidence=Evidence.DOCUMENTED,
    source=f"{COLLECTION}; no real answer was seen",
    vendor_fields=(
        VendorField("description", Content.TEXT, Evidence.DOCUMENTED, COLLECTION),
        *fields_alike(
            Content.FIGURE,
            Evidence.DOCUMENTED,
            COLLECTION,
            *("token_limit", "token_use_today", "all_token_today"),
        ),
        # Its name does not tell whether it is a count.
        VendorField("available_consumption_options", Content.TEXT, Evidence.DOCUMENTED, COLLECTION),
    ),
)
