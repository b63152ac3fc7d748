"""What a poll that lands costs, and the scrape after it; growth with operations; the size of a body.

Run with a name, it is the child that measures one thing and prints it.
"""

import gc
import gzip
import itertools
import json
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily

from exporter.apis import APIS, BY_NAME, CAMPAIGN_FAMILIES, PollContext, RowReader
from exporter.clock import SystemClock
from exporter.commands.support import service_runner
from exporter.judgement.view import Campaign, view
from exporter.metrics import Exposition, Format, ProcessMetrics
from exporter.metrics.content_encoding import GZIP_LEVEL, ZSTD_LEVEL, zstd
from exporter.schedules import ScheduleSet
from exporter.simulator import Simulator, SimulatorSettings
from exporter.snapshot import Listing, OperationSnapshot, PollStatus, Row, SnapshotCell, Snapshots
from exporter.state import Health
from exporter.wolkvox import Client

AGES = dict.fromkeys(BY_NAME, 900.0)
TURNS = 7


class Floor:
    """Operations with campaigns as the simulator shows them, and their exposition."""

    def __init__(self, operations: int, campaigns: int) -> None:
        self._rows = _rows(operations * campaigns)
        self._campaigns = campaigns
        self.entries = [SnapshotCell(self.snapshot(number, 0)) for number in range(operations)]
        names = [entry.snapshot.operation for entry in self.entries]
        self.board = Snapshots()
        self.exposition = Exposition(
            self.board,
            dict.fromkeys(names, AGES),
            {name: ScheduleSet.of([], ZoneInfo("UTC")) for name in names},
            ProcessMetrics(lambda: Health(up=True, losses=0)),
            SystemClock(),
        )
        self.board.replace(self.entries)

    def snapshot(self, number: int, turn: int) -> OperationSnapshot:
        """Return an operation after its `turn`-th poll, in which most figures have changed."""
        first = number * self._campaigns
        at = SystemClock().now()
        answers = {
            api: {"": Listing(at, tuple(_moved(row, turn) for row in rows[first : first + self._campaigns]))}
            for api, rows in self._rows.items()
        }
        polls = {e: PollStatus(300.0, up=True, last_success=at, requests=turn) for e in BY_NAME}
        return OperationSnapshot(f"operation-{number}", polls, answers)


def _rows(count: int) -> Mapping[str, list[Row]]:
    """Return rows as they come from a simulator of 10,000 campaigns at most, repeated under other ids."""
    context = PollContext(datetime.now(ZoneInfo("America/Bogota")))
    readers: dict[str, RowReader] = {}
    settings = SimulatorSettings(operations=1, campaigns=min(count, 10_000), events=False)
    with Simulator(settings) as simulator:
        client = Client(simulator.url)
        for api in (one for one in APIS if one.lists_campaigns):
            reader = readers[api.name] = api.reader(context)
            client.fetch(api.call(context), simulator.operations[0].token, reader.add)
    return {
        api: [
            replace(row, labels=(str(10_000 + number), *row.labels[1:]))
            for number, row in zip(range(count), reader.rows() * (count // 10_000 + 2), strict=False)
        ]
        for api, reader in readers.items()
    }


def _moved(row: Row, turn: int) -> Row:
    return replace(row, values=tuple(v + turn if isinstance(v, float) else v for v in row.values))


def cpu(work: Callable[[], object]) -> float:
    """Return the CPU seconds that something takes in this thread."""
    started = time.thread_time()
    work()
    return time.thread_time() - started


class _Library:
    """A custom collector of the client library with the same families and samples."""

    def __init__(self, campaigns: Iterable[Campaign]) -> None:
        self._campaigns = list(campaigns)

    def collect(self) -> Iterable[Metric]:
        """Give the families, made anew as such collectors do."""
        for family in CAMPAIGN_FAMILIES:
            made = GaugeMetricFamily(family.name, family.help_text, labels=family.label_names)
            for campaign in self._campaigns:
                for column in family.columns:
                    value = campaign.value(family.name, *column.labels)
                    if isinstance(value, Mapping):
                        for own, figure in value.items():
                            made.add_metric((*campaign.labels, *own), figure)
                    elif value is not None:
                        made.add_metric((*campaign.labels, *column.labels), value)
            yield made


def landing(campaigns: int) -> dict[str, float]:
    """Compare a poll that lands, and the scrape after it, with what the library takes for the samples."""
    floor = Floor(1, campaigns)
    entry = floor.entries[0]
    registry = CollectorRegistry()
    registry.register(_Library(view(entry.snapshot, AGES, SystemClock().now()).campaigns))  # type: ignore[arg-type]
    theirs = statistics.median(cpu(lambda: generate_latest(registry)) for _ in range(3))
    theirs_gzipped = cpu(lambda: gzip.compress(generate_latest(registry)))  # as the library does it
    # As `serve` runs; the library was measured as Python starts.
    gc.set_threshold(*service_runner._GC_THRESHOLDS)  # noqa: SLF001 - what is measured is the program as it runs
    poll, first = [], []
    floor.exposition.render(Format.TEXT)
    for turn in range(1, TURNS + 1):
        news = floor.snapshot(0, turn)
        entry.update(lambda _, news=news: news)
        poll.append(cpu(lambda news=news: floor.exposition.refresh(news)))
        first.append(cpu(lambda: floor.exposition.body(Format.OPENMETRICS, "gzip")))
    return {
        "poll": statistics.median(poll),
        "first": statistics.median(first),
        "theirs": theirs,
        "theirs_gzipped": theirs_gzipped,
    }


def growth(operations: int, campaigns: int) -> dict[str, float]:
    """Measure operations of the same size: all of them, one of them, a scrape, and the memory."""
    gc.set_threshold(*service_runner._GC_THRESHOLDS)  # noqa: SLF001 - as above
    floor = Floor(operations, campaigns)

    def scrape() -> list[bytes]:
        return floor.exposition.body(Format.OPENMETRICS, "gzip")

    whole = cpu(lambda: [floor.exposition.refresh(entry.snapshot) for entry in floor.entries]) + cpu(scrape)
    one, seen = [], []
    chance = random.Random(1)
    for turn in range(1, TURNS + 1):
        number = chance.randrange(operations)
        news = floor.snapshot(number, turn)
        floor.entries[number].update(lambda _, news=news: news)
        one.append(cpu(lambda news=news: floor.exposition.refresh(news)))
        seen.append(cpu(scrape))
    again = statistics.median(
        cpu(lambda: floor.exposition.body(Format.OPENMETRICS, "gzip")) for _ in range(TURNS)
    )
    return {
        "whole": whole,
        "one": statistics.median(one),
        "first": statistics.median(seen),
        "again": again,
        "bytes": sum(map(len, floor.exposition.render(Format.TEXT))),
        "packed": sum(map(len, floor.exposition.body(Format.OPENMETRICS, "gzip"))),
    }


def size(operations: int, campaigns: int) -> dict[str, dict[str, int]]:
    """Return the bytes of a body and of one stream of the same text and level, by content encoding."""
    floor = Floor(operations, campaigns)
    found = {}
    for encoding, compress, decompress in (
        ("gzip", lambda text: gzip.compress(text, GZIP_LEVEL), gzip.decompress),
        ("zstd", lambda text: zstd.compress(text, ZSTD_LEVEL), zstd.decompress),
    ):
        body = b"".join(floor.exposition.body(Format.OPENMETRICS, encoding))
        found[encoding] = {"body": len(body), "stream": len(compress(decompress(body)))}
    return found


def visible(campaigns: int) -> dict[str, float]:
    """Measure the seconds from a poll that lands until a scrape has its body."""
    floor = Floor(1, campaigns)
    entry = floor.entries[0]
    entry.subscribe(floor.exposition.refresh)
    took: dict[str, list[float]] = {"identity": [], "gzip": []}
    turns = iter(range(1, 2 * TURNS + 1))
    for encoding, times in took.items():
        for turn in itertools.islice(turns, TURNS):
            news = floor.snapshot(0, turn)
            started = time.perf_counter()
            entry.update(lambda _, news=news: news)
            floor.exposition.body(Format.OPENMETRICS, encoding)
            times.append(time.perf_counter() - started)
    return {encoding: statistics.median(times) for encoding, times in took.items()}


def main() -> None:
    """Do the work of a child."""
    work = {"landing": landing, "growth": growth, "size": size, "visible": visible}[sys.argv[1]]
    print(json.dumps(work(*map(int, sys.argv[2:]))))


if __name__ == "__main__":
    main()
