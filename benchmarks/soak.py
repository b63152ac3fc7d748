"""`python -m benchmarks.soak`: hours of churn in minutes; memory, threads and descriptors must level off.

A stand-in for the vendor answers every poll with other campaigns: some have gone, some are new, some have
another name. The exporter polls it every second (300 times as often as in earnest) while clients of all kinds
scrape it, stop reading, and break off.
"""

import argparse
import contextlib
import json
import random
import socket
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from benchmarks.processes import Program, free_port, running
from benchmarks.table import markdown

CAMPAIGNS, OPERATIONS = 300, 4
GROWTH = 1.10
"""Memory may end this much above where it was after the first third, when everything has been seen once.

The status page's history is full after two hundred polls of each operation, which are 200 seconds.
"""
_open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open


class Churn:
    """The campaigns of one operation, others with every answer."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._next = 1000
        self._names: dict[int, str] = {}
        self._lock = threading.Lock()

    def answer(self, path: str) -> list[dict[str, str]]:
        """Return the rows of an answer, after some more has changed."""
        with self._lock:
            for gone in self._chance.sample(sorted(self._names), len(self._names) // 20):
                del self._names[gone]
            while len(self._names) < CAMPAIGNS:
                self._next += 1
                self._names[self._next] = f"CAMPAÑA {self._next}"
            for renamed in self._chance.sample(sorted(self._names), CAMPAIGNS // 20):
                self._names[renamed] = f"CAMPAÑA {renamed} ({self._chance.randrange(10**9)})"
            figure = self._chance.randrange
            if "campaign_settings" in path:
                return [
                    {
                        "campaign_id": str(one),
                        "campaign_name": name,
                        "campaign_description": f"{figure(10**9)}",
                    }
                    for one, name in self._names.items()
                ]
            return [
                {
                    "campaign": f"{one}-{name} - tel1 ({figure(100)}%)",
                    "status": "started",
                    "records": str(figure(10**6)),
                    "dial": str(figure(10**6)),
                    "hits": f"{figure(1000)} ({figure(10000) / 100} %)",
                }
                for one, name in self._names.items()
            ]


@contextlib.contextmanager
def vendor() -> Iterator[str]:
    """Run the stand-in for the vendor; the token tells which operation is meant."""
    operations = {f"soak-token-{number}": Churn(number) for number in range(OPERATIONS)}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            rows = operations[self.headers["wolkvox-token"]].answer(self.path)
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


def main() -> int:
    """Run, print, and return 1 when something has not levelled off."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.soak", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--seconds", type=float, default=600, help="how long (default: 600)")
    seconds = parser.parse_args().seconds
    api = {"interval": "1s"}
    with tempfile.TemporaryDirectory(prefix="wolkvox-soak-") as name, vendor() as url:
        folder, port, over = Path(name), free_port(), threading.Event()
        operations = [
            {
                "name": f"operation-{number}",
                "base_url": url,
                "token": f"soak-token-{number}",
                "apis": {
                    "campaigns": api,
                    "campaign_settings": api,
                    "token_info": {"enabled": False},
                    "services": {"enabled": False},
                },
            }
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
            with _open(
                f"http://127.0.0.1:{port}/metrics?name[]=wolkvox_requests_total", timeout=30
            ) as answer:
                calls = sum(
                    float(line.split()[-1]) for line in answer.read().splitlines() if line[:1] != b"#"
                )
            errors = program.log()
    third = len(seen) // 3
    rows, good = [], not errors
    for place, what in enumerate(("memory, MB", "threads", "descriptors")):
        first, last = (
            sorted(one[place] for one in part)[third // 2]
            for part in (seen[third : 2 * third], seen[-third:])
        )
        slack = 0 if place == 0 else 3
        level = last <= first * GROWTH + slack
        good = good and level
        rows.append(
            [
                what,
                f"{first:.0f}",
                f"{last:.0f}",
                f"{max(one[place] for one in seen):.0f}",
                "pass" if level else "**miss**",
            ]
        )
    minutes = calls / OPERATIONS / 24 * 60  # both lists every five minutes are 24 polls an hour
    print(f"{calls:.0f} polls in {seconds:.0f} s, as many as {minutes:.0f} minutes bring in earnest\n")
    print(markdown(["what", "median, second third", "median, last third", "most", ""], rows))
    if errors:
        print(f"\nerrors in the log:\n{errors[-2000:]}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
