"""`python -m benchmarks`: what the exporter costs; goals are marked as passed or missed.

Ratios come from one run on one machine, and CPU seconds are those of the processes, so that other work on the
machine counts little. `--write FILE` puts each part between its markers in a document.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import ingest, landing, operations, polls, scrapes, soak, startup
from benchmarks.processes import child
from benchmarks.table import Report, check_markers, write_into

HERE = Path(__file__).parent
INGEST = HERE / "ingest.py"


def main() -> int:
    """Measure and print; 1 when a goal is missed."""
    parts: dict[str, Callable[[Report, Path, argparse.Namespace], None]] = {
        "scrapes": _scrapes,
        "landing": _landing,
        "polls": _polls,
        "operations": _operations,
        "report": _report,
        "startup": _startup,
        "soak": _soak,
    }
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--quick", action="store_true", help="a tenth of everything, to try the benchmarks")
    parser.add_argument("--minutes", type=float, default=10, help="how long the soak takes (default: 10)")
    parser.add_argument("--write", metavar="FILE", type=Path, help="write the tables into a document")
    parser.add_argument("parts", nargs="*", help=f"{', '.join(parts)} (default: all but soak)")
    options = parser.parse_args()
    if unknown := set(options.parts) - parts.keys():
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    missed = False
    wanted = options.parts or [name for name in parts if name != "soak"]
    if options.write:
        check_markers(options.write, wanted)
    for name in wanted:
        print(f"== {name}", flush=True)
        report = Report()
        with tempfile.TemporaryDirectory(prefix="wolkvox-bench-") as folder:
            parts[name](report, Path(folder), options)
        if options.write:
            write_into(options.write, name, report.text(_about(quick=options.quick)))
        missed |= any(row.reached is False for row in report.rows)
    return 1 if missed else 0


def _scrapes(report: Report, folder: Path, options: argparse.Namespace) -> None:
    scrapes.measure(
        report,
        folder,
        [100, 1000] if options.quick else [100, 1000, 10_000],
        seconds=1 if options.quick else 3,
    )


def _landing(report: Report, folder: Path, options: argparse.Namespace) -> None:
    landing.measure(report, folder, 1000 if options.quick else 10_000, seconds=70 if options.quick else 180)


def _polls(report: Report, folder: Path, options: argparse.Namespace) -> None:
    polls.measure(
        report, folder, [100] if options.quick else [100, 1000, 10_000], seconds=5 if options.quick else 15
    )


def _operations(report: Report, folder: Path, options: argparse.Namespace) -> None:
    operations.measure(report, folder, 20 if options.quick else 500, seconds=35 if options.quick else 60)


def _report(report: Report, folder: Path, options: argparse.Namespace) -> None:
    size = (24 if options.quick else 256) * 10**6
    small, large = folder / "small.json", folder / "large.json"
    ingest.write_report(small, 10**6)
    rows = ingest.write_report(large, size)
    env = {"PYTHONPATH": os.fspath(HERE.parent)}
    found = {
        name: json.loads(child([INGEST, name, small, large], env=env)) for name in ("exporter", "json.loads")
    }
    report.table(
        f"A report `campaign_8` of {size / 1e6:.0f} MB, {rows:,} rows: CPU s, MB above idle",
        ["reader", "CPU", "memory"],
        [[name, f"{one['cpu']:.2f}", f"{one['memory']:.1f}"] for name, one in found.items()],
    )
    report.at_most("memory above idle for the report", found["exporter"]["memory"], 32, " MB")


def _startup(report: Report, _folder: Path, options: argparse.Namespace) -> None:
    bare, cpu, memory = startup.measure(2 if options.quick else startup.RUNS)
    what = "CPU from the start to the first /metrics"
    report.at_most(what, cpu, startup.CPU_GOAL, " s", f"{bare:.2f} s of it to import the core libraries")
    report.at_most(f"idle memory, {startup.CAMPAIGNS} campaigns", memory, startup.MEMORY_GOAL, " MB")


def _soak(report: Report, folder: Path, options: argparse.Namespace) -> None:
    soak.measure(report, folder, options.minutes * 60)


def _about(*, quick: bool) -> str:
    command = ["git", "describe", "--always", "--exclude=*"]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    commit = told.stdout.strip() or "unknown"
    load = os.getloadavg()[1]
    mode = ", quick mode" if quick else ""
    return (
        f"Measured on {datetime.now(UTC).date()} at commit {commit}{mode}: "
        f"Python {platform.python_version()}, {os.cpu_count()} cores, load {load:.1f}."
    )


if __name__ == "__main__":
    sys.exit(main())
