# ruff: noqa: PLC0415 - only the packages of one kind are there
"""What people would serve metrics with instead of the exporter's own server.

Usage: rival.py KIND PORT FILE [CERT KEY]. `library` reads the exposition in FILE and publishes its families
by a custom collector of prometheus_client; the others send the finished bytes of FILE.
"""

import pathlib
import sys
import threading


def library(port: int, data: bytes) -> None:
    """Serve with prometheus_client: a collector that makes the families anew for every scrape, as they do."""
    from prometheus_client import CollectorRegistry, start_http_server
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
    from prometheus_client.openmetrics.parser import text_string_to_metric_families

    known = []
    for family in text_string_to_metric_families(data.decode()):
        if family.samples and family.type in {"gauge", "counter"}:
            names = list(family.samples[0].labels)
            rows = [(list(s.labels.values()), s.value) for s in family.samples if list(s.labels) == names]
            known.append((family.name, family.documentation, family.type, names, rows))

    class Collector:
        def collect(self):  # noqa: ANN202 - as the library calls it
            for name, text, kind, names, rows in known:
                family = (CounterMetricFamily if kind == "counter" else GaugeMetricFamily)(
                    name, text, labels=names
                )
                for labels, value in rows:
                    family.add_metric(labels, value)
                yield family

    registry = CollectorRegistry()
    registry.register(Collector())
    start_http_server(port, "127.0.0.1", registry)
    threading.Event().wait()


def uvicorn(port: int, data: bytes, tls: list[str]) -> None:
    """Serve with uvicorn, httptools and uvloop."""
    import uvicorn as server

    headers = [(b"content-length", str(len(data)).encode()), (b"content-type", b"text/plain")]

    async def app(scope, receive, send):  # noqa: ANN001, ANN202, ARG001 - as ASGI calls it
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": data})

    more = {"ssl_certfile": tls[0], "ssl_keyfile": tls[1]} if tls else {}
    server.run(
        app,
        host="127.0.0.1",
        port=port,
        log_level="error",
        lifespan="off",
        loop="uvloop",
        http="httptools",
        **more,
    )


def _application(data: bytes):  # noqa: ANN202 - WSGI
    headers = [("Content-Length", str(len(data))), ("Content-Type", "text/plain")]

    def app(environ, start):  # noqa: ANN001, ANN202, ARG001 - as WSGI calls it
        start("200 OK", headers)
        return [data]

    return app


def waitress(port: int, data: bytes) -> None:
    """Serve with waitress."""
    import waitress as server

    server.serve(_application(data), host="127.0.0.1", port=port, threads=8)


def cheroot(port: int, data: bytes) -> None:
    """Serve with cheroot, of CherryPy."""
    from cheroot import wsgi

    wsgi.Server(("127.0.0.1", port), _application(data)).start()


def wsgiref(port: int, data: bytes) -> None:
    """Serve with the standard library's own, a thread a connection."""
    from socketserver import ThreadingMixIn
    from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

    class Server(ThreadingMixIn, WSGIServer):
        daemon_threads = True
        request_queue_size = 128

    class Handler(WSGIRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    make_server("127.0.0.1", port, _application(data), Server, Handler).serve_forever()


def main() -> None:
    """Serve until the end."""
    kind, port, data = sys.argv[1], int(sys.argv[2]), pathlib.Path(sys.argv[3]).read_bytes()
    if kind == "uvicorn":
        uvicorn(port, data, sys.argv[4:])
    else:
        {"library": library, "waitress": waitress, "cheroot": cheroot, "wsgiref": wsgiref}[kind](port, data)


if __name__ == "__main__":
    main()
