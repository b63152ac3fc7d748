"""The states of a campaign, with what people see of them: one table for metrics, page, dashboards, docs."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class CampaignState(StrEnum):
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
    def words(self) -> Mapping[str, str]:
        """What it is called, by language."""
        return _LOOKS[self].words

    @property
    def color(self) -> str:
        """The colour that stands for it, as #RRGGBB; "" for none."""
        return _LOOKS[self].color

    @property
    def needs_attention(self) -> bool:
        """Whether somebody should look at a campaign in this state."""
        return self.rank < CampaignState.UNKNOWN.rank

    @property
    def started(self) -> bool | None:
        """Whether a campaign in this state is started; None where the state does not say."""
        return _LOOKS[self].started


@dataclass(frozen=True, slots=True)
class _Look:
    words: Mapping[str, str]
    color: str
    started: bool | None


# Told apart by people with any usual kind of colour blindness; white text on them has 4.5:1 or more.
_BLUE, _GREY, _AMBER, _RED, _MAGENTA = "#13618E", "#5A5A5A", "#B06000", "#9C2810", "#C508D6"

_LOOKS: Mapping[CampaignState, _Look] = {
    CampaignState.OUTSIDE_HOURS: _Look(
        {"en": "Dialling outside hours", "es": "Marcando fuera de horario"}, _MAGENTA, True
    ),
    CampaignState.STOPPED_IN_HOURS: _Look(
        {"en": "Stopped, should be dialling", "es": "Detenida, debería marcar"}, _RED, False
    ),
    CampaignState.NO_CALLS: _Look({"en": "Started, no calls", "es": "Encendida, no marca"}, _AMBER, True),
    CampaignState.LIST_USED_UP: _Look({"en": "List used up", "es": "Base agotada"}, _AMBER, None),
    CampaignState.UNKNOWN: _Look({"en": "Unknown", "es": "Sin dato"}, "", None),
    CampaignState.RUNNING: _Look({"en": "Running", "es": "Encendida"}, _BLUE, True),
    CampaignState.STOPPED: _Look({"en": "Stopped", "es": "Detenida"}, _GREY, False),
    CampaignState.STOPPED_AS_PLANNED: _Look(
        {"en": "Stopped as planned", "es": "Detenida según su horario"}, _GREY, False
    ),
}
"""What each looks like, the most urgent first."""

_RANK = {state: rank for rank, state in enumerate(_LOOKS)}
