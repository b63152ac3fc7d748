"""The states of a campaign: one table for metrics, page, dashboards, docs."""

from collections.abc import Mapping

from exporter.glossary import GlossaryEnum


class CampaignState(GlossaryEnum, kind="state"):
    """The state of a campaign beside what is expected of it, in the order in which they are tried."""

    UNKNOWN = "unknown"
    OUTSIDE_HOURS = "outside_hours"
    LIST_USED_UP = "list_used_up"
    STOPPED_IN_HOURS = "stopped_in_hours"
    STOPPED_AS_PLANNED = "stopped_as_planned"
    STOPPED = "stopped"
    NO_CALLS = "no_calls"
    RUNNING = "running"

    @property
    def rank(self) -> int:
        """The position in the order of urgency, 0 for the most urgent."""
        return _RANK[self]

    @property
    def color(self) -> str:
        """The colour that stands for it, as #RRGGBB; "" for none."""
        return self.term.color

    @property
    def needs_attention(self) -> bool:
        """Whether somebody should look at a campaign in this state."""
        return self.rank < CampaignState.UNKNOWN.rank

    @property
    def started(self) -> bool | None:
        """Whether a campaign in this state is started; None where the state does not say."""
        return _STARTED.get(self)


_RANKED = (
    CampaignState.OUTSIDE_HOURS,
    CampaignState.STOPPED_IN_HOURS,
    CampaignState.NO_CALLS,
    CampaignState.LIST_USED_UP,
    CampaignState.UNKNOWN,
    CampaignState.RUNNING,
    CampaignState.STOPPED,
    CampaignState.STOPPED_AS_PLANNED,
)
"""The most urgent first."""

_RANK = {state: rank for rank, state in enumerate(_RANKED)}

_STARTED: Mapping[CampaignState, bool] = {
    CampaignState.OUTSIDE_HOURS: True,
    CampaignState.STOPPED_IN_HOURS: False,
    CampaignState.NO_CALLS: True,
    CampaignState.RUNNING: True,
    CampaignState.STOPPED: False,
    CampaignState.STOPPED_AS_PLANNED: False,
}
