"""`python -m benchmarks.month`: a made-up month of a floor, and a verdict on what the alerts say about it.

For each operation: answers of wolkvox with incidents and traps by a seed, scripts/replay.py, promtool with
the rules of this checkout, the example Alertmanager's configuration on paper, and a verdict on each ring and
message. A week of 24 campaigns takes three minutes of one core, most of them in promtool, and a month an
hour; `--keep` keeps answers, scrapes and firings for a closer look.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.month.evaluation import Scrapes, evaluate, firings, rules
from benchmarks.month.floor import START, make
from benchmarks.month.incidents import Incident, counts
from benchmarks.month.judge import Shares, Verdict, judge, report
from benchmarks.month.operations import DAY_MINUTES, Operation, configuration, floor, midnight
from benchmarks.month.pager import Alertmanager, Firing

_CHECKOUT = Path(__file__).parents[2]


def main() -> int:
    """Live, judge and print."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.month", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument(
        "--density", type=float, default=1.0, help="times as many incidents as in a usual month"
    )
    parser.add_argument(
        "--step", type=int, default=1, metavar="MINUTES", help="from one evaluation to the next; 2 is faster"
    )
    parser.add_argument("--operations", nargs="*", metavar="NAME", help="only these (default: all six)")
    parser.add_argument("--jobs", type=int, default=1, help="operations at the same time")
    parser.add_argument(
        "--chunk", type=int, metavar="DAYS", help="days of one run of promtool (default: all)"
    )
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep what was made")
    options = parser.parse_args()
    chosen = [o for o in floor(options.seed) if not options.operations or o.name in options.operations]
    if not chosen:
        parser.error("no such operation: " + ", ".join(o.name for o in floor(options.seed)))
    with tempfile.TemporaryDirectory(prefix="wolkvox-month-") as temporary:
        folder = options.keep or Path(temporary)
        with ThreadPoolExecutor(options.jobs) as pool:
            verdicts = list(pool.map(lambda operation: verdict_on(operation, options, folder), chosen))
    print(report(verdicts))
    right = {"true", "arguable"}
    return 1 if any(word not in right for verdict in verdicts for word, _, _ in verdict.rings) else 0


def verdict_on(operation: Operation, options: argparse.Namespace, above: Path) -> Verdict:
    """Return the verdict on the month of one operation."""
    folder = above / operation.name
    folder.mkdir(parents=True, exist_ok=True)
    minutes, days = options.days * DAY_MINUTES, options.days
    began = time.monotonic()
    make(operation, options.seed, days, options.density, folder)
    (folder / "config.yaml").write_text(configuration(operation, folder))
    lived = time.monotonic()
    _replay(folder, START + minutes * 60)
    replayed = time.monotonic()
    found = _firings(folder, minutes, (options.chunk or days) * DAY_MINUTES, options.step)
    truth = json.loads((folder / "truth.json").read_text())
    incidents = [
        Incident(**{**entry, **{name: tuple(entry[name]) for name in ("campaigns", "tells", "may")}})
        for entry in truth["incidents"]
    ]
    print(
        f"{operation.name}: {counts(incidents)}\n"
        f"  seconds: floor {lived - began:.0f}, replay {replayed - lived:.0f}, "
        f"rules {time.monotonic() - replayed:.0f}",
        flush=True,
    )
    if options.keep:
        (folder / "firings.json").write_text(
            json.dumps([[f.labels, f.begin, f.end] for f in found], indent=0)
        )
    return judge(
        operation.name,
        operation.timezone,
        incidents,
        found,
        Alertmanager(_CHECKOUT / "alertmanager" / "alertmanager.example.yml"),
        Shares(truth["hours"], START),
        [(midnight(START, day, operation), midnight(START, day + 1, operation)) for day in range(days)],
    )


def _replay(folder: Path, until: float) -> None:
    with (folder / "scrapes.jsonl").open("wb") as scrapes:
        result = subprocess.run(
            [
                sys.executable,
                _CHECKOUT / "scripts" / "replay.py",
                f"--config.file={folder / 'config.yaml'}",
                f"--answers={folder / 'answers.jsonl'}",
                f"--until={until:.0f}",
            ],
            stdin=subprocess.DEVNULL,
            stdout=scrapes,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    if result.returncode:
        raise SystemExit(f"replay: {result.stderr}")


def _firings(folder: Path, minutes: int, chunk: int, step: int) -> Sequence[Firing]:
    files, order, metrics = rules(_CHECKOUT / "prometheus" / "rules", folder)
    scrapes = Scrapes(folder / "scrapes.jsonl", START, minutes, metrics)
    found: dict[tuple[tuple[str, str], ...], set[int]] = {}
    for first in range(0, minutes, chunk):
        for labels, fires in evaluate(
            scrapes, folder, files, order, (first, min(first + chunk, minutes)), step
        ).items():
            found.setdefault(labels, set()).update(fires)
    return firings(found, START, step)


if __name__ == "__main__":
    sys.exit(main())
