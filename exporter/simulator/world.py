"""The whole simulated vendor: the campaigns of each operation, on a calendar of its own."""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from threading import RLock
from zoneinfo import ZoneInfo

from exporter.simulator.actions import CONDITIONS, OTHER_LICENCES
from exporter.simulator.attempts import Attempts, together
from exporter.simulator.dialler import Campaign, Figures
from exporter.simulator.hours import STEP_SECONDS, Hours, Moment, default_start
from exporter.simulator.profiles import make_profile
from exporter.simulator.settings import SimulatedOperation, SimulatorSettings
from exporter.simulator.telephones import (
    Codes,
    Record,
    customer,
    machine_codes,
    phones,
    record_of,
    record_of_customer,
    telephone,
)
from exporter.simulator.workforce import Workforce

_KEEP_CALLS = 5_000
_MORE_LICENCES = 5

Clock = Callable[[], float]
"""Returns the real time as Unix seconds."""


class Operation:
    """One operation; its campaigns are brought up to date when they are looked at.

    Real time comes in as Unix seconds. The real instant r is the virtual instant start + (r - real start) x
    factor, before the real start too: so "since midnight" in real time covers everything since the simulator
    started. Work done before the start counts as done at the start.

    conditions: those of `actions.CONDITIONS` that hold, and since which step. consumed: when the last calls
    of the API were made, in real time, and their names.
    """

    def __init__(
        self, facts: SimulatedOperation, number: int, settings: SimulatorSettings, real_start: float
    ) -> None:
        self.facts = facts
        self.zone = ZoneInfo(facts.timezone)
        self._number = number
        self._settings = settings
        self._real_start = real_start
        given = settings.start
        self._virtual_start = given.timestamp() if given else default_start(facts.timezone)
        self.hours = Hours(facts.timezone, self._virtual_start)
        self.conditions: dict[str, int] = {}
        self.workforce = Workforce(settings.seed, number, facts.licences)
        self.consumed: deque[tuple[float, str]] = deque(maxlen=_KEEP_CALLS)
        self._step = 0
        self._campaigns: dict[str, Campaign] | None = None
        self._lock = RLock()

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all campaigns, whether the vendor lists them or not."""
        with self.at(self._real_start) as campaigns:
            return tuple(campaigns)

    def step_at(self, real: float) -> int:
        """Return the last step that is over at a real instant, negative before the start."""
        return int((real - self._real_start) * self._settings.time_factor // STEP_SECONDS)

    def real_at(self, step: float) -> datetime:
        """Return the real instant of a step, or of a part of one, in the operation's zone."""
        real = self._real_start + step * STEP_SECONDS / self._settings.time_factor
        # A part of a step is not exact, and must not fall into the second before.
        return datetime.fromtimestamp(round(real, 3), self.zone)

    def last_use(self, step: int | None) -> datetime | None:
        """Return the real instant of the step of a last call, None without one."""
        return None if step is None else self.real_at(step)

    def virtual_at(self, real: float) -> datetime:
        """Return the virtual instant of a real one, in the operation's zone."""
        passed = (real - self._real_start) * self._settings.time_factor
        return datetime.fromtimestamp(self._virtual_start + passed, self.zone)

    def figures(self, real: float) -> list[Figures]:
        """Return the figures of the campaigns that the vendor lists at a real instant, ordered by id."""
        with self.at(real) as campaigns:
            return [campaign.figures() for campaign in campaigns.values() if campaign.listed(self._step)]

    def machine_codes(
        self, ids: list[str] | None, span: tuple[float, float], real: float, most: int
    ) -> list[Codes]:
        """Return the machine codes of each telephone dialled between two real instants, `most` at most.

        ids: of these campaigns, None for all.
        """
        rows: list[Codes] = []
        after, until = self.step_at(span[0]), self.step_at(span[1])
        with self.at(real) as campaigns:
            for campaign_id in campaigns if ids is None else ids:
                campaign = campaigns.get(campaign_id)
                if campaign is None or campaign.removed or len(rows) >= most:
                    continue
                calls = campaign.calls(after, until)
                rows += machine_codes(campaign.profile, calls, campaign.coded, most - len(rows))
        return rows

    def attempts(self, ids: list[str] | None, span: tuple[float, float], real: float) -> Attempts:
        """Return the calls that were made between two real instants, by result.

        ids: of these campaigns, None for all.
        """
        after, until = self.step_at(span[0]), self.step_at(span[1])
        with self.at(real) as campaigns:
            return together(
                campaign.attempts(after, until)
                for one, campaign in campaigns.items()
                if not campaign.removed and (ids is None or one in ids)
            )

    def records(self, ids: list[str] | None, phone: str, customer_id: str, real: float) -> list[Record]:
        """Return the records that have a telephone, or that are of a customer.

        ids: in these campaigns, None for all. phone, customer_id: "" for any.
        """
        found: list[Record] = []
        with self.at(real) as campaigns:
            for campaign in campaigns.values():
                if campaign.removed or (ids is not None and campaign.profile.campaign_id not in ids):
                    continue
                number = (
                    record_of(campaign.profile, phone)
                    if phone
                    else record_of_customer(campaign.profile, customer_id)
                )
                if number is None or (customer_id and customer(campaign.profile, number) != customer_id):
                    continue
                found.append(self._record(campaign, number))
        return found

    def _record(self, campaign: Campaign, number: int) -> Record:
        profile, laps = campaign.profile, campaign.laps(number)
        return Record(
            campaign_id=profile.campaign_id,
            number=number,
            customer_id=customer(profile, number),
            telephones=tuple(telephone(profile, number, slot) for slot in range(phones(profile, number))),
            calls=laps,
            last_dial=self.last_use(campaign.last_dial if laps else None),
            disposition=campaign.dispositions.get(number, ""),
        )

    def code(self, campaign_id: str, kind: str, customer_id: str, disposition: str, real: float) -> bool:
        """Return whether the campaign, of that type, has the customer, whose disposition is set then."""
        with self.at(real) as campaigns:
            campaign = campaigns.get(campaign_id)
            if campaign is None or campaign.removed or campaign.profile.kind != kind:
                return False
            number = record_of_customer(campaign.profile, customer_id)
            if number is None:
                return False
            campaign.code(number, disposition)
            return True

    @contextmanager
    def minute(self, real: float) -> Iterator[tuple[int, Moment, list[Campaign]]]:
        """Yield the present step, what it is, and the campaigns that are not removed, locked."""
        with self.at(real) as campaigns:
            there = [campaign for campaign in campaigns.values() if not campaign.removed]
            yield self._step, self.hours.at(self._step), there

    def act(self, campaign_id: str, action: str, real: float, name: str = "") -> None:
        """Apply one of `actions.ACTIONS` to a campaign at a real instant. Raises KeyError, ValueError."""
        with self.at(real) as campaigns:
            passed = (real - self._real_start) * self._settings.time_factor / STEP_SECONDS
            campaigns[campaign_id].act(action, name, passed)

    def set_condition(self, condition: str, real: float, *, holds: bool) -> None:
        """Set whether one of `actions.CONDITIONS` holds from a real instant on. Raises ValueError."""
        if condition not in CONDITIONS:
            raise ValueError(f"unknown condition {condition!r}; the conditions are {', '.join(CONDITIONS)}")
        with self.at(real):
            if not holds:
                self.conditions.pop(condition, None)
            elif condition not in self.conditions:
                self.conditions[condition] = self._step

    @property
    def licences_told(self) -> int:
        """The licences that `services` tells."""
        return self.facts.licences + (_MORE_LICENCES if OTHER_LICENCES in self.conditions else 0)

    def on_shift(self, real: float) -> bool:
        """Return whether the operation works at a real instant."""
        return self.hours.at(self.step_at(real)).on_shift

    def briskest(self, real: float) -> str | None:
        """Return the id of the campaign that makes most calls, None when none does.

        Of the predictive ones that follow their shift and that nothing is wrong with; one whose list ends
        within the hour is taken only if there is no other.
        """
        with self.at(real) as campaigns:
            fit = {
                one: (clean >= 60 * campaign.profile.pace, campaign.profile.pace)
                for one, campaign in campaigns.items()
                if (clean := campaign.figures().clean)
                and campaign.started(self._step)
                and campaign.profile.kind == "predictive"
                and campaign.listed(self._step)
                and not campaign.profile.flickers
                and campaign.switch is None
                and campaign.trouble is None
            }
        return max(fit, key=lambda one: fit[one], default=None)

    def add_campaign(self, name: str, real: float, *, parked: bool, dead_every: int | None) -> str:
        """Return the id of a new campaign with a long list of which nothing has been dialled.

        parked, dead_every: as in `Profile`; None for the usual share of dead telephones.
        """
        with self.at(real) as campaigns:
            made = make_profile(self._settings, self._number, len(campaigns))
            dead_every = dead_every or made.dead_every
            profile = replace(
                made,
                name=name,
                kind="predictive",
                records=6000,
                pace=20.0,
                worked=0.0,
                when_dry="reload",
                parked=parked,
                blanks=False,
                flickers=False,
                appears_at=0,
                dead_every=dead_every,
                dead_offset=made.dead_offset % dead_every,
            )
            campaigns[profile.campaign_id] = Campaign(profile, self.hours, self.conditions, step=self._step)
            return profile.campaign_id

    @contextmanager
    def at(self, real: float) -> Iterator[dict[str, Campaign]]:
        """Yield all campaigns by their ids, locked and brought up to a real instant; time never goes back."""
        with self._lock:
            if self._campaigns is None:
                profiles = (
                    make_profile(self._settings, self._number, index)
                    for index in range(self._settings.campaigns)
                )
                self._campaigns = {
                    profile.campaign_id: Campaign(profile, self.hours, self.conditions)
                    for profile in profiles
                }
            if (step := self.step_at(real)) > self._step:
                self._step = step
                for campaign in self._campaigns.values():
                    campaign.advance(step)
                self.hours.forget_before(step)
            yield self._campaigns


class World:
    """All operations, by name and by token."""

    def __init__(self, settings: SimulatorSettings, real_start: float) -> None:
        facts = settings.make_operations()
        self.operations = tuple(
            Operation(one, number, settings, real_start) for number, one in enumerate(facts)
        )
        self._by_name = {operation.facts.name: operation for operation in self.operations}
        self._by_token = {
            token: operation for operation in self.operations for token in operation.facts.tokens
        }

    def named(self, name: str) -> Operation:
        """Return the operation of that name. Raises KeyError."""
        return self._by_name[name]

    def of_token(self, token: str) -> Operation | None:
        """Return the operation that a token opens, None when it opens none."""
        return self._by_token.get(token)
