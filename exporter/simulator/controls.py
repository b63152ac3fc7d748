"""The hand on a campaign: what a supervisor would do in the vendor's screens."""

from collections.abc import Iterator
from contextlib import contextmanager

from exporter.simulator.dialler import Campaign, Figures
from exporter.simulator.world import Clock, Operation

ACTIONS = ("start", "stop", "auto", "recycle", "rename", "remove", "restore")


class CampaignControl:
    """A handle on one campaign. Raises KeyError when the operation has none such."""

    def __init__(self, operation: Operation, campaign_id: str, clock: Clock) -> None:
        self._operation = operation
        self._clock = clock
        self.campaign_id = campaign_id
        with self._held():
            pass

    @property
    def figures(self) -> Figures:
        """The figures of now, also of a campaign that is not listed."""
        with self._held() as campaign:
            return campaign.figures()

    def start(self) -> None:
        """Switch it on, whatever the shift says, until told otherwise."""
        with self._held() as campaign:
            campaign.switch = True

    def stop(self) -> None:
        """Switch it off until told otherwise."""
        with self._held() as campaign:
            campaign.switch = False

    def auto(self) -> None:
        """Let it follow the shift again."""
        with self._held() as campaign:
            campaign.switch = None

    def recycle(self) -> None:
        """Make the whole list clean again."""
        with self._held() as campaign:
            campaign.recycle()

    def rename(self, name: str) -> None:
        """Give it another name; the id stays."""
        with self._held() as campaign:
            campaign.name = name

    def remove(self) -> None:
        """Take it off the vendor's lists and reports."""
        with self._held() as campaign:
            campaign.removed = True

    def restore(self) -> None:
        """Put it back on the lists."""
        with self._held() as campaign:
            campaign.removed = False

    def act(self, action: str, name: str | None = None) -> None:
        """Do one of ACTIONS by its name; "rename" needs a name. Raises ValueError for others."""
        if action == "rename":
            if not name:
                raise ValueError("rename needs a name")
            self.rename(name)
        elif action in ACTIONS:
            getattr(self, action)()
        else:
            raise ValueError(f"unknown action {action!r}; there are {', '.join(ACTIONS)}")

    @contextmanager
    def _held(self) -> Iterator[Campaign]:
        with self._operation.at(self._clock()) as campaigns:
            yield campaigns[self.campaign_id]
