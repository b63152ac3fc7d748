"""A simulated world: operations, tokens and replicas, and the troubles that a seed sends them."""

import logging
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from exporter.apis import BY_NAME
from exporter.config import ApiSettings, CampaignFilter, Config, Operation, Secret, StatePlace
from exporter.state import MemoryStore
from exporter.wolkvox import Cause
from scripts.virtual_time import OwnClock, VirtualTime
from simulation.replica import Network, Replica
from simulation.rules import Rules
from simulation.vendor import Tenant, Vendor

EPOCH = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
DAY = 86400.0
_ZONES = ("America/Bogota", "America/Santiago", "America/Mexico_City", "America/New_York", "Europe/Madrid")
_FAULTS = (
    Cause.CONNECTION,
    Cause.TIMEOUT,
    Cause.HTTP_STATUS,
    Cause.AUTH,
    Cause.CONCURRENCY,
    Cause.FORBIDDEN,
    Cause.DECODE,
)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a world is made of. `between` are the seconds between two troubles, on average."""

    days: float
    interval: float
    between: float
    replicas: int = 3
    reserve: float = 0.5


class _Defects(logging.Handler):
    """Turns what the engine logs as a defect into a violation."""

    def __init__(self, rules: Rules) -> None:
        super().__init__(logging.ERROR)
        self._rules = rules

    def emit(self, record: logging.LogRecord) -> None:
        self._rules.violations.append(self.format(record))


class World:
    """Everything, from the seed to the last call."""

    def __init__(self, seed: int, plan: Plan) -> None:
        random.seed(seed)
        self._plan = plan
        self.time = VirtualTime()
        operations, tenants = _floor(plan)
        self.rules = Rules(self.time, operations)
        self.vendor = Vendor(self.time, EPOCH, tenants, self.rules.begun, self.rules.ended)
        self.rules.vendor = self.vendor
        self._memory = MemoryStore(lambda: self.time.now)
        self._network = Network(self._memory)
        # Replicas that share a Redis put their turns off at random; a single process does not.
        place = StatePlace(redis_url="redis://not-asked.example") if plan.replicas > 1 else StatePlace()
        config = Config(tuple(operations), state=place)
        self.replicas = [
            Replica(
                name=f"replica-{number}",
                config=config,
                time=self.time,
                clock=OwnClock(self.time, EPOCH, random.uniform(-2, 2), random.uniform(0, 1e6)),
                network=self._network,
                vendor=self.vendor,
                watcher=self.rules,
            )
            for number in range(plan.replicas)
        ]
        self._down_until = 0.0
        self.troubles: dict[str, int] = {}

    def run(self) -> None:
        """Live through the plan's days."""
        handler = _Defects(self.rules)
        logger = logging.getLogger("exporter")
        level = logger.level
        logger.addHandler(handler)
        logger.setLevel(logging.ERROR)
        try:
            for replica in self.replicas:
                self.time.at(random.uniform(0, 60), replica.start)
            self._next_trouble()
            self._look()
            self.time.run(self._plan.days * DAY)
        finally:
            logger.removeHandler(handler)
            logger.setLevel(level)

    def _look(self) -> None:
        """Hold the rule of the longest wait, several times an interval."""
        if not any(replica.awake and not replica.cut_off for replica in self.replicas) or self._network.down:
            self.rules.disturbed()
        for token, tenant in self.vendor.tenants.items():
            if tenant.fault or tenant.slow:
                self.rules.disturbed(token)
        self.rules.look()
        self.time.at(self.time.now + self._plan.interval / 5, self._look)

    def _next_trouble(self) -> None:
        self.time.at(self.time.now + random.expovariate(1 / self._plan.between), self._trouble)

    def _trouble(self) -> None:
        trouble = random.choice(_TROUBLES)
        self.troubles[trouble.__name__] = self.troubles.get(trouble.__name__, 0) + 1
        trouble(self)
        self._next_trouble()

    def some_replica(self) -> Replica:
        """Return one of the replicas."""
        return random.choice(self.replicas)

    def some_tenant(self) -> Tenant:
        """Return one of the tenants."""
        return random.choice(list(self.vendor.tenants.values()))

    def later(self, low: float, high: float, action: Callable[[], None]) -> None:
        """Do something after between `low` and `high` seconds."""
        self.time.at(self.time.now + random.uniform(low, high), action)

    def restart(self, replica: Replica) -> None:
        """Start a replica unless it runs."""
        if not replica.alive:
            replica.start()

    def kill(self, replica: Replica, low: float = 0.0, high: float = 1800.0) -> None:
        """Kill a replica and start it again some time later."""
        if replica.alive:
            replica.kill()
        self.later(low, high, lambda: self.restart(replica))

    def network(self, *, down: bool) -> None:
        """Let the shared store go away for all, or come back."""
        self._network.down = down
        self.rules.disturbed()

    def forget(self) -> None:
        """Let the shared store lose all it knows."""
        self._memory._leases.clear()
        self._memory._counts.clear()
        for scope in self._memory._scopes.values():
            scope.records.clear()
        for replica in self.replicas:
            replica.disturbed = self.time.now
        self.rules.state_lost()
        self.rules.disturbed()


def _floor(plan: Plan) -> tuple[list[Operation], dict[str, Tenant]]:
    """Return five operations on three tokens, two of them with two operations each."""
    operations: list[Operation] = []
    tenants: dict[str, Tenant] = {}
    for number, (members, late_hours) in enumerate(((2, 0.0), (2, 2.0), (1, -5.0))):
        token = f"fake-token-{number}"
        licences = 1 if number != 1 else None
        zone = ZoneInfo(random.choice(_ZONES))
        tenants[token] = Tenant(token, zone, 1000, late_hours)
        operations += [
            Operation(
                name=f"operation-{number}-{member}",
                base_url=f"https://wv{number}{member}.example",
                token=Secret(text=token),
                licences=licences,
                timezone=zone,
                quota_reserve=plan.reserve,
                apis={
                    **dict.fromkeys(BY_NAME, _every(plan.interval, enabled=False)),
                    "campaigns": _every(plan.interval),
                    "campaign_settings": _every(plan.interval),
                    "token_info": _every(plan.interval * random.choice((1, 2))),
                    "machine_codes": _every(plan.interval * 2, enabled=number == 2 or member == 1),
                    "campaign_results": _every(plan.interval, enabled=number == 0 and member == 0),
                    "services": _every(plan.interval * 4, enabled=number == 0),
                    "audit_log": _every(plan.interval, enabled=number == 1 and member == 1),
                },
                campaigns=CampaignFilter((re.compile(".*"),), (), 2000),
            )
            for member in range(members)
        ]
    return operations, tenants


def _every(interval: float, *, enabled: bool = True) -> ApiSettings:
    return ApiSettings(enabled, interval, interval * 3)


def kill(world: World) -> None:
    """Any moment may be the last of a process."""
    replica = world.some_replica()
    world.kill(replica)


def kill_at_the_store(world: World) -> None:
    """Between the note and the call, or between the answer and its record."""
    replica = world.some_replica()
    replica.kill_soon()
    world.later(600, 3600, lambda: world.restart(replica))


def crash_loop(world: World) -> None:
    """A supervisor that starts it again and again."""
    replica = world.some_replica()
    for number in range(random.randrange(3, 15)):
        world.time.at(world.time.now + number * random.uniform(1, 20), lambda: world.kill(replica, 0.5, 1))


def freeze(world: World) -> None:
    """SIGSTOP, a paused machine, a full swap."""
    world.some_replica().freeze(random.uniform(5, 900))


def freeze_at_the_store(world: World) -> None:
    """The worst moment to be frozen."""
    world.some_replica().freeze_soon(random.uniform(5, 900))


def outage_of_the_vendor(world: World) -> None:
    """One tenant's server is broken, or its answers are, all or some."""
    tenant = world.some_tenant()
    tenant.fault, tenant.share = random.choice(_FAULTS), random.choice((1.0, 0.3))

    def end() -> None:
        tenant.fault = None
        world.rules.disturbed(tenant.token)

    world.later(300, 6 * 3600, end)


def slow_vendor(world: World) -> None:
    """Answers take up to a minute."""
    tenant = world.some_tenant()
    tenant.slow = True

    def end() -> None:
        tenant.slow = False
        world.rules.disturbed(tenant.token)

    world.later(300, 3 * 3600, end)


def outage_of_the_store(world: World) -> None:
    """Redis is down."""
    world.network(down=True)
    world.later(30, 2 * 3600, lambda: world.network(down=False))


def partition(world: World) -> None:
    """One replica cannot reach Redis."""
    replica = world.some_replica()
    replica.cut_off = True

    def end() -> None:
        replica.cut_off = False

    world.later(30, 2 * 3600, end)


def loss_of_the_state(world: World) -> None:
    """Redis was restarted, and keeps nothing on a disk."""
    world.forget()


def other_limit(world: World) -> None:
    """The customer buys licences, or gives some back."""
    world.some_tenant().limit = random.choice((400, 700, 1000, 2000))


def busy_others(world: World) -> None:
    """Somebody's script uses up what is left of the day."""
    tenant = world.some_tenant()
    tenant.others = random.choice((tenant.limit // 2, tenant.limit))


_TROUBLES: tuple[Callable[[World], None], ...] = (
    kill,
    kill,
    kill_at_the_store,
    kill_at_the_store,
    crash_loop,
    freeze,
    freeze_at_the_store,
    outage_of_the_vendor,
    outage_of_the_vendor,
    slow_vendor,
    outage_of_the_store,
    partition,
    loss_of_the_state,
    other_limit,
    busy_others,
    busy_others,
)
