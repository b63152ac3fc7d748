"""Hours of churn in minutes, with all APIs on; memory, threads and descriptors must level off.

A stand-in for the vendor answers every poll with other campaigns: some have gone, some are new, some have
another name; reports are about ever other telephones. The exporter asks it 100 times as often as in earnest,
while clients of all kinds scrape it, stop reading, and break off.
"""

import contextlib
import json
import random
import socket
import sys
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from zoneinfo import ZoneInfo

from benchmarks.processes import Program, free_port, running
from benchmarks.servers import Served
from benchmarks.table import Report
from exporter.apis import APIS, Api

_BY_CALL = {(Path(api.path).name, api.vendor_name): api for api in APIS}
CAMPAIGNS, OPERATIONS, FASTER = 40, 4, 100
GROWTH = 1.10
"""Memory may end this much above where it was in the second third, when everything has been seen once."""

_open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open


class Churn:
    """The campaigns of one operation, others with every answer."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._next = 1000
        self._names: dict[int, str] = {}
        self._lock = threading.Lock()

    def answer(self, api: Api) -> list[Mapping[str, object]]:
        """Return the rows of an answer, after some more has changed."""
        with self._lock:
            if api.lists_campaigns:
                self._change()
            return [{**api.example, **changed} for changed in self._changed(api.name)]

    def _change(self) -> None:
        for gone in self._chance.sample(sorted(self._names), len(self._names) // 20):
            del self._names[gone]
        while len(self._names) < CAMPAIGNS:
            self._next += 1
            self._names[self._next] = f"CAMPAÑA {self._next}"
        for renamed in self._chance.sample(sorted(self._names), CAMPAIGNS // 20):
            self._names[renamed] = f"CAMPAÑA {renamed} ({self._chance.randrange(10**9)})"

    def _changed(self, api: str) -> list[Mapping[str, object]]:
        """Return in what each row differs from the API's example."""
        figure = self._chance.randrange
        names = self._names.items()
        at = datetime.now(ZoneInfo("America/Bogota")).strftime("%Y-%m-%d %H:%M:%S")
        rows: Mapping[str, list[Mapping[str, object]]] = {
            "campaigns": [
                {"campaign": f"{one}-{name} - tel1 ({figure(100)}%)", "records": f"{figure(10**6)}"}
                for one, name in names
            ],
            "campaign_settings": [
                {"campaign_id": f"{one}", "campaign_name": name, "campaign_description": f"{figure(10**9)}"}
                for one, name in names
            ],
            "token_info": [{"token_limit": f"{10**9}"}],
            "services": [{"licenses": f"{10**6}"}],
            "skills": [{"skill_id": f"{one}", "skill_name": f"{figure(10**9)}"} for one in range(10)],
            "machine_codes": [{"telephone": f"3{figure(10**9)}"} for _ in range(100)],
            "audit_log": [{"action": f"Predictive: stop campaign {one}", "date": at} for one, _ in names],
        }
        return rows.get(api, [{}])


@contextlib.contextmanager
def vendor() -> Iterator[str]:
    """Run the stand-in for the vendor; the token tells which operation is meant."""
    operations = {f"soak-token-{number}": Churn(number) for number in range(OPERATIONS)}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            url = urllib.parse.urlsplit(self.path)
            asked = (Path(url.path).name, urllib.parse.parse_qs(url.query)["api"][0])
            rows = operations[self.headers["wolkvox-token"]].answer(_BY_CALL[asked])
            body = json.dumps({"code": "200", "error": None, "msg": "", "data": rows}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


def clients(port: int, over: threading.Event) -> None:
    """Scrape in every way until it is over; leave readers behind that have stopped, and break off others."""
    ways = [
        ("/metrics", "gzip", "application/openmetrics-text"),
        ("/metrics", "zstd", "text/plain"),
        ("/metrics", "identity", "text/plain"),
        ("/probe?target=operation-1", "gzip", "text/plain"),
        ("/metrics?name[]=wolkvox_up", "gzip", "text/plain"),
        ("/", "gzip", "text/html"),
    ]
    stalled: list[socket.socket] = []
    turn = 0
    while not over.wait(0.1):
        path, encoding, accept = ways[turn % len(ways)]
        turn += 1
        asked = urllib.request.Request(
            f"http://127.0.0.1:{port}{path}", headers={"Accept": accept, "Accept-Encoding": encoding}
        )
        with contextlib.suppress(OSError), _open(asked, timeout=30) as answer:
            answer.read()
        with contextlib.suppress(OSError):
            one = socket.create_connection(("127.0.0.1", port), 5)
            one.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"[: 20 if turn % 3 else 99])
            stalled.append(one)
        if len(stalled) > 10:  # noqa: PLR2004 - a few at a time
            stalled.pop(0).close()
    for one in stalled:
        one.close()


def watch(program: Program, seconds: float) -> list[tuple[float, int, int]]:
    """Return memory in MB, threads and descriptors, twice a second."""
    seen = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        seen.append((program.megabytes(), program.threads(), program.descriptors()))
        time.sleep(0.5)
    return seen


def measure(report: Report, folder: Path, seconds: float) -> None:
    """Report whether memory, threads and descriptors have levelled off, and whether a poll has failed."""
    apis = {api.name: {"enabled": True, "interval": f"{api.interval / FASTER:.0f}s"} for api in APIS}
    port, over = free_port(), threading.Event()
    with vendor() as url:
        operations = [
            {"name": f"operation-{number}", "base_url": url, "token": f"soak-token-{number}", "apis": apis}
            for number in range(OPERATIONS)
        ]
        config = folder / "config.yaml"
        config.write_text(
            json.dumps({"operations": operations, "state": {"url": f"sqlite://{folder}/state.db"}})
        )
        command = [sys.executable, "-m", "exporter", "serve", f"--config.file={config}", "--log.level=error"]
        with running([*command, f"--web.listen-address=127.0.0.1:{port}"], folder, port) as program:
            asking = threading.Thread(target=clients, args=(port, over))
            asking.start()
            seen = watch(program, seconds)
            over.set()
            asking.join()
            served = Served(program, port)
            calls = sum(served.figures("wolkvox_requests").values())
            failed = sum(served.figures("wolkvox_request_failures").values())
            errors = program.log()
    third = len(seen) // 3
    rows = []
    for place, what in enumerate(("memory, MB", "threads", "descriptors")):
        first, last = (
            sorted(one[place] for one in part)[third // 2]
            for part in (seen[third : 2 * third], seen[-third:])
        )
        rows.append([what, f"{first:.0f}", f"{last:.0f}", f"{max(one[place] for one in seen):.0f}"])
        slack = 0 if place == 0 else 3
        report.at_most(f"{what}: last third beside the second", last / first, GROWTH + slack / first, " x")
    report.at_most("failed calls", failed, 0, "", f"of {calls:.0f}")
    report.at_most("lines of errors in the log", errors.count("\n"), 0, "", errors[-300:])
    report.table(
        f"{seconds / 60:.0f} minutes, as many polls as in {seconds * FASTER / 3600:.0f} hours; "
        f"{OPERATIONS} operations of {CAMPAIGNS} campaigns",
        ["what", "median, second third", "median, last third", "most"],
        rows,
    )
