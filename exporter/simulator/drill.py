"""The drill: incidents are staged by name, and end again."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from threading import RLock

from exporter.simulator.access import Access
from exporter.simulator.faults import FaultBook
from exporter.simulator.incidents import INCIDENTS, Guest, Incident
from exporter.simulator.world import Clock, Operation, World

ALL = "all"
"""Stands for all campaigns of an operation."""


@dataclass(frozen=True, slots=True)
class Staged:
    """An incident that is under way. campaigns: ids, none for one that meets calls. fault: its number."""

    incident: Incident
    operation: str
    campaigns: tuple[str, ...] = ()
    fault: int | None = None

    @property
    def where(self) -> str:
        """The operation and the campaigns, for people."""
        if not self.campaigns:
            return self.operation
        some = (
            f"campaign {self.campaigns[0]}"
            if len(self.campaigns) == 1
            else f"{len(self.campaigns)} campaigns"
        )
        return f"{some} of {self.operation}"

    def text(self, *, begins: bool) -> str:
        """Return what people are told when it begins or ends."""
        incident = self.incident
        if not begins:
            return f"{incident.name} on {self.where} is over"
        after = f"{incident.alert} follows within {incident.minutes} minutes"
        return f"{incident.name} on {self.where}: {incident.text}; {after}"

    def as_json(self) -> dict[str, object]:
        """Return it as the HTTP interface shows it."""
        incident = self.incident
        return {
            "incident": incident.name,
            "operation": self.operation,
            "campaigns": list(self.campaigns),
            "what": incident.text,
            "alert": incident.alert,
            "minutes": incident.minutes,
        }


class Drill:
    """Stages incidents. Safe for threads.

    pace: seconds of the clock in a real second. heard: told of each incident that begins (True) or ends.
    """

    def __init__(self, world: World, access: Access, faults: FaultBook, clock: Clock, pace: float) -> None:
        self._world = world
        self._access = access
        self._faults = faults
        self._clock = clock
        self._pace = pace
        self._staged: list[Staged] = []
        self._lock = RLock()
        self.heard: Callable[[Staged, bool], None] = lambda _staged, _begins: None

    def staged(self) -> list[Staged]:
        """Return the incidents that are under way, oldest first."""
        with self._lock:
            return list(self._staged)

    def stage(self, name: str, operation: str = "", campaign: str = "") -> Staged:
        """Return the incident that begins.

        It takes the place of the same one in that operation, and of those of the same campaigns.

        operation: "" for that of the campaign, or the first in which campaigns make calls. campaign: an id,
        "all", or "" for the one that makes most calls, or for all of them if the incident is about the
        operation. Raises ValueError for what cannot be staged, KeyError for an operation or campaign that
        does not exist.
        """
        incident = _named(name)
        if incident.by_hand:
            raise ValueError(
                f"{incident.name} cannot be staged by the simulator; instead: {incident.by_hand}"
            )
        if campaign and not incident.steps:
            raise ValueError(f"{incident.name} is about a whole operation: leave out the campaign")
        if campaign and incident.guest:
            raise ValueError(f"{incident.name} adds a campaign of its own: leave out the campaign")
        with self._lock:
            place = self._world.named(operation) if operation else self._place_of(campaign)
            ids = self._campaigns(incident, place, campaign)
            self._over(
                one
                for one in self.staged()
                if one.operation == place.facts.name
                and (one.incident == incident or set(ids) & set(one.campaigns))
            )
            if incident.guest:
                ids = self._guests(incident.guest, place)
            staged = Staged(incident, place.facts.name, ids, self._begin(incident, place, ids))
            self._staged.append(staged)
        self.heard(staged, True)
        return staged

    def end(self, name: str = "", operation: str = "") -> list[Staged]:
        """Return the incidents that end: those of a name ("" for any) in an operation ("" for any).

        Raises ValueError for a name that no incident has.
        """
        wanted = _named(name) if name else None
        with self._lock:
            return self._over(
                one
                for one in self.staged()
                if wanted in {None, one.incident} and operation in {"", one.operation}
            )

    def _over(self, staged: Iterable[Staged]) -> list[Staged]:
        over = list(staged)
        for one in over:
            self._staged.remove(one)
            self._end(one)
            self.heard(one, False)
        return over

    def _begin(self, incident: Incident, operation: Operation, ids: tuple[str, ...]) -> int | None:
        now = self._clock()
        with operation.at(now) as campaigns:
            for campaign in (campaigns[one] for one in ids):
                for minutes, action in incident.steps:
                    if minutes:
                        campaign.later[campaign.step + minutes] = action
                    else:
                        operation.act(campaign.profile.campaign_id, action, now)
        if incident.calls is not None:
            calls = int(incident.calls * operation.facts.limit)
            self._access.set_used(operation.facts, operation.facts.token, calls, now)
        if incident.condition:
            operation.set_condition(incident.condition, now, holds=True)
        if incident.fault is None:
            return None
        fault = replace(incident.fault, seconds=incident.fault.seconds / self._pace)
        return self._faults.set(fault, operation.facts.name).number

    def _end(self, staged: Staged) -> None:
        operation, now = self._world.named(staged.operation), self._clock()
        with operation.at(now) as campaigns:
            for campaign in (campaigns[one] for one in staged.campaigns):
                campaign.later.clear()
                for action in staged.incident.ends:
                    operation.act(campaign.profile.campaign_id, action, now)
        if staged.incident.condition:
            operation.set_condition(staged.incident.condition, now, holds=False)
        if staged.incident.calls is not None:
            self._access.set_used(operation.facts, operation.facts.token, 0, now)
        if staged.fault is not None:
            self._faults.clear(staged.fault)

    def _campaigns(self, incident: Incident, operation: Operation, campaign: str) -> tuple[str, ...]:
        """Return the ids of the campaigns that are there already and that an incident is about."""
        if incident.guest or not incident.steps:
            return ()
        if campaign == ALL or (incident.whole and not campaign):
            return operation.ids
        if campaign:
            if campaign not in operation.ids:
                raise KeyError(campaign)
            return (campaign,)
        if best := operation.briskest(self._clock()):
            return (best,)
        local = operation.virtual_at(self._clock())
        raise ValueError(
            f"no campaign of {operation.facts.name}, where it is {local:%A %H:%M}, makes calls now: name one"
        )

    def _guests(self, guest: Guest, operation: Operation) -> tuple[str, ...]:
        """Return the ids of campaigns that are added; those of the last time disappear."""
        now = self._clock()
        with operation.at(now) as campaigns:
            for campaign in campaigns.values():
                if campaign.name.startswith(guest.name):
                    campaign.act("remove")
            names = [guest.name, *(f"{guest.name} {number}" for number in range(2, guest.count + 1))]
            return tuple(
                operation.add_campaign(name, now, parked=guest.parked, dead_every=guest.dead_every)
                for name in names
            )

    def _place_of(self, campaign: str) -> Operation:
        """Return the operation of a campaign; without one, the first in which campaigns make calls."""
        operations, now = self._world.operations, self._clock()
        if campaign not in {"", ALL}:
            return next((one for one in operations if campaign in one.ids), operations[0])
        return next((one for one in operations if one.briskest(now)), operations[0])


def _named(name: str) -> Incident:
    incident = INCIDENTS.get(name.replace("_", "-"))
    if incident is None:
        raise ValueError(f"unknown incident {name!r}; the incidents are {', '.join(INCIDENTS)}")
    return incident
