"""Why a campaign does not dial, as far as the polled APIs and its schedule tell."""

from exporter.evidence import PAGE, Evidence, Statement
from exporter.glossary import GlossaryEnum

STATEMENTS = (
    Statement(
        "A campaign whose speed is 0 % makes no calls.",
        Evidence.ASSUMED,
        f"{PAGE} of campaigns only says that it is the speed",
    ),
)


class Reason(GlossaryEnum, kind="reason"):
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
