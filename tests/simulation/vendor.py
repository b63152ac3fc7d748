"""The vendor of the simulation: tenants with a daily limit and faults; every call is checked by the rules."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from exporter.apis import APIS, BY_NAME
from exporter.wolkvox import Answer, Call, Cause, RequestFailed
from scripts.virtual_time import VirtualTime, getcurrent, greenlet
from simulation.replica import Replica
from support.fakes import campaign_settings_row, campaigns_row, telephone_row

CAMPAIGNS = ("4875", "4876")
_APIS = {(api.path, api.vendor_name): api.name for api in APIS}
_LISTS: Mapping[str, list[object]] = {
    "campaigns": [campaigns_row(f"{campaign} - VENTAS") for campaign in CAMPAIGNS],
    "campaign_settings": [campaign_settings_row(campaign_id=campaign) for campaign in CAMPAIGNS],
    "machine_codes": [telephone_row("3000000001", 1, 2, 3)],
    **{name: [BY_NAME[name].example] for name in ("campaign_results", "services", "audit_log")},
}


@dataclass(slots=True)
class Tenant:
    """One customer of the vendor, known by its token.

    `limit` calls a day, of which `others` were made today by other programs; the vendor's day begins
    `late_hours` after that of the tenant's zone. `fault` is what goes wrong at present and `share` how often
    it does.
    """

    token: str
    zone: ZoneInfo
    limit: int
    late_hours: float = 0.0
    others: int = 0
    calls: int = 0
    day: str = ""
    fault: Cause | None = None
    share: float = 1.0
    slow: bool = False


@dataclass(slots=True)
class Flight:
    """One call, from its start to its end as the vendor sees it."""

    replica: Replica
    process: tuple[str, int]
    base_url: str
    api: str
    campaign: str
    token: str
    start: float
    late: bool
    alone: bool
    day: str
    thread: greenlet
    cause: Cause | None = None
    told: tuple[float, float] | None = None
    open: bool = True
    retry: bool = False


class Vendor:
    """Answers calls; `begun` and `ended` are told of each."""

    def __init__(
        self,
        time: VirtualTime,
        epoch: float,
        tenants: Mapping[str, Tenant],
        begun: Callable[[Flight, list[Flight]], None],
        ended: Callable[[Flight], None],
    ) -> None:
        self.tenants = tenants
        self._time = time
        self._epoch = epoch
        self._begun = begun
        self._ended = ended
        self._open: dict[str, list[Flight]] = {token: [] for token in tenants}

    def today(self, token: str, late_hours: float = 0.0) -> str:
        """Return the date of a tenant, whose day begins so many hours late."""
        at = self._epoch + self._time.now - late_hours * 3600
        return datetime.fromtimestamp(at, self.tenants[token].zone).date().isoformat()

    def answer(
        self, replica: Replica, base_url: str, call: Call, token: str, sink: Callable[[list[object]], None]
    ) -> Answer:
        """Take a call, and answer it some time later."""
        thread = getcurrent()
        api = _APIS[call.path, call.query["api"]]
        flight = Flight(
            replica=replica,
            process=(replica.name, replica.started),
            base_url=base_url,
            api=api,
            campaign=call.query.get("campaign_id", ""),
            token=token,
            start=self._time.now,
            late=thread in replica.late,
            alone=replica.alone,
            day=self.today(token),
            thread=thread,
        )
        tenant = self.tenants[token]
        self._begun(flight, self._open[token])
        self._open[token].append(flight)
        seconds = random.uniform(5, 60) if tenant.slow else random.uniform(0.3, 3)
        broken = tenant.fault if tenant.fault and random.random() < tenant.share else None
        refused = self._count(tenant)
        if broken is Cause.TIMEOUT:
            seconds = 60.0
        self._time.at(self._time.now + seconds, lambda: self._land(flight))
        replica.sleep(seconds)
        flight.cause = broken or (Cause.QUOTA if refused else None)
        if flight.cause is not None:
            self._ended(flight)
            raise RequestFailed(flight.cause, "the vendor says no")
        rows = _LISTS.get(api) or [
            {"token_limit": str(tenant.limit), "all_token_today": str(tenant.calls + tenant.others)}
        ]
        if api == "token_info":
            flight.told = (float(tenant.limit), float(tenant.calls + tenant.others))
        self._ended(flight)
        sink(rows)
        return Answer(len(rows), 1000, 200)

    def hung_up(self, replica: Replica) -> None:
        """Note that the connections of a process that was killed are closed."""
        for flights in self._open.values():
            for flight in list(flights):
                if flight.replica is replica:
                    self._land(flight)

    def _land(self, flight: Flight) -> None:
        if flight.open:
            flight.open = False
            self._open[flight.token].remove(flight)

    def _count(self, tenant: Tenant) -> bool:
        """Count a call; tell whether it is refused, and so not counted, because the limit is reached."""
        day = self.today(tenant.token, tenant.late_hours)
        if tenant.day != day:
            tenant.day, tenant.calls, tenant.others = day, 0, random.randrange(max(tenant.limit // 4, 1))
        if tenant.calls + tenant.others >= tenant.limit:
            return True
        tenant.calls += 1
        return False
