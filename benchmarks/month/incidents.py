"""What goes wrong in the month, and what only looks as if: each with its truth.

An incident says when it begins and ends, which alerts may tell it, and until when somebody must know. A trap
is normal life: nothing may be told of it.
"""

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from benchmarks.month.dialler import RESULTS, Effect, ListChange
from benchmarks.month.operations import DAY_MINUTES, Campaign, Operation, Window, midnight

_FAILED = RESULTS[2]
_MACHINE = RESULTS[3]
POLL_MINUTES = 7
"""One poll of five minutes, the next evaluation, the wait of the group."""

STOPPED = ("WolkvoxCampaignStopped", "WolkvoxCampaignNotStarted")
ALL_STOPPED = ("WolkvoxOperationStopped", "WolkvoxOperationIdle")
BAD_RESULTS = (
    "WolkvoxContactRateLow",
    "WolkvoxFailedShareHigh",
    "WolkvoxMachineShareHigh",
    "WolkvoxHitRateLow",
    "WolkvoxAnswersLost",
    "WolkvoxRefilledListUnreachable",
)


@dataclass
class Incident:
    """What somebody must, or may, be told. Times in Unix seconds; no campaigns: the whole operation."""

    kind: str
    operation: str
    campaigns: tuple[str, ...]
    begin: float
    end: float
    due: float
    must: str
    """page, warn or info; "may": to tell it is right and not to tell it too; "nothing": a trap."""
    tells: tuple[str, ...]
    """The alerts of which one must fire."""
    may: tuple[str, ...] = ()
    """Alerts that may fire beside."""


@dataclass(frozen=True)
class Trouble:
    """What happens to calls of some APIs, to the process or to scrapes, from one minute to another.

    `what`: fault (its value: timeout, connection), refusal (HTTP status and body), slow (seconds), process
    (stop, kill), scrape.
    """

    begin: int
    end: int
    what: str
    value: object = None
    apis: tuple[str, ...] = ("campaigns", "campaign_settings", "token_info", "services")


@dataclass
class Plan:
    """All that will happen in an operation. Minutes count from the start of the month."""

    on: dict[str, list[Window]]
    present: dict[str, list[Window]]
    effects: dict[str, list[Effect]]
    changes: dict[str, list[ListChange]]
    troubles: list[Trouble] = field(default_factory=list)
    weather: list[tuple[int, int, float]] = field(default_factory=list)
    incidents: list[Incident] = field(default_factory=list)


class Planner:
    """Plans the month of one operation from a seed."""

    def __init__(self, operation: Operation, seed: int, start: float, days: int, density: float) -> None:
        self.operation = operation
        self.start, self.days, self.density = start, days, density
        self.rng = random.Random(f"plan {operation.name} {seed}")
        ids = [campaign.campaign_id for campaign in operation.campaigns]
        self.plan = Plan(*({name: [] for name in ids} for _ in range(4)))  # type: ignore[arg-type]
        self.windows: dict[tuple[str, int], list[Window]] = {}
        """Windows of a campaign and day, in minutes of the month."""
        self._busy: dict[str, list[Window]] = {name: [] for name in ids}
        self.taken: list[Window] = []
        """What the whole operation is taken by."""
        self._keep_hours()

    # Normal life.

    def local_date(self, day: int) -> date:
        """Return the local date of a day of the month."""
        return datetime.fromtimestamp(self.start, UTC).date() + timedelta(days=day)

    def day_minute(self, day: int) -> int:
        """Return the minute of the month in which a local day begins."""
        return round((midnight(self.start, day, self.operation) - self.start) / 60)

    def _keep_hours(self) -> None:
        rng = self.rng
        # The month begins at midnight in UTC, which is the evening before on the floor.
        for day in range(-1, self.days):
            base = self.day_minute(day)
            together = rng.randrange(-2, 3)
            for campaign in self.operation.campaigns:
                if campaign.spare:
                    continue
                hours = campaign.hours
                tight = hours.tolerance_minutes <= 5
                found = self.windows.setdefault((campaign.campaign_id, day), [])
                for begin, end in hours.windows(self.local_date(day)):
                    late, early = (3, 3) if tight else (6, 8)
                    on = begin + min(late, max(-hours.early, together + rng.randrange(-3, 5)))
                    off = end + max(-early, min(hours.linger, together + rng.randrange(-4, 4)))
                    if hours.expected is None:
                        off = end + together + rng.randrange(0, 3)
                        on = begin + together + rng.randrange(0, 4)
                    found.append((base + begin, base + end))
                    self.plan.present[campaign.campaign_id].append((base + on, base + off))
                    self.plan.on[campaign.campaign_id].append((base + on, base + off))
        for name, spans in self.plan.on.items():
            self._leave_on(name, spans)

    def _leave_on(self, name: str, on: list[Window]) -> None:
        """Let some campaigns be left on over lunch or night; nobody is there to take a call."""
        for index in range(len(on) - 1):
            lunch = on[index + 1][0] - on[index][1] < 180
            if self.rng.random() < (0.08 if lunch else 0.03):
                on[index] = (on[index][0], on[index + 1][0])
                self._trap("left on", (name,), on[index][1], on[index + 1][0])

    def _trap(self, kind: str, campaigns: tuple[str, ...], begin: int, end: int) -> None:
        at = self.start + begin * 60
        self.plan.incidents.append(
            Incident(kind, self.operation.name, campaigns, at, self.start + end * 60, at, "nothing", ())
        )

    def live(self) -> None:
        """Plan what is normal: pauses, short outages, slow answers, restarts, missing rows, odd words."""
        for day in range(self.days):
            self._pauses(day)
            self._vendor(day)
            base = self.day_minute(day)
            for hour in range(24):
                self.plan.weather.append(
                    (base + hour * 60, base + hour * 60 + 60, self.rng.lognormvariate(0, 0.12))
                )
            if self.local_date(day).weekday() == 4:
                self.plan.weather.append((base + 16 * 60, base + 17 * 60, 0.75))

    def _pauses(self, day: int) -> None:
        rng = self.rng
        for campaign in self.operation.campaigns:
            name = campaign.campaign_id
            for begin, end in self.windows.get((name, day), ()):
                if rng.random() < 0.1:
                    at = rng.randrange(begin + 20, end - 30)
                    lasts = (
                        rng.randrange(2, 4) if campaign.hours.tolerance_minutes <= 5 else rng.randrange(4, 9)
                    )
                    if self.take(name, at, at + lasts):
                        self.plan.effects[name].append(Effect(at, at + lasts, "off"))
                        self._trap("pause", (name,), at, at + lasts)
                        if rng.random() < 0.15:
                            self._blink(
                                at + rng.randrange(0, lasts), rng.choice((6, 9, 11)), slow=rng.random() < 0.3
                            )
            for chance, effect, least, most in (
                (0.02, ("missing", True), 5, 6),
                (0.01, ("status", rng.choice(("paused", "", "Iniciando", "-"))), 5, 40),
                (0.004, ("name", f"{campaign.name} B"), 300, 3000),
            ):
                if rng.random() < chance:
                    at = self.day_minute(day) + rng.randrange(8 * 60, 17 * 60)
                    end = at + rng.randrange(least, most)
                    self.plan.effects[name].append(Effect(at, end, *effect))
                    if effect[0] == "status":
                        self.incident(
                            "odd words", (), at, end, must="may", tells=("WolkvoxFormatDrift",), minutes=60
                        )

    def _blink(self, at: int, lasts: int, *, slow: bool) -> None:
        trouble = ("slow", self.rng.uniform(30, 55)) if slow else ("fault", "timeout")
        self.plan.troubles.append(Trouble(at, at + lasts, *trouble))

    def _vendor(self, day: int) -> None:
        rng, base, troubles = self.rng, self.day_minute(day), self.plan.troubles
        if rng.random() < 0.3:
            at = base + rng.randrange(6 * 60, 20 * 60)
            if self.take_all(at, at + 12):
                troubles.append(
                    Trouble(at, at + rng.randrange(4, 11), "fault", rng.choice(("timeout", "connection")))
                )
        if rng.random() < 0.08:
            at = base + rng.randrange(7 * 60, 18 * 60)
            troubles.append(Trouble(at, at + rng.randrange(30, 90), "slow", rng.uniform(15, 40)))
        if rng.random() < 0.08:
            at = base + rng.randrange(7 * 60, 16 * 60)
            troubles.append(
                Trouble(
                    at, at + rng.randrange(60, 300), "refusal", (500, "oops"), apis=("campaign_settings",)
                )
            )
            length = troubles[-1].end
            self.incident(
                "settings fail", (), at, length, must="may", tells=("WolkvoxDataStale",), may=(), minutes=25
            )
        if rng.random() < 0.4:
            at = base + rng.randrange(0, DAY_MINUTES)
            troubles.append(Trouble(at, at + 1, "process", rng.choice(("stop", "kill"))))
        if rng.random() < 0.4:
            at = base + rng.randrange(0, DAY_MINUTES)
            troubles.append(Trouble(at, at + rng.randrange(1, 5), "scrape"))
        if rng.random() < 0.04:
            at = base + rng.randrange(9 * 60, 11 * 60)
            if self.take_all(at, at + 9):
                self.plan.weather.append((at, at + rng.randrange(5, 9), 0.0))

    # Room: incidents do not overlap where the truth would be hard to tell.

    def _free(self, spans: Iterable[Window], begin: int, end: int, room: int) -> bool:
        return all(end + room <= first or last + room <= begin for first, last in spans)

    def take(self, name: str, begin: int, end: int, room: int = 25) -> bool:
        """Return whether a campaign has room for something, and keep it."""
        if not (self._free(self._busy[name], begin, end, room) and self._free(self.taken, begin, end, 60)):
            return False
        self._busy[name].append((begin, end))
        return True

    def take_all(self, begin: int, end: int, room: int = 60) -> bool:
        """Return whether the whole operation has room for something, and keep it."""
        taken = [span for spans in self._busy.values() for span in spans]
        if not (self._free(taken, begin, end, 20) and self._free(self.taken, begin, end, room)):
            return False
        self.taken.append((begin, end))
        return True

    # Incidents.

    def incident(
        self,
        kind: str,
        campaigns: tuple[str, ...],
        begin: int,
        end: int,
        *,
        must: str,
        tells: tuple[str, ...],
        may: tuple[str, ...] = (),
        minutes: float,
    ) -> None:
        """Add an incident of some minutes of the month that somebody must know `minutes` after it began."""
        at = self.start + begin * 60
        self.plan.incidents.append(
            Incident(
                kind,
                self.operation.name,
                campaigns,
                at,
                self.start + end * 60,
                at + minutes * 60,
                must,
                tells,
                may,
            )
        )

    def wrong(self) -> None:
        """Plan the incidents: those of the whole operation first, because they need most room."""
        for name, number, place in _KINDS:
            share = number * self.density * self.days / 30
            count = int(share) + (self.rng.random() < share % 1)
            for _ in range(count):
                for _attempt in range(400):
                    if place(self, name):
                        break

    def campaign(self, wanted: Callable[[Campaign], bool]) -> Campaign | None:
        """Return some campaign of a kind."""
        found = [campaign for campaign in self.operation.campaigns if not campaign.spare and wanted(campaign)]
        return self.rng.choice(found) if found else None

    def day(self, least: int = 1) -> int:
        """Return some day of the month."""
        return self.rng.randrange(min(least, self.days - 1), self.days)

    def within(
        self, campaign: Campaign, day: int, least: int, most: int, *, begin: int = 20, end: int = 15
    ) -> Window | None:
        """Return a time in the campaign's hours that lasts `least` to `most` minutes."""
        windows = self.windows.get((campaign.campaign_id, day))
        if not windows:
            return None
        first, last = self.rng.choice(windows)
        lasts = self.rng.randrange(least, most + 1)
        lasts = min(lasts, last - end - first - begin)
        if lasts < least:
            return None
        at = self.rng.randrange(first + begin, last - end - lasts + 1)
        return at, at + lasts

    def ensure(self, campaign: Campaign, begin: int, end: int) -> None:
        """See to it that the list does not end meanwhile."""
        size = round(campaign.pace * ((end - begin) / 60 + 4) + 50)
        self.plan.changes[campaign.campaign_id].append(ListChange(begin - 60, "ensure", size))

    def one(
        self,
        kind: str,
        wanted: Callable[[Campaign], bool],
        span: tuple[int, int],
        effect: Callable[[Campaign], tuple[tuple[str, object], ...]],
        *,
        must: str,
        tells: tuple[str, ...],
        may: tuple[str, ...] = (),
        minutes: Callable[[Campaign], float],
        least_day: int = 1,
        begin: int = 20,
        list_lasts: bool = True,
    ) -> tuple[Campaign, int, int] | None:
        """Plan an incident of one campaign within its hours."""
        campaign = self.campaign(wanted)
        found = campaign and self.within(campaign, self.day(least_day), *span, begin=begin)
        if not campaign or not found or not self.take(campaign.campaign_id, *found, room=90):
            return None
        for what, value in effect(campaign):
            self.plan.effects[campaign.campaign_id].append(Effect(*found, what, value))
        if list_lasts:
            self.ensure(campaign, *found)
        self.incident(
            kind, (campaign.campaign_id,), *found, must=must, tells=tells, may=may, minutes=minutes(campaign)
        )
        return campaign, *found

    def whole(
        self,
        kind: str,
        span: tuple[int, int],
        *,
        must: str,
        tells: tuple[str, ...],
        may: tuple[str, ...] = (),
        minutes: float = 17,
        days: tuple[int, int] | None = None,
    ) -> Window | None:
        """Find room for an incident of the whole operation while all of its campaigns should dial."""
        day = self.rng.randrange(*days) if days and days[1] <= self.days else self.day()
        campaigns = [campaign for campaign in self.operation.campaigns if not campaign.spare]
        # Its campaigns need not have the same hours: the incident lies in those of most of them.
        campaign = self.rng.choice(campaigns)
        found = self.within(campaign, day, *span, begin=45, end=20)
        if not found or not self.take_all(*found, room=120):
            return None
        for other in campaigns:
            self.ensure(other, *found)
        self.incident(kind, (), *found, must=must, tells=tells, may=may, minutes=minutes)
        return found

    def dialling(self, begin: int, end: int) -> list[Campaign]:
        """Return the campaigns whose hours contain a time."""
        return [
            campaign
            for campaign in self.operation.campaigns
            if any(
                first + 15 <= begin and end <= last - 10
                for day in range(self.days)
                for first, last in self.windows.get((campaign.campaign_id, day), ())
            )
        ]


def _scheduled(campaign: Campaign) -> bool:
    return campaign.hours.expected is not None


def _after(campaign: Campaign) -> float:
    return campaign.hours.tolerance_minutes + POLL_MINUTES


def _fast(campaign: Campaign) -> bool:
    return campaign.pace >= 150


def _stopped(planner: Planner, kind: str) -> bool:
    long = kind.endswith("for hours")
    return bool(
        planner.one(
            kind,
            _scheduled,
            (200, 560) if long else (25, 180),
            lambda _: (("off", None),),
            must="page",
            tells=STOPPED[:1],
            may=STOPPED,
            minutes=_after,
        )
    )


def _stopped_with_troubles(planner: Planner, kind: str) -> bool:
    placed = planner.one(
        kind,
        _scheduled,
        (90, 170),
        lambda _: (("off", None),),
        must="page",
        tells=STOPPED[:1],
        may=STOPPED,
        minutes=_after,
    )
    if not placed:
        return False
    campaign, begin, _ = placed
    rng, plan = planner.rng, planner.plan
    plan.troubles.append(Trouble(begin + 25, begin + 25 + rng.choice((4, 9, 13)), "fault", "timeout"))
    plan.troubles.append(Trouble(begin + 45, begin + 46, "process", rng.choice(("stop", "kill"))))
    plan.troubles.append(Trouble(begin + 55, begin + 59, "scrape"))
    plan.effects[campaign.campaign_id].append(Effect(begin + 65, begin + 71, "missing", True))
    return True


def _stopped_while_retrying(planner: Planner, kind: str) -> bool:
    placed = planner.one(
        kind,
        lambda campaign: _scheduled(campaign) and _fast(campaign) and campaign.remainder == 0,
        (40, 120),
        lambda _: (("off", None),),
        must="page",
        tells=STOPPED[:1],
        may=STOPPED,
        minutes=_after,
        begin=60,
        list_lasts=False,
    )
    if placed:
        campaign, begin, _ = placed
        planner.plan.changes[campaign.campaign_id].append(ListChange(begin - 30, "run_out"))
    return bool(placed)


def _not_started(planner: Planner, kind: str) -> bool:
    campaign, day = planner.campaign(_scheduled), planner.day()
    if campaign is None:
        return False
    windows = planner.windows.get((campaign.campaign_id, day))
    if not windows:
        return False
    begin, last = windows[0]
    end = begin + planner.rng.randrange(40, 150)
    if end > last - 15 or not planner.take(campaign.campaign_id, begin - 15, end, room=90):
        return False
    planner.plan.effects[campaign.campaign_id].append(Effect(begin - 700, end, "off"))
    planner.ensure(campaign, begin, end)
    planner.incident(
        kind,
        (campaign.campaign_id,),
        begin,
        end,
        must="page",
        tells=STOPPED,
        may=STOPPED,
        minutes=_after(campaign),
    )
    return True


def _all_stopped(planner: Planner, kind: str) -> bool:
    rng = planner.rng
    if not planner.campaign(_scheduled):
        return False
    morning = kind.endswith("not started")
    if morning:
        day = planner.day()
        windows = [
            planner.windows.get((c.campaign_id, day)) for c in planner.operation.campaigns if _scheduled(c)
        ]
        if not all(windows):
            return False
        begin = min(spans[0][0] for spans in windows if spans)
        end = begin + rng.randrange(45, 120)
        if not planner.take_all(begin - 15, end, room=120):
            return False
        stopped = [c for c in planner.operation.campaigns if _scheduled(c)]
        planner.incident(
            kind,
            (),
            begin,
            end,
            must="page",
            tells=ALL_STOPPED + STOPPED,
            may=ALL_STOPPED + STOPPED,
            minutes=17,
        )
    else:
        found = planner.whole(
            kind, (50, 120), must="page", tells=ALL_STOPPED, may=ALL_STOPPED + STOPPED, minutes=17
        )
        if not found:
            return False
        begin, end = found
        stopped = [c for c in planner.dialling(begin, end) if _scheduled(c)]
        share = rng.uniform(0.65, 1.0)
        stopped = rng.sample(stopped, max(1, round(len(stopped) * share)))
        if (
            len(stopped) * 2 < len([c for c in planner.dialling(begin, end) if _scheduled(c)])
            or len(stopped) < 2
        ):
            planner.plan.incidents.pop()
            planner.taken.pop()
            return False
    planner.plan.incidents[-1].campaigns = tuple(campaign.campaign_id for campaign in stopped)
    for campaign in stopped:
        off = begin - 700 if morning else begin + rng.randrange(0, 4)
        planner.plan.effects[campaign.campaign_id].append(Effect(off, end - rng.randrange(0, 20), "off"))
        planner.ensure(campaign, begin, end)
    return True


def _stalled(planner: Planner, kind: str) -> bool:
    slow = kind.endswith("few calls")

    def wanted(campaign: Campaign) -> bool:
        return (
            _scheduled(campaign)
            and campaign.kind == "predictive"
            and (10 <= campaign.pace < 60 if slow else campaign.pace >= 60)
        )

    def minutes(campaign: Campaign) -> float:
        # It is stalled once ten calls are missing, on an hour that may have half of the usual ones.
        return max(campaign.hours.tolerance_minutes, 60 * 10 / (campaign.pace * 0.5)) + POLL_MINUTES

    return bool(
        planner.one(
            kind,
            wanted,
            (150, 230) if slow else (30, 120),
            lambda _: (("pace", 0.0),),
            must="page",
            tells=("WolkvoxCampaignStalled",),
            may=("WolkvoxCallsFallen",),
            minutes=minutes,
            begin=10 if slow else 45,
        )
    )


def _unscheduled(planner: Planner, kind: str) -> bool:
    stop = "stopped" in kind
    return bool(
        planner.one(
            kind,
            lambda campaign: (
                campaign.hours.expected is None
                and campaign.kind == "predictive"
                and planner.operation.name.startswith("sin")
            ),
            (40, 150),
            lambda _: (("off", None) if stop else ("pace", 0.0),),
            must="warn",
            tells=("WolkvoxCampaignStoppedUnscheduled",) if stop else ("WolkvoxCampaignStalled",),
            may=("WolkvoxCallsFallen",),
            minutes=lambda _: 25,
        )
    )


def _calm(planner: Planner, kind: str) -> bool:
    """All agents gone, or most of them: the dialler waits for them."""
    none = kind.startswith("no agents")
    found = planner.whole(
        kind,
        (45, 120),
        must="page",
        tells=("WolkvoxCampaignStalled", "WolkvoxCallsFallen", *ALL_STOPPED)
        if none
        else ("WolkvoxCallsFallen",),
        may=("WolkvoxCampaignStalled", "WolkvoxCallsFallen"),
        minutes=17,
    )
    if not found or not planner.campaign(_scheduled) or not planner.campaign(_fast):
        if found:
            planner.plan.incidents.pop()
            planner.taken.pop()
        return False
    planner.plan.weather.append((*found, 0.0 if none else 0.07))
    return True


def _campaign_calls_fall(planner: Planner, kind: str) -> bool:
    return bool(
        planner.one(
            kind,
            _fast,
            (60, 150),
            lambda _: (("pace", 0.07),),
            must="warn",
            tells=("WolkvoxCallsFallen",),
            may=("WolkvoxCampaignStalled",),
            minutes=lambda _: 40,
            begin=60,
        )
    )


def _outside(planner: Planner, kind: str) -> bool:
    campaign = planner.campaign(lambda campaign: campaign.hours.permitted is not None and _fast(campaign))
    if campaign is None:
        return False
    rng, day, hours = planner.rng, planner.day(), campaign.hours
    base, today = planner.day_minute(day), planner.local_date(day)
    windows = planner.windows.get((campaign.campaign_id, day))

    def permitted(minute: int) -> bool:
        at = datetime.fromtimestamp(planner.start + minute * 60, planner.operation.timezone)
        return hours.permits(at)

    if kind.endswith("on a free day"):
        if windows or permitted(base + 600):
            return False
        begin = base + rng.randrange(8 * 60, 15 * 60)
        end = begin + rng.randrange(25, 120)
        on = begin
    else:
        if not windows:
            return False
        closes = next(
            (minute for minute in range(windows[-1][1], windows[-1][1] + 600) if not permitted(minute)), None
        )
        if closes is None:
            return False
        begin = closes
        on = closes - rng.randrange(5, 40)
        if kind.endswith("at night"):
            begin = on = closes + rng.randrange(40, 240)
        end = begin + rng.randrange(25, 90)
        if permitted(end):
            return False
    if today.weekday() == 6 and day == planner.days - 1:
        return False
    if not planner.take(campaign.campaign_id, on - 15, end + 5, room=60):
        return False
    planner.plan.effects[campaign.campaign_id].append(Effect(on, end, "on", 1))
    planner.ensure(campaign, on, end)
    planner.incident(
        kind,
        (campaign.campaign_id,),
        begin,
        end,
        must="page",
        tells=("WolkvoxDialingOutsideHours",),
        may=("WolkvoxCallsFallen", *BAD_RESULTS),
        minutes=17,
    )
    return True


def _results(planner: Planner, kind: str) -> bool:
    """Shares of results go wrong, of the whole operation or of one campaign."""
    rng = planner.rng

    def effect(campaign: Campaign) -> tuple[tuple[str, object], ...]:
        base = campaign.shares
        if kind.startswith("carrier"):
            failed = rng.uniform(0.75, 0.95)
            shares = {
                _FAILED: failed,
                "answer": base["answer"] * (1 - failed),
                _MACHINE: base[_MACHINE] * (1 - failed),
            }
        elif kind.startswith("answers lost"):
            shares = {"answer": rng.uniform(0.001, 0.006)}
        elif kind.startswith("dead numbers"):
            failed = rng.uniform(0.42, 0.6)
            shares = {
                _FAILED: failed,
                "answer": base["answer"] * (1 - failed),
                _MACHINE: base[_MACHINE] * (1 - failed),
            }
        elif kind.startswith("machines"):
            shares = {_MACHINE: rng.uniform(0.55, 0.7), "answer": base["answer"] * 0.6}
        elif kind.startswith("few answers"):
            shares = {"answer": base["answer"] * 0.3}
        else:
            return (("hits", 0.12),)
        return (("shares", shares),)

    if "operation" in kind:
        found = planner.whole(
            kind,
            (45, 150),
            must="page",
            tells=("WolkvoxFailedShareHigh", "WolkvoxAnswersLost")
            if "carrier" in kind
            else ("WolkvoxAnswersLost",),
            may=BAD_RESULTS,
            minutes=17,
            days=(1, 5) if kind.endswith("first week") else None,
        )
        if not found or not planner.campaign(_fast):
            if found:
                planner.plan.incidents.pop()
                planner.taken.pop()
            return False
        for campaign in planner.operation.campaigns:
            for what, value in effect(campaign):
                planner.plan.effects[campaign.campaign_id].append(Effect(*found, what, value))
        return True
    alert = {
        "carrier": "WolkvoxFailedShareHigh",
        "answers": "WolkvoxAnswersLost",
        "dead": "WolkvoxFailedShareHigh",
        "machines": "WolkvoxMachineShareHigh",
        "few": "WolkvoxContactRateLow",
        "hits": "WolkvoxHitRateLow",
    }[kind.partition(" ")[0]]
    enough = (lambda c: c.pace * c.shares["answer"] * c.hit_share >= 8) if kind.startswith("hits") else _fast
    long = not kind.startswith(("carrier", "answers"))
    return bool(
        planner.one(
            kind,
            enough,
            (150, 230) if long else (60, 150),
            effect,
            must="warn",
            tells=(alert, "WolkvoxContactRateLow") if kind.startswith("answers") else (alert,),
            may=BAD_RESULTS,
            minutes=lambda _: 120 if kind.startswith("hits") else 60,
            least_day=3,
        )
    )


def _refilled(planner: Planner, kind: str) -> bool:
    """A list whose dead numbers are those of the list before it."""
    rng = planner.rng
    campaign, day = planner.campaign(lambda c: _fast(c) and c.pace < 800), planner.day(4)
    if campaign is None or day + 1 >= planner.days:
        return False
    first, second = (planner.windows.get((campaign.campaign_id, day + more)) for more in (0, 1))
    if not first or not second:
        return False
    begin, refill, end = first[0][0], second[0][0] - 10, second[0][0] + 180
    if not planner.take(campaign.campaign_id, begin, end, room=90):
        return False
    share = rng.uniform(0.4, 0.55)
    shares = {
        _FAILED: share,
        "answer": campaign.shares["answer"] * (1 - share),
        _MACHINE: campaign.shares[_MACHINE] * 0.5,
    }
    name = campaign.campaign_id
    size = round(campaign.pace * 20)
    planner.plan.effects[name].append(Effect(begin, end, "shares", shares))
    planner.plan.changes[name] += [ListChange(begin - 5, "load", size), ListChange(refill, "load", size)]
    planner.incident(
        "dead numbers, before the refill",
        (name,),
        begin,
        first[-1][1],
        must="warn",
        tells=("WolkvoxFailedShareHigh",),
        may=BAD_RESULTS,
        minutes=90,
    )
    planner.incident(
        kind,
        (name,),
        second[0][0],
        end,
        must="warn",
        tells=("WolkvoxRefilledListUnreachable",),
        may=BAD_RESULTS,
        minutes=90,
    )
    return True


def _cleared(planner: Planner, kind: str) -> bool:
    placed = planner.one(
        kind,
        lambda campaign: _scheduled(campaign) and campaign.kind == "predictive",
        (60, 200),
        lambda _: (),
        must="warn",
        tells=("WolkvoxListEmpty",),
        may=("WolkvoxCampaignStalled", "WolkvoxCallsFallen", "WolkvoxListExhausted"),
        minutes=lambda campaign: campaign.hours.tolerance_minutes + 15,
        list_lasts=False,
    )
    if placed:
        campaign, begin, end = placed
        planner.plan.changes[campaign.campaign_id] += [
            ListChange(begin, "clear"),
            ListChange(end, "load", campaign.size),
        ]
    return bool(placed)


def _setting(planner: Planner, kind: str) -> bool:
    """One setting is wrong for some time."""
    effect, tells, may, must, minutes = {
        "skill changed": (("skill", "4999"), ("WolkvoxSkillChanged",), (), "warn", 20),
        "speed 0": (
            ("speed", "0%"),
            ("WolkvoxSpeedZero",),
            ("WolkvoxCampaignStalled", "WolkvoxCallsFallen"),
            "warn",
            25,
        ),
        "speed too high": (("speed", "180%"), ("WolkvoxSpeedOutOfPolicy",), (), "warn", 30),
    }[kind]
    return bool(
        planner.one(
            kind,
            lambda campaign: campaign.pace >= 60 and campaign.kind == "predictive",
            (40, 120),
            lambda _: (effect,),
            must=must,
            tells=tells,
            may=may,
            minutes=lambda _: minutes,
        )
    )


def _over_limit(planner: Planner, kind: str) -> bool:
    spare = next((campaign for campaign in planner.operation.campaigns if campaign.spare), None)
    found = spare and planner.within(planner.operation.campaigns[0], planner.day(), 60, 120)
    # All others must be started for it to be one too many.
    if not spare or not found or not planner.take_all(*found):
        return False
    planner.plan.effects[spare.campaign_id].append(Effect(*found, "on", 1))
    planner.plan.changes[spare.campaign_id].append(ListChange(found[0] - 5, "load", spare.size))
    planner.incident(
        kind,
        (),
        *found,
        must="warn",
        tells=("WolkvoxPredictivesOverLimit",),
        may=("WolkvoxPredictivesOverLimit",),
        minutes=25,
    )
    planner.incident(
        "the spare campaign is stopped",
        (spare.campaign_id,),
        found[1],
        found[1] + 300,
        must="may",
        tells=("WolkvoxCampaignStoppedUnscheduled",),
        minutes=300,
    )
    return True


def _blind(planner: Planner, kind: str) -> bool:
    rng = planner.rng
    tells, trouble = {
        "wolkvox does not answer": (("WolkvoxDataStale",), ("fault", rng.choice(("timeout", "connection")))),
        "wolkvox is in maintenance": (
            ("WolkvoxDataStale",),
            ("refusal", (403, '{"code":"403","error":"Forbidden","msg":"API DISABLED DURING BACKUP"}')),
        ),
        "the token is refused": (
            ("WolkvoxTokenRejected", "WolkvoxDataStale"),
            ("refusal", (403, '{"code":"403","error":"Forbidden","msg":"PLEASE VALIDATE TOKEN"}')),
        ),
    }[kind]
    found = planner.whole(
        kind, (35, 120), must="page", tells=tells, may=("WolkvoxDataStale", "WolkvoxPollSlow"), minutes=25
    )
    if not found:
        return False
    planner.plan.troubles.append(Trouble(*found, *trouble))
    return True


def _exporter_down(planner: Planner, kind: str) -> bool:
    found = planner.whole(
        kind,
        (15, 40),
        must="page",
        tells=("WolkvoxExporterDown",),
        may=("WolkvoxOperationBlind", "WolkvoxDataStale"),
        minutes=12,
    )
    if found:
        planner.plan.troubles.append(Trouble(*found, "process", "kill"))
    return bool(found)


Place = Callable[[Planner, str], bool]

_KINDS: Sequence[tuple[str, float, Place]] = (
    # How many of each an operation has in thirty days, and where they may lie.
    ("half of the operation stopped", 1, _all_stopped),
    ("the operation not started", 0.5, _all_stopped),
    ("no agents", 0.8, _calm),
    ("calls of the operation fall", 0.6, _calm),
    ("carrier of the operation fails", 0.8, _results),
    ("answers lost in the operation, first week", 0.4, _results),
    ("answers lost in the operation", 0.6, _results),
    ("wolkvox does not answer", 0.6, _blind),
    ("wolkvox is in maintenance", 0.3, _blind),
    ("the token is refused", 0.3, _blind),
    ("the exporter is down", 0.4, _exporter_down),
    ("more predictives than licences", 2, _over_limit),
    ("stopped for hours", 0.7, _stopped),
    ("stopped", 2.5, _stopped),
    ("stopped, with troubles", 1.2, _stopped_with_troubles),
    ("stopped while only retries were left", 0.8, _stopped_while_retrying),
    ("not started", 1.2, _not_started),
    ("stalled", 2, _stalled),
    ("stalled, few calls", 1, _stalled),
    ("stopped without a schedule", 5, _unscheduled),
    ("stalled without a schedule", 3, _unscheduled),
    ("calls of a campaign fall", 0.8, _campaign_calls_fall),
    ("dials beyond its hours", 0.7, _outside),
    ("dials at night", 0.5, _outside),
    ("dials on a free day", 0.7, _outside),
    ("carrier of a campaign fails", 0.5, _results),
    ("answers lost in a campaign", 0.7, _results),
    ("dead numbers", 0.7, _results),
    ("machines", 0.7, _results),
    ("few answers", 0.7, _results),
    ("hits fall", 0.7, _results),
    ("refilled with the same numbers", 0.6, _refilled),
    ("list cleared", 0.7, _cleared),
    ("skill changed", 0.7, _setting),
    ("speed 0", 0.6, _setting),
    ("speed too high", 0.4, _setting),
)


def plan(operation: Operation, seed: int, start: float, days: int, density: float = 1.0) -> Plan:
    """Return all that happens in an operation; `density` is how many times as many incidents as usual."""
    planner = Planner(operation, seed, start, days, density)
    planner.wrong()
    planner.live()
    last = start + days * DAY_MINUTES * 60
    # What begins so late that the month ends before somebody must know is no incident of this month.
    planner.plan.incidents = sorted(
        (one for one in planner.plan.incidents if max(one.due, one.begin) < last - 600),
        key=lambda incident: incident.begin,
    )
    return planner.plan


def counts(incidents: Iterable[Incident]) -> Mapping[str, int]:
    """Return how many there are of each kind."""
    found: dict[str, int] = {}
    for incident in incidents:
        found[incident.kind] = found.get(incident.kind, 0) + 1
    return found
