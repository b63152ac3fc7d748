"""PromQL from few parts, so that every expression selects, joins and divides in the same way.

Everything is built on the exporter's own families: no recording rule has to be installed. `each` takes the
copies of a figure together that several scrapes of one exporter, or several replicas of it, have brought.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from exporter.metrics.table import FAMILIES

TARGET = ("job", "instance")
"""What Prometheus adds to every sample of a scrape."""

_LABELS: Mapping[str, tuple[str, ...]] = {family.name: family.label_names for family in FAMILIES}

CAMPAIGN = ("operation", "campaign_id", "campaign", "skill_id")
"""What identifies the samples of one campaign in every family of it."""

_CHANGING = ("campaign", "skill_id")
"""Those that wolkvox may change while the campaign stays the same."""

WINDOW = "30m"
"""Long enough for several polls of 5 minutes: a shorter one shows zeros and spikes."""

_WINDOWS_AN_HOUR = 2

WEEK = "7d"


@dataclass(frozen=True, slots=True)
class Scope:
    """What the variables of a dashboard select: pairs of a label and the variable that holds its values."""

    variables: tuple[tuple[str, str], ...]

    def select(self, family: str, *more: str) -> str:
        """Return a selector of a family by those of the variables whose label it has.

        `more` are matchers, such as `outcome="answer"`.
        """
        known = (*TARGET, *_LABELS.get(family, ()))
        matchers = [f'{label}=~"${variable}"' for label, variable in self.variables if label in known]
        return f"{family}{{{', '.join([*matchers, *more])}}}"

    def each(self, family: str, *more: str, by: tuple[str, ...] = CAMPAIGN, offset: str = "") -> str:
        """Return the present figures, one a campaign (or whatever `by` says)."""
        return f"max by ({', '.join(by)}) ({self.select(family, *more)}{_offset(offset)})"

    def risen(
        self,
        family: str,
        *more: str,
        window: str = WINDOW,
        by: tuple[str, ...] = CAMPAIGN,
        offset: str = "",
        whole: bool = False,
    ) -> str:
        """Return by how much figures have grown since they were lowest in a window.

        These are gauges that a reload of the list sets back: then it is the growth since the reload, where
        `delta` would be negative and `increase` would take a correction by one for a whole list. A campaign
        that gets another name or skill has new series, and is followed by its id. `whole` leaves out
        campaigns without figures at the beginning of the window, whose growth in it is not known.
        """
        chosen = self.select(family, *more)
        same = ", ".join(label for label in by if label not in _CHANGING)
        lowest = f"min by ({same}) (min_over_time({chosen}[{window}]{_offset(offset)}))"
        growth = f"{self.each(family, *more, by=by, offset=offset)} - on ({same}) group_left () {lowest}"
        if not whole:
            return growth
        return f"{growth} and on ({same}) {chosen}{_offset(offset + window)}"

    def dialled(self, *, window: str = WINDOW, offset: str = "", whole: bool = False) -> str:
        """Return the records dialled in a window, by campaign."""
        return self.risen("wolkvox_campaign_dialed_records", window=window, offset=offset, whole=whole)

    def results(self, outcome: str, *, window: str = WINDOW, offset: str = "", whole: bool = False) -> str:
        """Return the records that got a result in a window, by campaign."""
        return self.risen(
            "wolkvox_campaign_outcome_records",
            f'outcome="{outcome}"',
            window=window,
            offset=offset,
            whole=whole,
        )

    def share(self, outcome: str, *, by: tuple[str, ...] = (), window: str = WINDOW, offset: str = "") -> str:
        """Return the share of the dialled records that got a result; no sample where nothing was dialled."""
        return ratio(
            total(self.results(outcome, window=window, offset=offset), by),
            total(self.dialled(window=window, offset=offset), by),
        )

    def burnt(self) -> str:
        """Return how many records leave each list an hour, at the pace of the window, where any do.

        A list that has grown in the window has no pace yet.
        """
        left = f"delta({self.select('wolkvox_campaign_clean_records')}[{WINDOW}]) < 0"
        return f"-{_WINDOWS_AN_HOUR} * max by ({', '.join(CAMPAIGN)}) ({left})"

    def hours_left(self) -> str:
        """Return for how many hours the clean records of each campaign last at the present pace."""
        return f"{self.each('wolkvox_campaign_clean_records')} / ({self.burnt()})"

    def hours_left_together(self, *by: str) -> str:
        """Return the same for several lists together; a list that nobody dials does not lengthen it."""
        clean = f"{self.each('wolkvox_campaign_clean_records')} and ({self.burnt()})"
        return f"{total(clean, by)} / {total(self.burnt(), by)}"

    def state(self) -> str:
        """Return the state of each campaign: one of the values of `look.STATES`."""
        running = self.each("wolkvox_campaign_running")
        expected = self.each("wolkvox_campaign_expected")
        permitted = self.each("wolkvox_campaign_permitted")
        return (
            f"(({running} == 1) and ({permitted} == 0)) + 2"
            f" or (({running} == 0) and ({expected} == 1)) + 2"
            f" or {running}"
        )

    def troubled(self) -> str:
        """Return the campaigns that were in an urgent state at any time of the range shown."""
        return f"max_over_time(({self.state()})[$__range:5m] @ end()) >= 2"

    def in_state(self, state: int) -> str:
        """Return how many campaigns are in a state that a schedule decides; no sample without a schedule."""
        wanted, family, answer = {
            2: ("0", "wolkvox_campaign_expected", "1"),
            3: ("1", "wolkvox_campaign_permitted", "0"),
        }[state]
        running, schedule = self.each("wolkvox_campaign_running"), self.each(family)
        return f"count(({running} == {wanted}) and ({schedule} == {answer})) or count({running} and {schedule}) * 0"

    def age(self, *more: str, by: tuple[str, ...] = ("operation", "api")) -> str:
        """Return the seconds since the figures came from wolkvox."""
        return f"time() - {self.each('wolkvox_last_success_timestamp_seconds', *more, by=by)}"


def total(expression: str, by: tuple[str, ...] = ()) -> str:
    """Return the sum, by some labels or over all."""
    return f"sum by ({', '.join(by)}) ({expression})" if by else f"sum({expression})"


def ratio(part: str, whole: str) -> str:
    """Return part / whole where the whole is not 0."""
    return f"{part} / ({whole} > 0)"


def _offset(offset: str) -> str:
    return f" offset {offset}" if offset else ""
