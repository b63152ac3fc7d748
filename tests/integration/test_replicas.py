"""Three exporters on one Redis: one of them polls, one is killed, one is frozen and comes back."""

import contextlib
import math
import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from exporter.simulator import Fault
from support.exporter import Exporter
from support.redis import redis_server
from support.sharing import SharedFloor, value
from support.waiting import until

pytestmark = pytest.mark.integration

INTERVAL = 5
LEASE = 90
OUT_OF_LUCK = 240.0


def attempts(running: Exporter, operation: str) -> float:
    labels = (f'operation="{operation}"', 'api="campaigns"')
    return value(running, "wolkvox_requests_total", *labels) or 0.0


def success(running: Exporter, operation: str) -> float:
    labels = (f'operation="{operation}"', 'api="campaigns"')
    return value(running, "wolkvox_last_success_timestamp_seconds", *labels) or 0.0


def learns(running: Exporter, operation: str, after: float = 0.0, within: float = 60.0) -> None:
    """Wait until an exporter serves an answer that came after a Unix time."""
    until(lambda: success(running, operation) > after, within, f"an answer of {operation} after {after}")


def caught(floor: SharedFloor, running: Sequence[Exporter], operation: str, fault: Fault) -> Exporter:
    """Let the next call of an operation meet a fault, and return the exporter that is in the middle of it."""
    before = [attempts(one, operation) for one in running]
    active = floor.simulator.faults.set(fault, operation, "campaigns")
    until(lambda: active.used, 60, "a call that meets the fault")

    def asking() -> Exporter | None:
        # A call that had begun before the fault was set may be among them: the last one is meant.
        log = floor.simulator.requests.all(operation, "campaigns")
        if log[-1].ended is not None:
            return None
        more = [one for one, count in zip(running, before, strict=True) if attempts(one, operation) > count]
        return more[-1] if len(more) == 1 else None

    found = until(asking, 30, "the exporter in the middle of the call")
    assert found is not None
    return found


def test_who_dies_or_freezes_in_the_middle_of_a_call_is_replaced(tmp_path: Path) -> None:
    started = time.monotonic()
    with (
        redis_server(tmp_path / "redis") as redis,
        SharedFloor(tmp_path, redis.url, operations=2, campaigns=f"{INTERVAL}s") as floor,
        contextlib.ExitStack() as stack,
    ):
        first, second = floor.names
        running = [stack.enter_context(floor.exporter()) for _ in range(3)]
        for one in running:
            for name in floor.names:
                learns(one, name)

        killed = caught(floor, running, first, Fault("hang", times=1))
        killed.process.stop(signal.SIGKILL)
        left = [one for one in running if one is not killed]
        frozen = caught(floor, left, second, Fault("slow", times=1, seconds=20))
        os.kill(frozen.process.pid, signal.SIGSTOP)
        (last,) = (one for one in left if one is not frozen)
        at = {name: success(last, name) for name in floor.names}
        for name in floor.names:
            learns(last, name, at[name] + INTERVAL, OUT_OF_LUCK)

        newest = success(last, second)
        os.kill(frozen.process.pid, signal.SIGCONT)
        until(lambda: success(frozen, second) >= newest, 60, "what the other has learnt meanwhile")
        assert "came too late" in frozen.process.stderr.read_text()
        assert success(last, second) >= newest, "older figures have come back"
        # Both go on, together with one that is started anew and knows everything at once.
        with floor.exporter() as again:
            assert min(success(again, name) for name in floor.names) >= newest - 2 * INTERVAL
            learns(again, first, success(again, first))

        elapsed = time.monotonic() - started
        for operation in floor.simulator.operations:
            assert floor.simulator.max_in_flight(operation.token) == 1
            assert floor.calls("campaigns", operation.name) <= math.ceil(elapsed / INTERVAL) + 1
