"""What a scrape costs, also while polls land, and how long a real Prometheus takes for one."""

import contextlib
import gzip
import json
import statistics
import threading
import time
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.load import OPENMETRICS, Client, Load, load
from benchmarks.processes import free_port, program, running
from benchmarks.servers import Served, exporter, library, nginx, simulator
from benchmarks.table import Report

SCRAPE = "CPU of a gzipped scrape, {:,} campaigns"
PLAIN_SCRAPE = "CPU of a plain scrape, {:,} campaigns"
_SLOW = 15
"""Seconds that Prometheus gives the slowest of the servers."""
_CLIENTS = 4
_open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open  # past any proxy


def keep_files(served: Served, folder: Path) -> Path:
    """Write the exporter's metrics into the folder of nginx, plain and as the gzip that it sends."""
    www = folder / "www"
    www.mkdir(exist_ok=True)
    for name, encoding in (("metrics", "identity"), ("metrics.gz", "gzip")):
        asked = urllib.request.Request(
            f"http://127.0.0.1:{served.port}/metrics",
            headers={"Accept": OPENMETRICS, "Accept-Encoding": encoding},
        )
        with _open(asked, timeout=120) as answer:
            (www / name).write_bytes(answer.read())
    assert gzip.decompress((www / "metrics.gz").read_bytes())[:6] == b"# HELP"  # noqa: S101
    folder.chmod(0o755)
    return www / "metrics"


def measure(report: Report, folder: Path, sizes: list[int], *, seconds: float) -> None:
    """Measure scrapes for numbers of campaigns, the last of which has the goals."""
    rows: list[list[str]] = []
    for campaigns in sizes:
        goals = campaigns == sizes[-1]
        with simulator(folder, campaigns) as vendor, contextlib.ExitStack() as stack:
            ours = stack.enter_context(exporter(folder, vendor, campaigns))
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
                _prometheus(report, folder, campaigns, ours=ours, theirs=theirs, library=client_library)
        if goals:
            with simulator(folder, campaigns) as vendor:
                _while_polls_land(report, folder, vendor, campaigns, seconds)
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


def _while_polls_land(report: Report, folder: Path, vendor: str, campaigns: int, seconds: float) -> None:
    """Report the longest scrape of four clients while polls land.

    In earnest two lists land every 300 s, and each Prometheus scrapes every 15 s. Here it is 5 s and 1 s:
    a poll or a scrape costs the same, but in half a minute as many scrapes meet a poll as in hours.
    """
    with exporter(folder, vendor, campaigns, interval="5s") as ours:
        end = time.monotonic() + 10 * seconds

        def scrape(number: int) -> list[float]:
            client, times = Client(ours.port, "/metrics", gzip=True), []
            time.sleep(number / _CLIENTS)
            while time.monotonic() < end:
                times.append(client.ask()[0])
                time.sleep(1)
            client.close()
            return times

        with ThreadPoolExecutor(_CLIENTS) as clients:
            times = [taken for each in clients.map(scrape, range(_CLIENTS)) for taken in each]
    report.at_most(
        f"longest scrape while {campaigns:,} campaigns land every 5 s and four clients scrape every second",
        max(times),
        1,
        " s",
        f"median {statistics.median(times):.3f} s of {len(times)} scrapes",
    )


def _prometheus(  # noqa: PLR0913 - what is compared
    report: Report, folder: Path, campaigns: int, *, ours: Served, theirs: Served, library: Served
) -> None:
    """Let a real Prometheus scrape, and ask it how long it took."""
    what = f"scrape_duration_seconds of a real Prometheus, {campaigns:,} campaigns"
    binary = program("prometheus")
    if binary is None:
        report.missing(what, "Prometheus is not installed")
        return
    took: dict[str, float] = {}
    # The slow one alone and afterwards, for it takes the CPU of the others.
    for targets, interval, wait in (
        ({"exporter": (ours, "/metrics"), "nginx": (theirs, "/metrics.gz")}, 4, 50),
        ({"prometheus_client": (library, "/metrics")}, _SLOW, 50),
    ):
        took |= _durations(binary, folder, targets, interval, wait)
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


def _durations(
    binary: str, folder: Path, targets: dict[str, tuple[Served, str]], interval: int, wait: int
) -> dict[str, float]:
    config = folder / "prometheus.json"
    jobs = [
        {
            "job_name": name,
            "metrics_path": path,
            "scrape_interval": f"{interval}s",
            "scrape_timeout": f"{interval}s",
            "static_configs": [{"targets": [f"127.0.0.1:{served.port}"]}],
        }
        for name, (served, path) in targets.items()
    ]
    config.write_text(json.dumps({"scrape_configs": jobs}))
    port = free_port()
    data = folder / f"prometheus-{port}"
    command = [binary, f"--config.file={config}", f"--storage.tsdb.path={data}"]
    with running([*command, f"--web.listen-address=127.0.0.1:{port}"], folder, port):
        threading.Event().wait(wait)
        # Not the first ones, which make the series.
        query = f"quantile_over_time(0.5, scrape_duration_seconds[{wait - 2 * interval}s])"
        asked = f"http://127.0.0.1:{port}/api/v1/query?" + urllib.parse.urlencode({"query": query})
        with _open(asked, timeout=60) as answer:
            found = json.load(answer)["data"]["result"]
    return {row["metric"]["job"]: float(row["value"][1]) for row in found}
