"""What a scrape costs, and how long a real Prometheus takes for one."""

import contextlib
import time
from pathlib import Path

from benchmarks.landing import asked, prometheus
from benchmarks.load import Load, load
from benchmarks.servers import Served, exporter, library, nginx, simulator
from benchmarks.table import Report

SCRAPE = "CPU of a gzipped scrape, {:,} campaigns"
PLAIN_SCRAPE = "CPU of a plain scrape, {:,} campaigns"
_SLOW = 15
"""Seconds that Prometheus gives the slowest of the servers."""

_WATCHED = 46
"""Seconds for which a Prometheus scrapes."""


def keep_files(served: Served, folder: Path) -> Path:
    """Write the exporter's metrics into the folder of nginx, plain and as the gzip that it sends."""
    www = folder / "www"
    www.mkdir(exist_ok=True)
    (www / "metrics").write_bytes(served.get())
    (www / "metrics.gz").write_bytes(served.get(encoding="gzip"))
    folder.chmod(0o755)
    return www / "metrics"


def measure(report: Report, folder: Path, sizes: list[int], *, seconds: float) -> None:
    """Measure scrapes for numbers of campaigns, the last of which has the goals."""
    rows: list[list[str]] = []
    for campaigns in sizes:
        goals = campaigns == sizes[-1]
        with simulator(folder, campaigns) as vendor, contextlib.ExitStack() as stack:
            ours = stack.enter_context(
                exporter(folder / "scraped", vendor, ("campaigns", "campaign_settings"), interval="1d")
            )
            idle = ours.program.megabytes()
            metrics = keep_files(ours, folder)
            theirs = stack.enter_context(nginx(folder))
            client_library = stack.enter_context(library(metrics, folder))
            rows.extend(
                _one_size(
                    report,
                    campaigns,
                    ours=ours,
                    theirs=theirs,
                    library=client_library,
                    goals=goals,
                    seconds=seconds,
                )
            )
            if goals:
                most = f"{ours.program.megabytes('VmHWM'):.0f} MB at the most, while polled and scraped"
                report.at_most(f"idle memory, {campaigns:,} campaigns", idle, 150, " MB", most)
                _prometheus(
                    report, folder, campaigns, ours=ours, theirs=theirs, client_library=client_library
                )
    report.table(
        "A scrape: CPU of the server in ms, median of the time in ms",
        [
            "campaigns",
            "bytes",
            "encoding",
            "exporter",
            "nginx",
            "prometheus_client",
            "exporter",
            "nginx",
            "prometheus_client",
        ],
        rows,
    )


def _one_size(  # noqa: PLR0913 - what is compared
    report: Report,
    campaigns: int,
    *,
    ours: Served,
    theirs: Served,
    library: Served,
    goals: bool,
    seconds: float,
) -> list[list[str]]:
    lines: list[list[str]] = []
    for gzipped in (True, False):
        a = load(ours.program, ours.port, "/metrics", seconds=seconds, gzip=gzipped)
        b = load(
            theirs.program,
            theirs.port,
            "/metrics.gz" if gzipped else "/metrics",
            seconds=seconds,
            gzip=gzipped,
        )
        c = load(library.program, library.port, "/metrics", seconds=seconds / 2, least=2, gzip=gzipped)
        encoding = "gzip" if gzipped else "plain"
        figures = [f"{one.cpu * 1e3:.3g}" for one in (a, b, c)] + [
            f"{one.median * 1e3:.3g}" for one in (a, b, c)
        ]
        lines.append([f"{campaigns:,}", f"{a.bytes:,}", encoding, *figures])
        if goals:
            what = (SCRAPE if gzipped else PLAIN_SCRAPE).format(campaigns)
            limit = 2.5 if gzipped else 3
            report.at_most(f"{what}, beside nginx", a.cpu / b.cpu, limit, " x", _ms(a, b))
            if gzipped:
                report.at_least(
                    f"{what}, beside prometheus_client", c.cpu / a.cpu, 1000, " x less", _ms(a, c)
                )
    return lines


def _ms(ours: Load, others: Load) -> str:
    return f"{ours.cpu * 1e3:.2f} ms against {others.cpu * 1e3:.2f}"


def _prometheus(  # noqa: PLR0913 - what is compared
    report: Report, folder: Path, campaigns: int, *, ours: Served, theirs: Served, client_library: Served
) -> None:
    """Let a real Prometheus scrape, and ask it how long it took."""
    what = f"a scrape by a real Prometheus, {campaigns:,} campaigns"
    took: dict[str, float] = {}
    # The slow one alone and afterwards, for it takes the CPU of the others.
    for targets, interval in (
        ({"exporter": (ours.port, "/metrics"), "nginx": (theirs.port, "/metrics.gz")}, 4),
        ({"prometheus_client": (client_library.port, "/metrics")}, _SLOW),
    ):
        with contextlib.ExitStack() as stack:
            server = prometheus(stack, folder, targets, interval)
            if server is None:
                report.missing(what, "Prometheus is not installed")
                return
            time.sleep(_WATCHED)
            # Not the first ones, which make the series.
            taken = f"scrape_duration_seconds[{_WATCHED - 2 * interval}s]"
            took |= asked(server, f"quantile_over_time(0.5, {taken})")
    report.at_most(
        what,
        took["exporter"] / took["nginx"],
        1.15,
        " x nginx",
        ", ".join(
            f"{name} {seconds:.2f} s{' (timed out)' if seconds >= _SLOW else ''}"
            for name, seconds in took.items()
        ),
    )
