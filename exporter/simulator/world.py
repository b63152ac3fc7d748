"""The whole simulated vendor: the campaigns of each operation, on a calendar of its own."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from threading import RLock
from zoneinfo import ZoneInfo

from exporter.simulator.dialler import Campaign, Figures
from exporter.simulator.hours import STEP_SECONDS, Hours, default_start
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

Clock = Callable[[], float]
"""Returns the real time as Unix seconds."""


class Operation:
    """One operation; its campaigns are brought up to date when they are looked at.

    Real time comes in as Unix seconds. The real instant r is the virtual instant start + (r - real start) x
    factor, before the real start too: so "since midnight" in real time covers everything since the simulator
    started. Work done before the start counts as done at the start.
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
        self._hours = Hours(facts.timezone, self._virtual_start)
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

    def real_at(self, step: int | None) -> datetime | None:
        """Return the real instant of a step in the operation's zone, None for None."""
        if step is None:
            return None
        return datetime.fromtimestamp(
            self._real_start + step * STEP_SECONDS / self._settings.time_factor, self.zone
        )

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
                now = (campaign.step, campaign.place, campaign.total)
                stretches = campaign.ledger.between(after, until, now)
                rows += machine_codes(campaign.profile, stretches, campaign.coded, most - len(rows))
        return rows

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
            last_dial=self.real_at(campaign.last_dial if laps else None),
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

    def on_shift(self, real: float) -> bool:
        """Return whether the operation works at a real instant."""
        return self._hours.at(self.step_at(real)).on_shift

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
            campaigns[profile.campaign_id] = Campaign(profile, self._hours, step=self._step)
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
                    profile.campaign_id: Campaign(profile, self._hours) for profile in profiles
                }
            if (step := self.step_at(real)) > self._step:
                self._step = step
                for campaign in self._campaigns.values():
                    campaign.advance(step)
                self._hours.forget_before(step)
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
