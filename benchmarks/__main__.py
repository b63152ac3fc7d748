"""`python -m benchmarks`: measures everything and prints the goals with pass or miss.

Ratios come from one run on one machine, whatever that machine is; CPU seconds are those of the processes,
so that other work on the machine hardly counts. `--write FILE` puts the tables between the markers of a
document.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import ingest, scrapes, startup
from benchmarks.processes import child
from benchmarks.table import Report, write_into

HERE = Path(__file__).parent
RENDERS, INGEST = HERE / "renders.py", HERE / "ingest.py"


def main() -> int:
    """Measure and print; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--quick", action="store_true", help="a tenth of everything, to try the benchmarks")
    parser.add_argument("--write", metavar="FILE", type=Path, help="write the tables into a document")
    parser.add_argument("parts", nargs="*", help="scrapes, renders, ingest, startup (default: all)")
    options = parser.parse_args()
    parts: dict[str, Callable[[Report, Path, argparse.Namespace], None]] = {
        "scrapes": _scrapes,
        "renders": _renders,
        "ingest": _ingest,
        "startup": _startup,
    }
    report = Report()
    with tempfile.TemporaryDirectory(prefix="wolkvox-bench-") as folder:
        for name in options.parts or parts:
            print(f"== {name}", flush=True)
            parts[name](report, Path(folder), options)
    print(f"\n{report.goals()}")
    if options.write:
        write_into(options.write, report.text(_about(options)))
    return 1 if any(row.reached is False for row in report.rows) else 0


def _scrapes(report: Report, folder: Path, options: argparse.Namespace) -> None:
    sizes = [100, 1000] if options.quick else [100, 1000, 10_000]
    scrapes.measure(report, folder, sizes, seconds=1 if options.quick else 3)


def _renders(report: Report, _folder: Path, options: argparse.Namespace) -> None:
    campaigns, operations = (1000, 50) if options.quick else (10_000, 500)
    _landing(report, campaigns)
    _sizes(
        report, [(1, 20), (1, 100), (1, 1000), *([] if options.quick else [(1, 10_000)]), (operations, 20)]
    )
    rows = []
    for number in [1, 10, 100, operations, *([] if options.quick else [5000])]:
        each = 20 if number <= operations else 2
        grown = _rendered("growth", number, each)
        rows.append(
            [
                f"{number:,}",
                each,
                *(f"{grown[key] * 1e3:.2f}" for key in ("whole", "one", "first", "again")),
                f"{grown['bytes'] / 1e6:.2f}",
                f"{grown['packed'] / 1e6:.2f}",
            ]
        )
        if number == operations:
            report.at_most(
                f"render on a poll of one of {operations} operations, of the whole",
                grown["one"] / grown["whole"] * 100,
                1,
                " %",
                f"{grown['one'] * 1e3:.2f} ms",
            )
    report.table(
        "Growth: CPU ms to write and encode everything, for one operation's poll, for the gzipped scrape "
        "after it, for one without news; MB plain and gzipped",
        ["operations", "campaigns each", "everything", "poll", "next scrape", "scrape", "plain", "gzip"],
        rows,
    )
    seen = _rendered("visible", campaigns)
    report.table(
        "From a poll that lands to the body of a scrape that shows it, ms",
        ["campaigns", "plain", "gzip"],
        [[f"{campaigns:,}", f"{seen['identity'] * 1e3:.0f}", f"{seen['gzip'] * 1e3:.0f}"]],
    )


def _landing(report: Report, campaigns: int) -> None:
    found = _rendered("landing", campaigns)
    report.at_least(
        f"render on a poll, {campaigns:,} campaigns in one operation, beside generate_latest",
        found["theirs"] / found["poll"],
        12,
        " x less",
        f"{found['poll'] * 1e3:.0f} ms against {found['theirs'] * 1e3:.0f}",
    )
    report.at_least(
        f"first gzipped scrape after a poll, {campaigns:,} campaigns, beside prometheus_client",
        found["theirs_gzipped"] / found["first"],
        20,
        " x less CPU",
        f"{found['first'] * 1e3:.0f} ms against {found['theirs_gzipped'] * 1e3:.0f}",
    )


def _sizes(report: Report, cases: Sequence[tuple[int, int]]) -> None:
    """Compare bodies with one stream of the same text and level."""
    found = [(case, _rendered("size", *case)) for case in cases]
    for encoding in ("gzip", "zstd"):
        ratios = [sizes[encoding]["body"] / sizes[encoding]["stream"] for _, sizes in found]
        report.at_most(f"size of a {encoding} body, beside one stream of its text", max(ratios), 1.02, " x")
    report.table(
        "Bytes of a body, and beside one stream of the same text and level",
        ["operations", "campaigns each", "gzip", "beside one stream", "zstd", "beside one stream"],
        (
            [f"{operations:,}", f"{campaigns:,}"]
            + [
                cell
                for one in (sizes["gzip"], sizes["zstd"])
                for cell in (f"{one['body']:,}", f"{one['body'] / one['stream']:.4f} x")
            ]
            for (operations, campaigns), sizes in found
        ),
    )


def _rendered(what: str, *sizes: int) -> Any:  # noqa: ANN401 - JSON
    """Return what a child of renders.py has measured."""
    return json.loads(child([RENDERS, what, *map(str, sizes)], env={"PYTHONPATH": os.fspath(HERE.parent)}))


def _ingest(report: Report, folder: Path, options: argparse.Namespace) -> None:
    size = (24 if options.quick else 256) * 10**6
    small, large = folder / "small.json", folder / "large.json"
    ingest.write_report(small, 10**6)
    rows = ingest.write_report(large, size)
    env = {"PYTHONPATH": os.fspath(HERE.parent)}
    found = {
        name: json.loads(child([INGEST, name, small, large], env=env)) for name in ("exporter", "json.loads")
    }
    large.unlink()
    what = f"campaign_8 of {size / 1e6:.0f} MB, {rows:,} rows"
    report.at_least(
        f"{what}, read and summed, beside json.loads alone",
        found["json.loads"]["cpu"] / found["exporter"]["cpu"],
        4,
        " x less CPU",
        f"{found['exporter']['cpu']:.2f} s against {found['json.loads']['cpu']:.2f}",
    )
    report.at_most(f"{what}, memory above idle", found["exporter"]["memory"], 16, " MB")
    report.table(
        f"A report of {size / 1e6:.0f} MB: CPU s, MB above idle (json.loads does not sum)",
        ["reader", "CPU", "memory"],
        [[name, f"{one['cpu']:.2f}", f"{one['memory']:.1f}"] for name, one in found.items()],
    )


def _startup(report: Report, _folder: Path, options: argparse.Namespace) -> None:
    bare, cpu, memory = startup.measure(2 if options.quick else startup.RUNS)
    what = "start to the first /metrics, CPU, beside the bare import of the core libraries"
    report.at_most(what, cpu / bare, startup.RATIO_GOAL, " x", f"{cpu:.2f} s against {bare:.2f}")
    report.at_most(f"idle memory, {startup.CAMPAIGNS} campaigns", memory, startup.MEMORY_GOAL, " MB")


def _about(options: argparse.Namespace) -> str:
    command = ["git", "describe", "--always", "--dirty"]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    commit = told.stdout.strip() or "unknown"
    day = datetime.now(UTC).date()
    cores, waiting = os.cpu_count(), os.getloadavg()[0]
    mode = " (quick mode)" if options.quick else ""
    return (
        f"Measured on {day} at commit {commit}: Python {platform.python_version()}, "
        f"{cores} cores, load {waiting:.1f} at the end{mode}. The load "
        "counts the benchmark's own processes; what is above 2 was other work on the machine."
    )


if __name__ == "__main__":
    sys.exit(main())
