"""What Prometheus would have stored: the exporter and the simulator run on a clock that a test moves.

The figures are those of the real exporter polling the real simulator over loopback; only the waiting is left
out, so that a day takes seconds. `blocks` turns it into a storage that a real Prometheus opens.
"""

import re
import subprocess
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from exporter.apis import APIS
from exporter.commands.support.simulator_setup import demo_config, demo_schedules
from exporter.config import Config
from exporter.metrics import Format
from exporter.service import Service
from exporter.simulator import Simulator, SimulatorSettings
from exporter.state import MemoryStore
from support.boards import JOB
from support.fakes import FakeClock, make_operation
from support.programs import program

INSTANCE = "exporter.example:10042"
POLL = 300.0
_HOUR = 3600.0

_LINE = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$")

Span = tuple[float, float]
"""From and to, in Unix seconds."""


@dataclass(slots=True)
class Recorder:
    """Gathers the samples of scrapes by series."""

    series: dict[str, dict[str, list[tuple[float, str]]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )

    def scraped(self, at: float, exposition: str) -> None:
        """Take an exposition (text format) as the answer of one scrape."""
        lines = [line for line in exposition.splitlines() if line and not line.startswith(("#", "python_"))]
        for line in lines:
            found = _LINE.match(line)
            assert found, line
            self.add(at, found[1], found[2] or "", found[3])
        self.add(at, "up", "", "1")
        self.add(at, "scrape_duration_seconds", "", "0.02")
        self.add(at, "scrape_samples_scraped", "", str(len(lines)))
        self.add(at, "scrape_samples_post_metric_relabeling", "", str(len(lines)))

    def add(self, at: float, family: str, labels: str, value: str, target: bool = True) -> None:
        """Take one sample; the labels as they are written, `target` adds those of the scrape."""
        own = f'job="{JOB}",instance="{INSTANCE}"' if target else ""
        self.series[family][",".join(filter(None, [own, labels]))].append((at, value))

    def lines(self, span: Span) -> Iterable[str]:
        """Yield the samples of a span as OpenMetrics text, grouped as it wants them."""
        for family, series in self.series.items():
            for labels, samples in series.items():
                yield from (
                    f"{family}{{{labels}}} {value} {at:.0f}\n"
                    for at, value in samples
                    if span[0] <= at < span[1]
                )
        yield "# EOF\n"

    def blocks(self, folder: Path, span: Span) -> None:
        """Write a span into a storage; `promtool` reads the text once a block, so spans are kept apart."""
        text = folder.with_name(f"{folder.name}-{span[0]:.0f}.txt")
        with text.open("w", encoding="utf-8") as file:
            file.writelines(self.lines(span))
        command = [
            program("promtool"),
            "tsdb",
            "create-blocks-from",
            "openmetrics",
            "--max-block-duration=24h",
        ]
        subprocess.run([*command, text, folder], check=True, capture_output=True, timeout=300)
        text.unlink()


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens at a Unix time."""

    at: float
    happens: Callable[[Simulator], None]


@dataclass(frozen=True, slots=True)
class Scenario:
    """What happens in a history: from `start` on everything lives, in `spans` it is polled and scraped.

    silent: when Prometheus got no answer of the exporter.
    """

    settings: SimulatorSettings
    start: float
    spans: Sequence[Span]
    events: Sequence[Event] = ()
    silent: Sequence[Span] = ()
    scrape: float = 150.0


def record(scenario: Scenario) -> Recorder:
    """Play a scenario and return what would have been scraped."""
    return play(scenario)[0]


def play(scenario: Scenario) -> tuple[Recorder, Service]:
    """Play a scenario and return what would have been scraped, and the exporter as it is at the end."""
    clock = FakeClock(scenario.start)
    recorder = Recorder()
    waiting = sorted(scenario.events, key=lambda event: event.at)
    with Simulator(scenario.settings, clock=lambda: clock.wall) as simulator:
        config = _unhurried(demo_config(simulator))
        store = MemoryStore(lambda: clock.monotonic)
        service = Service(config, store, clock, schedules=demo_schedules(simulator, config))
        for begin, end in scenario.spans:
            clock.advance(begin - clock.wall)
            next_poll = clock.wall
            while clock.wall < end:
                while waiting and waiting[0].at <= clock.wall:
                    waiting.pop(0).happens(simulator)
                if clock.wall >= next_poll:
                    _poll(service, clock.wall)
                    next_poll += POLL
                if any(since <= clock.wall < until for since, until in scenario.silent):
                    recorder.add(clock.wall, "up", "", "0")
                else:
                    recorder.scraped(clock.wall, service.render(Format.TEXT).decode())
                clock.advance(scenario.scrape)
    return recorder, service


def _poll(service: Service, wall: float) -> None:
    step = int(wall // POLL)
    for poller in service.pollers:
        for api in APIS:
            # What is asked once a day is asked once an hour, so that each span has it.
            turns = int(min(api.interval, _HOUR) // POLL)
            if api.by_campaign:
                # Each campaign's report once an interval, spread over it.
                calls = -(-len(poller.asked_for(api.name)) // turns)
            else:
                calls = int(step % turns == 0)
            for _ in range(calls):
                poller.poll_now(api.name)


def _unhurried(config: Config) -> Config:
    """Return the configuration of the demo, polled as often as a vendor may be asked."""
    apis = make_operation().apis
    return replace(config, operations=tuple(replace(operation, apis=apis) for operation in config.operations))
