"""The time that a report is about, as the vendor's pages want it: YYYYmmddHHiiss, both ends inclusive."""

from collections.abc import Mapping
from datetime import datetime

_STAMP = "%Y%m%d%H%M%S"


def report_range(start: datetime, end: datetime) -> Mapping[str, str]:
    """Return the parameters of a range: the wall clock that `start` and `end` show."""
    return {"date_ini": start.strftime(_STAMP), "date_end": end.strftime(_STAMP)}
