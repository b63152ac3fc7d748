"""The table of the families about the day's calls, and their lines; to add one, add an entry here."""

from collections.abc import Callable, Sequence

from exporter.families import Family, Scope
from exporter.metrics.text import labels, lines
from exporter.snapshot import OperationSnapshot, Usage

ReadUsage = Callable[[Usage, float], float | None]
"""Takes a day's usage and the present Unix time; None is "no sample"."""

QUOTA_FAMILIES: tuple[tuple[Family, ReadUsage], ...] = (
    (
        Family(
            "wolkvox_quota_limit_requests",
            "Calls that wolkvox allows the operation a day: licences x 1000, those configured or else those "
            "of services; else what token_info says.",
            Scope.OPERATION,
        ),
        lambda usage, _wall: usage.limit,
    ),
    (
        Family(
            "wolkvox_quota_budget_requests",
            "Calls that the exporter lets the operation come to a day; what is above is left to others.",
            Scope.OPERATION,
        ),
        lambda usage, _wall: usage.budget,
    ),
    (
        Family(
            "wolkvox_quota_used_requests",
            "Calls of the operation's present day: the exporter's own, and those of others as far as "
            "token_info has told them.",
            Scope.OPERATION,
        ),
        Usage.used_at,
    ),
)
"""Every family whose samples are about the quota of an operation, and how it is read."""


def quota_lines(snapshot: OperationSnapshot, wall: float) -> Sequence[bytes]:
    """Return the lines of each family at a Unix time, in the order of QUOTA_FAMILIES."""
    prefix, usage = labels(("operation",), (snapshot.operation,)), snapshot.quota
    return [
        lines(family, [(prefix, None if usage is None else read(usage, wall))])
        for family, read in QUOTA_FAMILIES
    ]
