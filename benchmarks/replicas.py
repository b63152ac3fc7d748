"""What thousands of operations cost a Redis and the replicas that share it.

Virtual time, and a real Redis that the script starts: every replica runs the real service, its timetable
moved on by hand (tests/simulation). After a warm-up of one interval, in which everything is polled once, one
more interval is measured. Usage: replicas.py [OPERATIONS] [CAMPAIGNS] [REPLICAS].
"""

import logging
import random
import re
import resource
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import redis

from exporter.apis import BY_NAME
from exporter.config import ApiSettings, CampaignFilter, Config, Operation, Secret, StatePlace
from exporter.state.redis import RedisStore
from scripts.virtual_time import OwnClock, VirtualTime
from simulation import vendor as simulated
from simulation.replica import Network, Replica
from simulation.vendor import Flight, Tenant, Vendor
from simulation.world import EPOCH
from support.fakes import campaign_settings_row, campaigns_row
from support.redis import redis_server

INTERVAL = 300.0
ASKED = {"cmdstat_evalsha", "cmdstat_get", "cmdstat_hmget"}


class Watcher:
    """Counts what happens at the same time."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.under_way: Counter[str] = Counter()
        self.most: Counter[str] = Counter()

    def begun(self, flight: Flight, _others: list[Flight]) -> None:
        """Count a call that begins."""
        name = flight.replica.name
        self.calls[name] += 1
        self.under_way[name] += 1
        self.most[name] = max(self.most[name], self.under_way[name])

    def ended(self, flight: Flight) -> None:
        """Count a call that has ended."""
        self.under_way[flight.replica.name] -= 1

    def polled(self, *_: object) -> None:
        """Nothing to do."""

    def disturbed(self) -> None:
        """Nothing to do."""


def operation(number: int) -> Operation:
    """Return an operation with a token of its own and the APIs that are on by default."""
    apis = {name: ApiSettings(api.enabled, api.interval, api.interval * 3) for name, api in BY_NAME.items()}
    return Operation(
        name=f"operation-{number}",
        base_url=f"https://wv{number}.example",
        token=Secret(text=f"fake-token-{number}"),
        licences=25,
        timezone=ZoneInfo("America/Bogota"),
        quota_reserve=0.5,
        apis=apis,
        campaigns=CampaignFilter((re.compile(".*"),), (), 2000),
    )


def main(operations: int, campaigns: int, replicas: int) -> None:
    """Run, measure and print."""
    random.seed(1)
    logging.disable(logging.CRITICAL)
    ids = range(10_000, 10_000 + campaigns)
    lists = {
        "campaigns": [campaigns_row(f"{number} - VENTAS {number}") for number in ids],
        "campaign_settings": [
            campaign_settings_row(campaign_id=str(number), campaign_name=f"VENTAS {number}") for number in ids
        ],
        "services": [BY_NAME["services"].example],
    }
    simulated._LISTS = lists  # noqa: SLF001 - longer ones than the simulation has
    stage, watcher = VirtualTime(), Watcher()
    floor = [operation(number) for number in range(operations)]
    tenants = {one.token.read(): Tenant(one.token.read(), one.timezone, 25_000) for one in floor}
    vendor = Vendor(stage, EPOCH, tenants, watcher.begun, watcher.ended)
    with tempfile.TemporaryDirectory() as folder, redis_server(Path(folder)) as server:
        store, client = RedisStore(server.url, timeout=60), redis.Redis(port=server.port)
        config = Config(tuple(floor), state=StatePlace(redis_url=server.url))
        processes = [
            Replica(
                name=f"replica-{number}",
                config=config,
                time=stage,
                clock=OwnClock(stage, EPOCH, random.uniform(-0.02, 0.02), 1000.0 * number),
                network=Network(store),
                vendor=vendor,
                watcher=watcher,
            )
            for number in range(replicas)
        ]
        for process in processes:
            stage.at(random.uniform(0, 2), process.start)
        stage.run(INTERVAL + 5)
        watcher.calls.clear()
        watcher.most.clear()
        client.config_resetstat()
        began = time.process_time()
        stage.run(2 * INTERVAL + 5)
        cpu = time.process_time() - began
        seen = {**client.info("stats"), **client.info("memory"), **client.info("commandstats")}
        # What the scripts do inside is counted there by name as well, but is no command of a client.
        asked = [value for name, value in seen.items() if name in ASKED]
    print(f"{operations} operations x {campaigns} campaigns, {replicas} replicas, {INTERVAL:.0f} s")
    print(f"  calls to the vendor   {sum(watcher.calls.values()) / INTERVAL:8.1f} a second")
    print(f"  by replica            {', '.join(str(count) for _, count in sorted(watcher.calls.items()))}")
    print(f"  most calls at once    {max(watcher.most.values()):8d} threads of a replica")
    print(f"  commands to Redis     {sum(one['calls'] for one in asked) / INTERVAL:8.1f} a second")
    print(f"  time of Redis         {sum(one['usec'] for one in asked) / 1e6 / INTERVAL:8.2%} of a core")
    print(f"  to Redis              {seen['total_net_input_bytes'] / INTERVAL / 1e6:8.2f} MB a second")
    print(f"  from Redis            {seen['total_net_output_bytes'] / INTERVAL / 1e6:8.2f} MB a second")
    print(f"  memory of Redis       {seen['used_memory'] / 1e6:8.0f} MB")
    print(f"  CPU of polling        {cpu / INTERVAL / replicas:8.2%} of a core in each replica")
    print(f"  memory of all of it   {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:8.0f} MB")


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(*(given or [500, 20, 3]))
