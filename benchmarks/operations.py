"""One process with many operations, and the same work in two: CPU, memory, bytes."""

import time
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

from benchmarks.polls import DAY, calls_a_day
from benchmarks.servers import ALL, DEFAULT, Served, Vendor, exporter, simulator
from benchmarks.table import Report

CAMPAIGNS = 20
PACE = 10.0
SCRAPES_A_DAY = 4 * DAY / 15
"""Of four Prometheus that scrape every 15 s."""


class Run(NamedTuple):
    """What one process has taken: CPU seconds of a call and of a scrape, MB, bytes of a scrape."""

    call: float
    scrape: float
    memory: float
    plain: int
    gzip: int


def measure(report: Report, folder: Path, operations: int, *, seconds: float) -> None:
    """Measure so many operations with the default APIs, half of them, and a fifth with all APIs."""
    rows = []
    for what, apis, count in (
        ("one process", DEFAULT, operations),
        ("each of two", DEFAULT, operations // 2),
        ("one process, all APIs", ALL, operations // 5),
    ):
        with simulator(folder, CAMPAIGNS, count, PACE) as vendor:
            one = _run(folder, vendor, apis, seconds)
        calls = count * sum(calls_a_day(api, CAMPAIGNS) for api in apis)
        polling, scraping = calls * one.call, SCRAPES_A_DAY * one.scrape
        rows.append(
            [
                what,
                count,
                f"{calls:,.0f}",
                f"{one.call * 1e3:.1f}",
                f"{one.scrape * 1e3:.0f}",
                f"{polling:,.0f}",
                f"{scraping:,.0f}",
                f"{(polling + scraping) / DAY:.1%}",
                f"{one.memory:.0f}",
                f"{one.plain / 1e6:.1f}",
                f"{one.gzip / 1e6:.2f}",
            ]
        )
    report.table(
        f"Operations of {CAMPAIGNS} campaigns that all dial, four Prometheus that scrape every 15 s. Call, "
        "scrape: CPU ms; polling and scraping: CPU s a day; memory, plain and gzipped scrape: MB",
        [
            "",
            "operations",
            "calls a day",
            "call",
            "scrape",
            "polling",
            "scraping",
            "of a core",
            "memory",
            "plain",
            "gzipped",
        ],
        rows,
    )


def _run(folder: Path, vendor: Vendor, apis: Collection[str], seconds: float) -> Run:
    with exporter(folder / "many", vendor, apis) as ours:
        calls, cpu = _so_far(ours)
        time.sleep(seconds)
        more_calls, more_cpu = _so_far(ours)
        call = (more_cpu - cpu) / (more_calls - calls)
        scrapes = 20
        for _ in range(scrapes):
            time.sleep(1)
            ours.get(encoding="gzip")
        end_calls, end_cpu = _so_far(ours)
        scrape = max(end_cpu - more_cpu - (end_calls - more_calls) * call, 0.0) / scrapes
        packed = len(ours.get(encoding="gzip"))
        return Run(call, scrape, ours.program.megabytes(), len(ours.get()), packed)


def _so_far(ours: Served) -> tuple[float, float]:
    return sum(ours.figures("wolkvox_requests").values()), ours.program.cpu()
