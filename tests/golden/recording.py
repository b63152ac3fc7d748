"""Serves recorded answers on loopback, so that the whole way is gone: bytes of the vendor's to /metrics."""

import asyncio
import contextlib
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlsplit

from exporter.apis import APIS
from exporter.config import Config, Secret
from exporter.service import Service
from exporter.state import MemoryStore
from exporter.toolkit.message import Request, Response
from support.fakes import FakeClock, make_operation

NOTHING = b'{"code":"404","error":"not found","msg":"NO RECORDS WERE FOUND","data":[]}'

ACCEPT = {"txt": "text/plain", "openmetrics": "application/openmetrics-text; version=1.0.0"}


@contextlib.contextmanager
def recording(answers: Path | Mapping[str, bytes]) -> Iterator[str]:
    """Yield the address of a server that gives FILE_API.json for /api/v2/FILE.php?api=API, else a 404."""

    def body(name: str) -> bytes | None:
        if isinstance(answers, Path):
            file = answers / f"{name}.json"
            return file.read_bytes() if file.exists() else None
        return answers.get(name)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            (api,) = parse_qs(url.query)["api"]
            found = body(f"{url.path.rpartition('/')[2].removesuffix('.php')}_{api}")
            self.send_response(404 if found is None else 200)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.end_headers()
            self.wfile.write(NOTHING if found is None else found)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join(60)


@contextlib.contextmanager
def polled(answers: Path | Mapping[str, bytes], clock: FakeClock | None = None) -> Iterator[Service]:
    """Yield a service whose operation `ventas` was polled once, on a clock that stands."""
    clock = clock or FakeClock()
    with recording(answers) as url:
        operation = make_operation(base_url=url, token=Secret(text="fake-token"))
        service = Service(Config((operation,)), MemoryStore(lambda: clock.monotonic), clock)
        (poller,) = service.pollers
        for api in sorted(APIS, key=lambda api: (api.by_campaign, api.name != "campaign_settings")):
            for _ in poller.asked_for(api.name) if api.by_campaign else (None,):
                assert poller.poll_now(api.name)
        yield service
        service.app.close()


def ask(service: Service, accept: str, path: str = "/probe", query: str = "target=ventas") -> Response:
    """Return what a scrape gets."""
    return asyncio.run(service.app(Request("GET", path, query, {"accept": accept})))
