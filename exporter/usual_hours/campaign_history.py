"""What was seen of an operation's campaigns, in slots of five minutes: a byte for each slot and campaign."""

from collections.abc import Iterable
from dataclasses import dataclass, field

SLOT_SECONDS = 300
"""A sample at a time tells of the slot that ends then: what begins at 08:00 is first seen at 08:05."""

LISTED_MASK, STARTED_MASK, DIALLING_MASK = 1, 2, 4
"""Flags of one slot: wolkvox lists the campaign, it is started, it makes calls."""  # fmt: skip

Samples = Iterable[tuple[float, str]]
"""Unix times, and values as Prometheus writes them."""


@dataclass(slots=True)
class SeenCampaign:
    """One campaign, which its id tells apart, or its name where it has no id; `name` is the latest.

    `slots` holds the flags. `preview` is whether agents dial in it.
    """

    campaign_id: str
    name: str
    slots: bytearray = field(repr=False)
    preview: bool = False
    named_at: float = float("-inf")


class FloorHistory:
    """The campaigns of one operation from `first` (Unix time) on, for so many slots.

    `observed` has a 1 for each slot in which anything is known of the operation. What lies outside of the
    time is ignored. Series of replicas, of several exporters or of former names go into the same campaign.
    """

    def __init__(self, first: float, slots: int) -> None:
        self.first = first
        self.observed = bytearray(slots)
        self._campaigns: dict[str, SeenCampaign] = {}

    @property
    def campaigns(self) -> tuple[SeenCampaign, ...]:
        """All campaigns that were seen."""
        return tuple(self._campaigns.values())

    def add_running(self, campaign_id: str, name: str, samples: Samples) -> None:
        """Take samples of whether a campaign is started."""
        campaign = self._campaign(campaign_id, name)
        slots, observed, first, count = campaign.slots, self.observed, self.first, len(self.observed)
        at = campaign.named_at
        for at, value in samples:
            index = int((at - first) // SLOT_SECONDS) - 1
            if 0 <= index < count:
                observed[index] = 1
                slots[index] |= LISTED_MASK if value == "0" else LISTED_MASK | STARTED_MASK
        if at >= campaign.named_at:
            campaign.name, campaign.named_at = name, at

    def add_calls(self, campaign_id: str, name: str, samples: Samples) -> None:
        """Take samples of times at which a campaign makes calls, those above 0 alone."""
        slots, first = self._campaign(campaign_id, name).slots, self.first
        for at, _ in samples:
            index = int((at - first) // SLOT_SECONDS) - 1
            if 0 <= index < len(slots):
                slots[index] |= DIALLING_MASK

    def add_failures(self, samples: Samples) -> None:
        """Take samples of times at which polls fail: the figures of then are old ones."""
        for at, _ in samples:
            index = int((at - self.first) // SLOT_SECONDS) - 1
            if 0 <= index < len(self.observed):
                self.observed[index] = 0

    def add_preview(self, campaign_id: str, name: str) -> None:
        """Note that agents dial in a campaign."""
        self._campaign(campaign_id, name).preview = True

    def _campaign(self, campaign_id: str, name: str) -> SeenCampaign:
        key = f"id {campaign_id}" if campaign_id else f"name {name}"
        found = self._campaigns.get(key)
        if found is None:
            found = SeenCampaign(campaign_id, name, bytearray(len(self.observed)))
            self._campaigns[key] = found
        return found
