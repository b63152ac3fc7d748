"""A shared store that loses its data under running exporters: no two calls of a token at once."""

import contextlib
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from exporter.simulator import Fault
from integration.test_replicas import INTERVAL, OUT_OF_LUCK, learns, success
from support.programs import program
from support.redis import redis_server
from support.sharing import SharedFloor, value
from support.waiting import until

pytestmark = pytest.mark.integration


def test_a_store_that_loses_its_data_costs_no_two_calls_at_once(tmp_path: Path) -> None:
    # Both at the same time: each waits for the length of a lease, which is 90 s.
    with ThreadPoolExecutor() as pool:
        for done in [pool.submit(lose_data, tmp_path / kind, kind) for kind in ("redis", "sqlite")]:
            done.result()


def lose_data(folder: Path, kept_in: str) -> None:
    """Let three exporters run, and take the data of their store away while one makes a call."""
    folder.mkdir()
    with contextlib.ExitStack() as stack:
        file = folder / "shared" / "state.db"
        if kept_in == "redis":
            redis = stack.enter_context(redis_server(folder / "redis"))
            url = redis.url
        else:
            url = f"sqlite://{file}"
        floor = stack.enter_context(SharedFloor(folder, url, campaigns=f"{INTERVAL}s"))
        (name,), (operation,) = floor.names, floor.simulator.operations
        floor.simulator.faults.set(Fault("slow", seconds=1.5))
        running = [stack.enter_context(floor.exporter()) for _ in range(3)]
        for one in running:
            learns(one, name)
        calls = floor.calls("campaigns")
        until(lambda: floor.calls("campaigns") > calls, 60, "a call that is under way")
        if kept_in == "redis":
            subprocess.run([program("redis-cli"), "-p", str(redis.port), "FLUSHALL"], check=True, timeout=60)
        else:
            for path in file.parent.glob("state.db*"):
                path.unlink()
        for one in running:
            until(lambda one=one: value(one, "wolkvox_exporter_state_losses_total"), 120, "the loss")  # type: ignore[misc]
        lost = time.time()
        for one in running:
            learns(one, name, lost, OUT_OF_LUCK)
        at = success(running[0], name)
        for one in running:
            assert value(one, "wolkvox_exporter_state_up") == 1
            learns(one, name, at + INTERVAL)
        assert floor.simulator.max_in_flight(operation.token) == 1
