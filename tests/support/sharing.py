"""A simulated vendor and exporters that share a state, for the tests of restarts and replicas."""

import contextlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from exporter.simulator import SimulatorSettings
from support.exporter import Exporter, exporter
from support.simulator import Simulator


class SharedFloor:
    """A simulator, and one configuration for all exporters of a test.

    `intervals` are by API, as in config.yaml.
    """

    def __init__(self, folder: Path, state_url: str, *, operations: int = 1, **intervals: str) -> None:
        self.simulator = Simulator(SimulatorSettings(operations=operations, campaigns=3))
        self.names = [operation.name for operation in self.simulator.operations]
        self.state_url = state_url
        self._folder = folder
        self._intervals = intervals
        self._started = 0

    def __enter__(self) -> Self:
        self.simulator.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.simulator.stop()

    @contextlib.contextmanager
    def exporter(self) -> Iterator[Exporter]:
        """Run one more exporter of this floor while the block runs."""
        apis = {
            name: {"enabled": name in self._intervals, "interval": self._intervals.get(name, "1h")}
            for name in ("campaigns", "campaign_settings", "token_info", "machine_codes")
        }
        config = {
            "state": {"url": self.state_url},
            "operations": [
                {
                    "name": operation.name,
                    "base_url": self.simulator.url,
                    "token": operation.token,
                    "licences": operation.licences,
                    "timezone": operation.timezone,
                    "apis": apis,
                }
                for operation in self.simulator.operations
            ],
        }
        self._started += 1
        folder = self._folder / f"exporter-{self._started}"
        folder.mkdir(parents=True)
        file = folder / "config.yaml"
        file.write_text(json.dumps(config))  # JSON is YAML
        with exporter("serve", folder, f"--config.file={file}") as running:
            yield running

    def calls(self, api: str, operation: str | None = None) -> int:
        """Return the calls that have arrived."""
        return len(self.simulator.requests.all(operation or self.names[0], api))


def value(running: Exporter, family: str, *labels: str) -> float | None:
    """Return the value of the one sample with these label pairs (`api="campaigns"`), None without."""
    for line in running.metrics().splitlines():
        match = re.fullmatch(rf"{family}(?:\{{(.*)\}})? (\S+)", line)
        if match and all(label in (match[1] or "") for label in labels):
            return float(match[2])
    return None
