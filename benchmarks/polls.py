"""What polls cost: where the CPU of one goes, and what each API adds to one operation."""

import contextlib
import json
import sqlite3
import time
from pathlib import Path
from typing import Any

from benchmarks.servers import ALL, DEFAULT, Served, exporter, simulator
from benchmarks.table import Report
from exporter.apis import BY_NAME

PARTS = ("answer", "memory", "judgement", "lines", "store")
CAMPAIGNS = 100
DAY = 86400.0
PACE = 60.0


def calls_a_day(api: str, campaigns: int) -> float:
    """Return the calls a day of an API, with so many campaigns that dial."""
    asked = 1 if not BY_NAME[api].by_campaign else campaigns + (api == "campaign_results")
    return asked * DAY / BY_NAME[api].interval


def costs(folder: Path) -> dict[str, list[float]]:
    """Return what paced.py has counted."""
    found: dict[str, list[float]] = json.loads((folder / "costs.json").read_text())
    return found


def cpu_of_a_call(found: dict[str, list[float]], api: str) -> float:
    """Return the CPU seconds of a call, with everything that it causes."""
    return found[f"{api} poll"][0] / found[f"{api} answer"][1]


def measure(report: Report, folder: Path, sizes: list[int], *, seconds: float) -> None:
    """Measure polls for numbers of campaigns, and each API that is off by default."""
    report.table(
        "A poll of `campaigns`: CPU ms, and of the first gzipped scrape after it; kB in the store, all and "
        "what is remembered of campaigns; MB resident",
        [
            "campaigns",
            "read",
            "remember",
            "judge",
            "write lines",
            "store",
            "all",
            "scrape",
            "state",
            "remembered",
            "resident",
        ],
        [_parts(folder / f"{size}", size) for size in sizes],
    )
    variants = [DEFAULT, *((*DEFAULT, api) for api in ALL if api not in DEFAULT), ALL]
    found = [_variant(folder / f"variant-{place}", apis, seconds) for place, apis in enumerate(variants)]
    base = found[0]
    rows: list[list[object]] = []
    for apis, one in zip(variants, found, strict=True):
        name = apis[-1] if len(apis) == len(DEFAULT) + 1 else "default" if apis == DEFAULT else "all"
        counted = [name] if name in ALL else apis
        cpu = {api: cpu_of_a_call(one["costs"], api) for api in counted}
        a_day = {api: calls_a_day(api, CAMPAIGNS) for api in counted}
        add = dict.fromkeys(base, 0.0) if name not in ALL else base
        rows.append(
            [
                name,
                f"{sum(a_day.values()):,.0f}",
                f"{sum(cpu[api] * a_day[api] for api in counted) / sum(a_day.values()) * 1e3:.1f}",
                f"{sum(cpu[api] * a_day[api] for api in counted):,.0f}",
                *(f"{(one[key] - add[key]) / 1e3:,.1f}" for key in ("plain", "gzip", "state")),
                f"{one['memory'] - add['memory']:.1f}",
            ]
        )
    report.table(
        f"One operation of {CAMPAIGNS} campaigns: the default APIs, what each other one adds, and all",
        [
            "API",
            "calls a day",
            "CPU of a call, ms",
            "CPU a day, s",
            "scrape, kB",
            "gzipped, kB",
            "state, kB",
            "memory, MB",
        ],
        rows,
    )


def _parts(folder: Path, campaigns: int) -> list[object]:
    polls = 5
    with simulator(folder.parent, campaigns, pace=PACE / 3) as vendor:
        with exporter(folder, vendor, ("campaigns", "campaign_settings")) as ours:
            for turn in range(2, polls + 1):
                ours.program.wait_for(_polled(ours, turn), "another poll")
                ours.get(encoding="gzip")
            resident = ours.program.megabytes()
            with contextlib.closing(sqlite3.connect(folder / "state.db")) as db:
                state = dict(db.execute("SELECT name, length(data) FROM records"))
        found = costs(folder)
    times = found["campaigns answer"][1]
    spent = {part: found[f"campaigns {part}"][0] / times for part in PARTS}
    spent["lines"] -= spent["judgement"]
    encoding = [value for name, value in found.items() if name.endswith(" encoding")]
    memory = sum(size for name, size in state.items() if name.startswith("memory"))
    return [
        f"{campaigns:,}",
        *(f"{spent[part] * 1e3:.1f}" for part in PARTS),
        f"{cpu_of_a_call(found, 'campaigns') * 1e3:.1f}",
        f"{max(seconds / count for seconds, count in encoding) * 1e3:.1f}",
        f"{sum(state.values()) / 1e3:,.0f}",
        f"{memory / 1e3:,.0f}",
        f"{resident:.0f}",
    ]


def _polled(ours: Served, turn: int) -> Any:  # noqa: ANN401 - what wait_for takes
    return lambda: min(ours.figures("wolkvox_requests").values()) >= turn


def _variant(folder: Path, apis: tuple[str, ...], seconds: float) -> dict[str, Any]:
    with simulator(folder.parent, CAMPAIGNS, pace=PACE) as vendor, exporter(folder, vendor, apis) as ours:
        time.sleep(seconds)
        found: dict[str, Any] = {
            "plain": len(ours.get()),
            "gzip": len(ours.get(encoding="gzip")),
            "memory": ours.program.megabytes(),
        }
    with contextlib.closing(sqlite3.connect(folder / "state.db")) as db:
        found["state"] = db.execute("SELECT sum(length(data)) FROM records").fetchone()[0]
    return {**found, "costs": costs(folder)}
