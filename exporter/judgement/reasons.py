"""Why a campaign makes no calls, or is stopped in its hours, as far as the polled APIs tell."""

from collections.abc import Mapping
from enum import StrEnum


class Reason(StrEnum):
    """A reason, in the order in which they are tried."""

    LIST_USED_UP = "list_used_up"
    SPEED_ZERO = "speed_zero"
    CARRIER = "carrier"
    NOT_KNOWN = "not_known"

    @property
    def words(self) -> Mapping[str, str]:
        """What it is called, by language."""
        return _WORDS[self]


_WORDS: Mapping[Reason, Mapping[str, str]] = {
    Reason.LIST_USED_UP: {"en": "no records left to call", "es": "no quedan registros por llamar"},
    Reason.SPEED_ZERO: {"en": "its speed is 0", "es": "su velocidad es 0"},
    Reason.CARRIER: {
        "en": "most dials end in busy, congestion or failed",
        "es": "la mayoría de las marcaciones terminan en ocupado, congestión o falla",
    },
    Reason.NOT_KNOWN: {"en": "not known", "es": "no se sabe"},
}
