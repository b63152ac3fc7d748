"""Why a campaign does not dial, as far as the polled APIs and its schedule tell."""

from collections.abc import Mapping
from enum import StrEnum

from exporter.evidence import PAGE, Evidence, Statement

STATEMENTS = (
    Statement(
        "A campaign whose speed is 0 % makes no calls.",
        Evidence.ASSUMED,
        f"{PAGE} of campaigns only says that it is the speed",
    ),
)


class Reason(StrEnum):
    """A reason, in the order in which they are tried.

    The last of them is none that `wolkvox_campaign_reason` has: a campaign that is not expected to dial lacks
    nothing.
    """

    FORBIDDEN_HOURS = "forbidden_hours"
    LIST_USED_UP = "list_used_up"
    NO_AGENTS = "no_agents"
    SPEED_ZERO = "speed_zero"
    STOPPED_BY_HAND = "stopped_by_hand"
    CARRIER = "carrier"
    NOT_KNOWN = "not_known"
    NOT_EXPECTED = "not_expected"

    @property
    def words(self) -> Mapping[str, str]:
        """What it is called, by language."""
        return _WORDS[self]


_WORDS: Mapping[Reason, Mapping[str, str]] = {
    Reason.FORBIDDEN_HOURS: {
        "en": "its schedule does not permit calls now",
        "es": "su horario no permite llamar ahora",
    },
    Reason.LIST_USED_UP: {"en": "no records left to call", "es": "no quedan registros por llamar"},
    Reason.NO_AGENTS: {
        "en": "no agent is ready or talking",
        "es": "ningún agente está listo ni en llamada",
    },
    Reason.SPEED_ZERO: {"en": "its speed is 0", "es": "su velocidad es 0"},
    Reason.STOPPED_BY_HAND: {"en": "stopped by hand", "es": "la detuvieron a mano"},
    Reason.CARRIER: {
        "en": "most dials end in busy, congestion or failed",
        "es": "la mayoría de las marcaciones terminan en ocupado, congestión o falla",
    },
    Reason.NOT_KNOWN: {"en": "not known", "es": "no se sabe"},
    Reason.NOT_EXPECTED: {
        "en": "its schedule does not expect it now",
        "es": "su horario no la espera ahora",
    },
}
