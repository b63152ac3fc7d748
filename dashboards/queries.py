"""PromQL from few parts, so that every expression selects, joins and divides in the same way.

Everything but the abandonment over 30 days is built on the exporter's own families: no recording rule has to be
installed. `each` takes the
copies of a figure together that several scrapes of one exporter, or several replicas of it, have brought.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from exporter.judgement import CampaignState
from exporter.metrics.table import FAMILIES

TARGET = ("job", "instance")
"""What Prometheus adds to every sample of a scrape."""

ABANDONMENT_30_DAYS = "campaign:wolkvox_campaign_abandonment:ratio_30d"
"""Of the recording rules, which take the labels of targets away."""

_LABELS: Mapping[str, tuple[str, ...]] = {
    **{family.name: (*TARGET, *family.label_names) for family in FAMILIES},
    ABANDONMENT_30_DAYS: ("operation", "campaign_id", "campaign"),
}

CAMPAIGN = ("operation", "campaign_id", "campaign", "skill_id")
"""What identifies the samples of one campaign in every family of it."""

OPERATION_ALONE = ("operation",)
"""What identifies the samples of one operation in the families about it alone."""

_CHANGING = ("campaign", "skill_id")
"""Those that wolkvox may change while the campaign stays the same."""

NUMBERS: Mapping[CampaignState, int] = {
    state: len(CampaignState) - state.rank for state in sorted(CampaignState, key=lambda state: state.rank)
}
"""What stands for a state where Grafana wants a number: the more urgent, the higher; most urgent first."""

URGENT = tuple(state for state in NUMBERS if state.rank < CampaignState.UNKNOWN.rank)
"""The states that need somebody, most urgent first."""

WINDOW = "30m"
"""Long enough for several polls of 5 minutes: a shorter one shows zeros and spikes."""

_WINDOWS_AN_HOUR = 2

POLLING_NUMBERS = 10
"""What is added to the numbers of `look.POLLING` where they stand beside those of states."""

OF_CAMPAIGNS = 'api="campaigns"'
"""Chooses the API that has the live figures of campaigns."""

WEEK = "7d"


@dataclass(frozen=True, slots=True)
class Scope:
    """What the variables of a dashboard select: pairs of a label and the variable that holds its values."""

    variables: tuple[tuple[str, str], ...]

    def select(self, family: str, *more: str) -> str:
        """Return a selector of a family by those of the variables whose label it has.

        `more` are matchers, such as `outcome="answer"`.
        """
        known = _LABELS.get(family, TARGET)
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

    def hours_to_end(self) -> str:
        """Return for how many hours the clean records of each campaign last at the present pace.

        Of the lists that will end: those of running campaigns, with records left.
        """
        clean = self.each("wolkvox_campaign_clean_records")
        left = f"({clean} > 0) / ({self.burnt()})"
        return f"{left} and {self.in_state(CampaignState.RUNNING)} == 1"

    def hours_left_together(self, *by: str) -> str:
        """Return for how many hours several lists last together; one that nobody dials does not lengthen it."""
        clean = f"{self.each('wolkvox_campaign_clean_records')} and ({self.burnt()})"
        # The window still has what burnt until it got another name, or until its exporter fell silent.
        burnt = f"{self.burnt()} and {self.each('wolkvox_campaign_clean_records')}"
        return f"{total(clean, by)} / {total(burnt, by)}"

    def state(self) -> str:
        """Return the state of each campaign as its number in `NUMBERS`."""
        present = [f"{number} * {self._in_state(state)}" for state, number in NUMBERS.items()]
        return f"max by ({', '.join(CAMPAIGN)}) ({' or '.join(present)})"

    def state_by_urgency(self) -> list[str]:
        """Return the same of the campaigns that needed somebody in the range shown, in parts, most urgent first.

        A campaign is in the part of its most urgent state in the range.
        """
        state = self.state()
        worst = f"max_over_time(({state})[$__range:5m] @ end())"
        return [f"({state}) and {worst} == {NUMBERS[one]}" for one in URGENT]

    def urgent(self) -> str:
        """Return the number of its state of each campaign that needs somebody."""
        present = [f"{NUMBERS[state]} * ({self._in_state(state)} == 1)" for state in URGENT]
        return f"max by ({', '.join(CAMPAIGN)}) ({' or '.join(present)})"

    def blind(self) -> str:
        """Return why campaigns are not seen: numbers of `look.POLLING` and `look.WAITING` from `POLLING_NUMBERS` on.

        One figure for each operation whose campaigns are not answered for, or one for silent exporters whose
        operations are not known, or seen by others; the label `campaign` is a dash, so that no row of a table takes it
        for one of its campaign.
        """
        scrapes = self.select("up")
        silent = (
            f"absent({scrapes} == 1) * {POLLING_NUMBERS + 4} or (min({scrapes}) == 0) + {POLLING_NUMBERS + 5}"
        )
        return _no_campaign(
            f"{self._lost(POLLING_NUMBERS + 4)}"
            f' or on () label_replace({silent}, "operation", "-", "", "")'
            f" or {self._trust(OF_CAMPAIGNS, base=POLLING_NUMBERS)}"
        )

    def seen(self) -> str:
        """Return when the campaigns of each operation were last answered for, as Grafana has times; see `blind`."""
        answered = self.select("wolkvox_last_success_timestamp_seconds", OF_CAMPAIGNS)
        return _no_campaign(f"max by (operation) (last_over_time({answered}[$__range])) * 1000")

    def monitoring(self) -> str:
        """Return how far the figures of each operation can be trusted: one of `look.POLLING` or `look.WAITING`.

        Operations are known for as long as the range shown goes back.
        """
        polls = self.each("wolkvox_up", by=("operation", "api"))
        return f"{self._lost(4)} or {self._trust()} or count by (operation) ({polls} == 1) * 0 + 1"

    def _lost(self, number: int) -> str:
        """Return a number for each operation that no exporter serves, of those known in the range shown.

        One that was taken out of the configuration of an exporter that answers is none of them.
        """
        served = self.select("wolkvox_poll_interval_seconds")
        return (
            f"count by (operation) (last_over_time({served}[$__range]) unless on (operation) {served}"
            f" unless on (job, instance) {self.select('up')} == 1) * 0 + {number}"
        )

    def _trust(self, *polled: str, base: int = 0) -> str:
        """Return what is wrong with the figures of each operation, if anything; `polled` chooses the polls looked at."""
        polls = self.each("wolkvox_up", *polled, by=("operation", "api"))
        return (
            f"count by (operation) ({self.old()}) * 0 + {base + 3}"
            f" or count by (operation) ({polls} == 0) * 0 + {base + 2}"
            f" or count by (operation) ({self.waiting()}) * 0 + {base + 6}"
        )

    def old(self) -> str:
        """Return the age of the figures of campaigns, of the operations where it is over three poll intervals."""
        interval = self.each("wolkvox_poll_interval_seconds", OF_CAMPAIGNS, by=("operation", "api"))
        return f"{self.age(OF_CAMPAIGNS)} > 3 * {interval}"

    def waiting(self) -> str:
        """Return the operations whose campaigns are to be asked for and were never answered for."""
        interval, answered = (
            self.each(family, OF_CAMPAIGNS, by=("operation", "api"))
            for family in ("wolkvox_poll_interval_seconds", "wolkvox_last_success_timestamp_seconds")
        )
        return f"{interval} unless {answered}"

    def dialling(self) -> str:
        """Return 1 for each campaign that makes calls, and 0 for each that makes none."""
        return f"{self.each('wolkvox_campaign_calls_per_minute')} > bool 0"

    def in_state(self, state: CampaignState) -> str:
        """Return 1 for each campaign that is in a state, and 0 for the others."""
        return f"max by ({', '.join(CAMPAIGN)}) ({self._in_state(state)})"

    def _in_state(self, state: CampaignState) -> str:
        return self.select("wolkvox_campaign_state", f'state="{state}"')

    def since(self) -> str:
        """Return since when each campaign is in its state, as Grafana has times: in milliseconds."""
        return f"{self.each('wolkvox_campaign_state_since_timestamp_seconds')} * 1000"

    def reason(self) -> str:
        """Return why, with the label `reason`, of the campaigns of which the exporter says it."""
        return self.each("wolkvox_campaign_reason", by=(*CAMPAIGN, "reason"))

    def stopped_by_hand(self) -> str:
        """Return when somebody stopped each campaign that was stopped by hand, as Grafana has times."""
        return f"{self.each('wolkvox_campaign_stopped_by_hand_timestamp_seconds')} * 1000"

    def attempts(self, result: str, by: tuple[str, ...] = CAMPAIGN) -> str:
        """Return the attempts with a result since local midnight, of each campaign or, with `OPERATION_ALONE`, of each."""
        family = "wolkvox_operation_attempts" if by == OPERATION_ALONE else "wolkvox_campaign_attempts"
        return self.each(family, f'result="{result}"', by=by)

    def live_answers(self, by: tuple[str, ...] = CAMPAIGN) -> str:
        """Return how many attempts a person answered since local midnight, abandoned or not, if both are known."""
        return f"{self.attempts('abandon', by)} + {self.attempts('answer', by)}"

    def abandonment(self, by: tuple[str, ...] = CAMPAIGN) -> str:
        """Return the share of the live answers since local midnight that were abandoned."""
        return ratio(self.attempts("abandon", by), f"({self.live_answers(by)})")

    def abandonment_together(self, by: tuple[str, ...] = CAMPAIGN) -> str:
        """Return the same of all campaigns or operations together."""
        abandoned = f"{self.attempts('abandon', by)} and {self.attempts('answer', by)}"
        return ratio(total(abandoned), total(self.live_answers(by)))

    def limit_beside(self, abandonment: str) -> str:
        """Return the limit of the operation of each figure of abandonment, with the figure's labels.

        Only where there is a figure: a limit alone would hide that there is none.
        """
        return f"0 * ({abandonment}) + on (operation) group_left () {self._abandonment_limit()}"

    def _abandonment_limit(self) -> str:
        return self.each("wolkvox_abandonment_limit_ratio", by=OPERATION_ALONE)

    def abandonment_of_30_days(self) -> str:
        """Return the share of the live answers of 30 days that each campaign abandoned; the rules record it."""
        return self.each(ABANDONMENT_30_DAYS, by=("operation", "campaign_id"))

    def abandonment_of_limit(self) -> str:
        """Return the abandonment of each campaign as a share of its limit."""
        return f"({self.abandonment()}) / on (operation) group_left () ({self._abandonment_limit()} > 0)"

    def agents(self, *more: str) -> str:
        """Return how many agents are in the statuses that matchers choose."""
        return total(self.each("wolkvox_agents", *more, by=("operation", "status")))

    def alerts(self, *more: str) -> str:
        """Return a selector of the firing alerts for people: about what is chosen, and about the whole.

        An alert about a silent exporter names no operation, one about an operation no campaign.
        """
        return self._alerts("ALERTS", 'alertstate="firing"', *more)

    def alerts_since(self) -> str:
        """Return since when, in Unix seconds, what they are about is so."""
        firing = self.alerts()
        return f"{self._alerts('ALERTS_FOR_STATE')} and ignoring (alertstate) {firing}"

    def _alerts(self, family: str, *more: str) -> str:
        about = [
            f'{label}=~"${variable}|"'
            for label, variable in self.variables
            if label in {"operation", "campaign_id"}
        ]
        ours = ('alertname=~"Wolkvox.*"', 'severity!="none"')
        return f"{family}{{{', '.join([*ours, *about, *more])}}}"

    def age(self, *more: str, by: tuple[str, ...] = ("operation", "api")) -> str:
        """Return the seconds since the figures came from wolkvox."""
        return f"time() - {self.each('wolkvox_last_success_timestamp_seconds', *more, by=by)}"


def total(expression: str, by: tuple[str, ...] = ()) -> str:
    """Return the sum, by some labels or over all."""
    return f"sum by ({', '.join(by)}) ({expression})" if by else f"sum({expression})"


def ratio(part: str, whole: str) -> str:
    """Return part / whole where the whole is not 0."""
    return f"{part} / ({whole} > 0)"


def _no_campaign(expression: str) -> str:
    return f'label_replace({expression}, "campaign", "-", "", "")'


def _offset(offset: str) -> str:
    return f" offset {offset}" if offset else ""
