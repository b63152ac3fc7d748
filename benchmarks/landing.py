"""The longest scrape of four real Prometheus while the lists of 10,000 campaigns land again and again."""

import contextlib
import json
import time
import urllib.parse
from pathlib import Path

from benchmarks.processes import free_port, program, running
from benchmarks.servers import Served, exporter, simulator
from benchmarks.table import Report

PACE = 5.0
"""Five minutes of the exporter are one: three landings of both lists in three minutes."""

PROMETHEUS = 4


def prometheus(
    stack: contextlib.ExitStack, folder: Path, targets: dict[str, tuple[int, str]], interval: int
) -> Served | None:
    """Run a Prometheus with jobs of a port and a path each; None where it is not installed."""
    binary = program("prometheus")
    if binary is None:
        return None
    port = free_port()
    config = folder / f"prometheus-{port}.json"
    jobs = [
        {"job_name": name, "metrics_path": path, "static_configs": [{"targets": [f"127.0.0.1:{target}"]}]}
        for name, (target, path) in targets.items()
    ]
    # Its own labels decide at which second of the interval each Prometheus scrapes.
    common = {
        "scrape_interval": f"{interval}s",
        "scrape_timeout": f"{interval}s",
        "external_labels": {"replica": f"{port}"},
    }
    config.write_text(json.dumps({"global": common, "scrape_configs": jobs}))
    command = [binary, f"--config.file={config}", f"--storage.tsdb.path={folder}/data-{port}"]
    command += [f"--web.listen-address=127.0.0.1:{port}"]
    return Served(stack.enter_context(running(command, folder, port)), port)


def asked(server: Served, query: str) -> dict[str, float]:
    """Return the figures of an expression, by job."""
    path = "/api/v1/query?" + urllib.parse.urlencode({"query": query})
    found = json.loads(server.get(path))["data"]["result"]
    return {row["metric"].get("job", ""): float(row["value"][1]) for row in found}


def measure(report: Report, folder: Path, campaigns: int, *, seconds: float) -> None:
    """Report the longest scrape."""
    what = f"longest scrape of {PROMETHEUS} Prometheus, every 15 s, while {campaigns:,} campaigns land"
    with (
        simulator(folder, campaigns, pace=PACE) as vendor,
        exporter(folder / "landing", vendor, ("campaigns", "campaign_settings")) as ours,
        contextlib.ExitStack() as stack,
    ):
        targets = {"exporter": (ours.port, "/metrics")}
        servers = [prometheus(stack, folder, targets, 15) for _ in range(PROMETHEUS)]
        # The first scrape makes all the series of a new Prometheus.
        time.sleep(20)
        polled = sum(ours.figures("wolkvox_requests").values())
        time.sleep(seconds)
        polled = sum(ours.figures("wolkvox_requests").values()) - polled
        taken = f"scrape_duration_seconds[{seconds:.0f}s]"
        longest = [asked(one, f"max_over_time({taken})")["exporter"] for one in servers if one]
        usual = [asked(one, f"quantile_over_time(0.5, {taken})")["exporter"] for one in servers if one]
        count = [asked(one, f"count_over_time({taken})")["exporter"] for one in servers if one]
        down = [asked(one, f"min_over_time(up[{seconds:.0f}s])")["exporter"] for one in servers if one]
    if not longest:
        report.missing(what, "Prometheus is not installed")
        return
    detail = f"median {max(usual):.2f} s, {sum(count):.0f} scrapes, {polled:.0f} lists"
    failed = "" if min(down) else ", some failed"
    report.at_most(what, max(longest), 1, " s", f"{detail}{failed}")
