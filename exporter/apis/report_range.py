"""The time that a report is about, as the vendor's pages want it: YYYYmmddHHiiss, both ends inclusive."""

from collections.abc import Mapping
from datetime import datetime

from exporter.evidence import PAGES, Evidence, Statement

STATEMENTS = (
    Statement(
        "A report is asked for by date_ini and date_end, written YYYYmmddHHiiss, of 31 days at most.",
        Evidence.DOCUMENTED,
        PAGES,
    ),
    Statement(
        "Both ends of that time are part of it, and both are times on the operation's clock.",
        Evidence.ASSUMED,
        f"{PAGES} say neither",
    ),
)

_STAMP = "%Y%m%d%H%M%S"


def report_range(start: datetime, end: datetime) -> Mapping[str, str]:
    """Return the parameters of a range: the wall clock that `start` and `end` show."""
    return {"date_ini": start.strftime(_STAMP), "date_end": end.strftime(_STAMP)}
