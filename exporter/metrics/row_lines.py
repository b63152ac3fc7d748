"""The lines of what APIs say of other things than campaigns: of the operation itself, of its skills."""

import math
from collections.abc import Mapping, Sequence

from exporter.apis import APIS, PLACE
from exporter.clock import Moment
from exporter.families import SCOPE_LABELS, Family, Scope
from exporter.metrics.text import labels, samples
from exporter.snapshot import Listing, OperationSnapshot

ROW_FAMILIES: tuple[Family, ...] = tuple(
    family for api in APIS for family in api.families if family.scope is not Scope.CAMPAIGN
)
"""Every family with a sample for each row of an API's last good answer."""


def row_lines(
    snapshot: OperationSnapshot, max_age: Mapping[str, float], now: Moment
) -> tuple[Sequence[bytes], float]:
    """Return the lines of each family at `now`, in the order of ROW_FAMILIES, and until when they are right.

    `max_age` is in seconds by API; the time is monotonic, infinity where nothing comes of age.
    """
    texts, until = [], math.inf
    for family in ROW_FAMILIES:
        api = family.columns[0].api
        listing = snapshot.listing(api)
        if listing is None or not listing.fresh(now, max_age[api]):
            texts.append(b"")
            continue
        until = min(until, listing.at.monotonic + max_age[api])
        texts.append(_lines(family, snapshot.operation, listing))
    return texts, until


def _lines(family: Family, operation: str, listing: Listing) -> bytes:
    names = SCOPE_LABELS[family.scope]
    # An answer about the operation as a whole may have the labels of a campaign, which are empty.
    more = len(names) - 1
    return "".join(
        line
        for row in listing.rows
        for column in family.columns
        if (value := row.values[PLACE[column]]) is not None
        for line in samples(family, labels(names, (operation, *row.labels[:more])), value, column.labels)
    ).encode()
