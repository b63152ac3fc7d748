"""What the exporter costs before it does anything: CPU until the first /metrics, and memory when idle.

Goals: under 0.5 s of CPU, at most 1.6 times the bare import of its three core libraries; under 45 MB resident
with 100 campaigns that were polled. Best of several runs, because other work only ever adds to them. All have
their bytecode, as pip and the image leave it: a run that does not count makes it, whatever the environment
says of bytecode.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.request import ProxyHandler, build_opener

from exporter.simulator import Simulator, SimulatorSettings

RUNS = 5
CAMPAIGNS = 100
BARE = "import prometheus_client, requests, yaml"
CPU_GOAL, RATIO_GOAL, MEMORY_GOAL = 0.5, 1.6, 45.0
WITHIN = 60.0

_ask = build_opener(ProxyHandler({})).open  # past any proxy of the environment


def with_bytecode(folder: Path) -> dict[str, str]:
    """Return an environment in which Python keeps its bytecode in a folder."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": str(folder / "bytecode")}


def cpu_of_the_bare_import(env: Mapping[str, str]) -> float:
    """Return the CPU seconds of a process that imports the core libraries and ends."""
    process = subprocess.Popen([sys.executable, "-c", BARE], env=env)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"the core libraries cannot be imported: exit code {process.returncode}")
    return used.ru_utime + used.ru_stime


class Started:
    """An exporter that polls a simulator."""

    def __init__(self, folder: Path, simulator: Simulator, env: Mapping[str, str]) -> None:
        operation = {"name": "a", "base_url": simulator.url, "token": simulator.operations[0].token}
        config = folder / "config.yaml"
        config.write_text(json.dumps({"operations": [operation]}))
        log = folder / "log"
        with log.open("wb") as stream:
            self.process = subprocess.Popen(
                [
                    sys.executable, "-m", "exporter", "serve",
                    f"--config.file={config}", "--web.listen-address=127.0.0.1:0",
                ],
                stderr=stream,
                env={**env, "XDG_STATE_HOME": str(folder)},
            )  # fmt: skip
        end = time.monotonic() + WITHIN
        while not (found := re.search(r"address=(127\.0\.0\.1:\d+)", log.read_text())):
            if time.monotonic() > end or self.process.poll() is not None:
                sys.exit(f"it does not listen:\n{log.read_text()}")
            time.sleep(0.002)
        self.url = f"http://{found[1]}/metrics"

    def metrics(self) -> str:
        """Return the exposition."""
        with _ask(self.url, timeout=WITHIN) as answer:
            return str(answer.read().decode())

    def cpu(self) -> float:
        """Return the CPU seconds of all its threads so far, ended ones too, to the nanosecond."""
        # Linux makes the number of a process's clock of its id, see clock_getcpuclockid(3).
        return time.clock_gettime(~self.process.pid << 3 | 2)

    def megabytes(self) -> float:
        """Return its resident memory in MB of 10^6 bytes."""
        (kib,) = re.findall(r"VmRSS:\s+(\d+)", Path(f"/proc/{self.process.pid}/status").read_text())
        return int(kib) * 1024 / 1e6

    def wait_until_polled(self) -> None:
        """Wait for the figures of all campaigns and of the token."""
        end = time.monotonic() + WITHIN
        while True:
            text = self.metrics()
            campaigns = text.count("\nwolkvox_campaign_records{")
            if campaigns >= CAMPAIGNS and 'wolkvox_up{operation="a",api="token_info"} 1' in text:
                return
            if time.monotonic() > end:
                sys.exit(f"only {campaigns} campaigns came")
            time.sleep(0.2)

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(WITHIN)


def start(env: Mapping[str, str]) -> tuple[float, float]:
    """Start an exporter; return the CPU seconds to the first /metrics, and the MB when idle."""
    settings = SimulatorSettings(operations=1, campaigns=CAMPAIGNS, events=False)
    with Simulator(settings) as simulator, tempfile.TemporaryDirectory() as folder:
        started = Started(Path(folder), simulator, env)
        try:
            started.metrics()
            cpu = started.cpu()
            started.wait_until_polled()
            return cpu, started.megabytes()
        finally:
            started.stop()


class Measured(NamedTuple):
    """CPU seconds of the bare import, CPU seconds to the first /metrics, and MB when idle."""

    bare: float
    cpu: float
    megabytes: float


def measure(runs: int = RUNS) -> Measured:
    """Return the best of several runs, the two kinds in turns."""
    with tempfile.TemporaryDirectory() as folder:
        env = with_bytecode(Path(folder))
        cpu_of_the_bare_import(env)
        start(env)
        found = [Measured(cpu_of_the_bare_import(env), *start(env)) for _ in range(runs)]
    return Measured(*(min(figures) for figures in zip(*found, strict=True)))


def main() -> int:
    """Print the figures; 1 when a goal is missed."""
    bare, cpu, megabytes = measure()
    print(f"bare import of the core libraries: {bare:.3f} s of CPU")
    print(f"start to the first /metrics:       {cpu:.3f} s of CPU (goal: under {CPU_GOAL} s)")
    print(f"                                   {cpu / bare:.2f} times the bare import (goal: {RATIO_GOAL})")
    print(f"resident, {CAMPAIGNS} campaigns polled:    {megabytes:.1f} MB (goal: under {MEMORY_GOAL} MB)")
    return 0 if cpu < CPU_GOAL and cpu / bare <= RATIO_GOAL and megabytes < MEMORY_GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
