"""The exporter, or a simulator of wolkvox, by a clock of another pace, the same in both processes.

`paced.py simulate PORT PACE ORIGIN OPERATIONS CAMPAIGNS` or `paced.py serve PORT PACE ORIGIN CONFIG COSTS`.
PACE is how many seconds of the clock pass in a real one, ORIGIN when it began (time.monotonic); it began at
10:00 on a Wednesday. At its end the exporter writes to COSTS what its polls have cost.
"""

import json
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Any

from exporter.clock import SystemClock
from exporter.commands.support import service_runner
from exporter.commands.support.simulated_clock import SimulatedClock
from exporter.config import load_config
from exporter.metrics.exposition import Exposition, OperationWriter
from exporter.metrics.selection import EVERYTHING
from exporter.polling import OperationPoller
from exporter.polling.archive import Archive
from exporter.service import Service
from exporter.simulator import Simulator, SimulatorSettings
from exporter.simulator.hours import default_start
from exporter.state.opening import open_store
from exporter.state.sqlite import SqliteStore
from exporter.wolkvox import Client

START = default_start("America/Bogota")


class Costs:
    """CPU seconds, and how often, by the API that is polled and the part of the work.

    The parts are told apart where one operation is polled, and nobody scrapes meanwhile.
    """

    def __init__(self) -> None:
        self.spent: defaultdict[str, list[float]] = defaultdict(lambda: [0.0, 0])
        self._polled = ""

    def count(self) -> None:
        """Count from now on."""
        OperationPoller.poll = self._polling(OperationPoller.poll)  # type: ignore[method-assign]
        for kind, names, part in (
            (Client, "fetch", "answer"),
            (OperationPoller, "_remembered", "memory"),
            (SqliteStore, "acquire release write count changes read", "store"),
            (Archive, "outcome_records", "store"),
            (OperationWriter, "_judge", "judgement"),
            (Exposition, "refresh", "lines"),
            (Exposition, "_encode", "encoding"),
        ):
            for name in names.split():
                setattr(kind, name, self._counted(getattr(kind, name), part))

    def _add(self, part: str, seconds: float) -> None:
        one = self.spent[f"{self._polled} {part}"]
        one[0] += seconds
        one[1] += 1

    def _polling(self, poll: Callable[[OperationPoller, str, int], float]) -> Any:  # noqa: ANN401 - a method
        def counted(poller: OperationPoller, api: str, missed: int) -> float:
            self._polled = api
            # Of all threads, because the store and the resolver have their own.
            began = time.process_time()
            try:
                return poll(poller, api, missed)
            finally:
                self._add("poll", time.process_time() - began)

        return counted

    def _counted(self, method: Callable[..., Any], part: str) -> Callable[..., Any]:
        @wraps(method)
        def counted(*given: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever the method takes and gives
            began = time.thread_time()
            try:
                return method(*given, **named)
            finally:
                if part != "encoding" or EVERYTHING in given:
                    self._add(part, time.thread_time() - began)

        return counted


def main(what: str, port: str, pace: float, origin: float, *more: str) -> None:
    """Simulate or serve until SIGTERM."""
    clock = SimulatedClock(START + (time.monotonic() - origin) * pace, pace)
    if what == "simulate":
        settings = SimulatorSettings(
            operations=int(more[0]),
            campaigns=int(more[1]),
            start=datetime.fromtimestamp(START, UTC),
            latency=0,
            licences=100_000,
        )
        with Simulator(settings, ("127.0.0.1", int(port)), lambda: clock.now().wall, pace):
            threading.Event().wait()
    costs = Costs()
    costs.count()
    config = load_config(Path(more[0]))
    # Leases last as long as calls do, which are no quicker here.
    store = open_store(config.state, SystemClock())
    service = Service(config, store, clock, pace=pace)
    service_runner.run(service_runner.Serving(service, [f"127.0.0.1:{port}"], lambda *_: None))
    store.close()
    Path(more[1]).write_text(json.dumps(costs.spent))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]), float(sys.argv[4]), *sys.argv[5:])
