"""What a supervisor does to a campaign in the vendor's screens, and what happens to it."""

from exporter.simulator.dialler import Figures
from exporter.simulator.world import Clock, Operation


class CampaignControl:
    """A handle on one campaign. Raises KeyError when the operation has no such campaign."""

    def __init__(self, operation: Operation, campaign_id: str, clock: Clock) -> None:
        self._operation = operation
        self._clock = clock
        self.campaign_id = campaign_id
        _ = self.figures

    @property
    def figures(self) -> Figures:
        """The present figures, also of a campaign that the vendor does not list."""
        with self._operation.at(self._clock()) as campaigns:
            return campaigns[self.campaign_id].figures()

    def act(self, action: str, name: str = "") -> None:
        """Apply one of `actions.ACTIONS`; "rename" needs a name. Raises ValueError."""
        self._operation.act(self.campaign_id, action, self._clock(), name)
