"""Which campaign an API asks for next that is asked by campaign. Pure: times are monotonic seconds."""

from collections.abc import Mapping, Sequence

_NEVER_SECONDS = float("-inf")


class CampaignRotation:
    """Goes through the campaigns: each is asked for once an interval, the calls spread evenly over it."""

    def __init__(self, interval: float) -> None:
        self._interval = interval
        self._asked: dict[str, float] = {}

    def next(self, campaigns: Sequence[str], now: float) -> str | None:
        """Return the campaign id to ask for now, None when every one was asked for within the interval.

        The campaign that has waited longest comes first, one that was never asked for before all others, so
        that none is left out where the calls take longer than the interval allows.
        """
        longest = min(campaigns, key=self._last, default=None)
        return longest if longest is not None and now >= self._last(longest) + self._interval else None

    def note_asked(self, campaign: str, at: float) -> None:
        """Note that a campaign was asked for at `at`; what is older than two intervals is forgotten."""
        self._asked[campaign] = max(at, self._last(campaign))
        latest = max(self._asked.values())
        self._asked = {key: last for key, last in self._asked.items() if latest < last + 2 * self._interval}

    def last_asked(self) -> Mapping[str, float]:
        """Return when each campaign was last asked for."""
        return dict(self._asked)

    def next_due(self, campaigns: Sequence[str], now: float, recheck: float) -> float:
        """Return when to ask for the next campaign, or to look whether there is one.

        The interval is divided among the campaigns; when all were asked for, the next is due when the first
        of them is due again, but at the latest after `recheck` seconds, for there may be new ones.
        """
        if not campaigns:
            return now + recheck
        gap = self._interval / len(campaigns)
        if self.next(campaigns, now + gap) is not None:
            return now + gap
        return max(now + gap, min(self._last(min(campaigns, key=self._last)) + self._interval, now + recheck))

    def _last(self, campaign: str) -> float:
        return self._asked.get(campaign, _NEVER_SECONDS)
