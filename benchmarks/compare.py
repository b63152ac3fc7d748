"""The server beside others: bodies and connections, TLS, and a fast client among slow and idle ones."""

import contextlib
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.load import Client, load
from benchmarks.processes import free_port, running
from benchmarks.servers import HERE, Served, nginx, rival
from benchmarks.table import Report

MB = 10**6
SLOW, IDLE = 20, 200


@contextlib.contextmanager
def own(file: Path, folder: Path, tls: tuple[Path, Path] | None = None) -> Iterator[Served]:
    """Run the exporter's server with a finished file."""
    port = free_port()
    command = [sys.executable, HERE / "own_server.py", str(port), file, *(tls or ())]
    with running(command, folder, port) as one:
        yield Served(one, port)


def certificate(folder: Path) -> tuple[Path, Path]:
    """Make a certificate for localhost."""
    names = (folder / "cert.pem", folder / "key.pem")
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
    ]
    command += ["-subj", "/CN=localhost", "-days", "2", "-out", str(names[0]), "-keyout", str(names[1])]
    subprocess.run(command, check=True, capture_output=True)
    return names


def measure(
    report: Report, folder: Path, python: str | None, *, seconds: float, large: int = 30 * MB
) -> None:
    """Measure every server; `python` is one with the packages of the rivals, None to leave them out."""
    www = folder / "www"
    www.mkdir(exist_ok=True)
    sizes = [large // 100, large // 10, large]
    line = b'wolkvox_campaign_records{operation="ventas-bogota",campaign_id="4875",campaign="VENTAS"} 1234\n'
    files = {}
    for size in sizes:
        files[size] = www / f"body-{size}"
        files[size].write_bytes((line * (size // len(line) + 1))[:size])
    folder.chmod(0o755)
    kinds = ["exporter", "nginx", *(["uvicorn", "waitress", "cheroot", "wsgiref"] if python else [])]
    rows, hard = [], []
    for kind in kinds:
        for size in sizes:
            with _server(kind, files[size], folder, python) as served:
                cells = []
                for connections in (1, 10, 50):
                    done = load(
                        served.program,
                        served.port,
                        f"/body-{size}",
                        seconds=seconds,
                        connections=connections,
                        least=1,
                    )
                    cells += [f"{done.cpu * 1e3:.2f}", f"{done.median * 1e3:.1f}"]
                rows.append([kind, f"{size / MB:g}", *cells, f"{served.program.megabytes('VmHWM'):.0f}"])
        with _server(kind, files[sizes[-1]], folder, python) as served:
            hard.append([kind, *_among_the_slow(served, f"/body-{sizes[-1]}", seconds)])
    report.table(
        "Servers with finished bodies: CPU ms and median ms a request, most memory in MB",
        ["server", "MB", "CPU, 1 client", "time", "CPU, 10", "time", "CPU, 50", "time", "memory"],
        rows,
    )
    report.table(
        f"The same, among {SLOW} clients that stop reading a body of {large / MB:g} MB and {IDLE} idle ones: "
        "time of a fast one in ms, memory in MB",
        ["server", "median", "longest", "memory"],
        hard,
    )
    _with_tls(report, folder, files[sizes[1]], python, seconds)


@contextlib.contextmanager
def _server(
    kind: str, file: Path, folder: Path, python: str | None, tls: tuple[Path, Path] | None = None
) -> Iterator[Served]:
    with contextlib.ExitStack() as stack:
        if kind == "exporter":
            yield stack.enter_context(own(file, folder, tls))
        elif kind == "nginx":
            yield stack.enter_context(nginx(folder, tls))
        else:
            yield stack.enter_context(rival(kind, file, folder, python or "", *map(str, tls or ())))


def _among_the_slow(served: Served, path: str, seconds: float) -> list[str]:
    others = []
    for number in range(SLOW + IDLE):
        one = socket.create_connection(("127.0.0.1", served.port), 10)
        others.append(one)
        if number < SLOW:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**14)
            one.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            one.settimeout(10)
            with contextlib.suppress(TimeoutError):
                one.recv(1000)
    times = []
    client = Client(served.port, path)
    end = time.monotonic() + seconds
    with contextlib.suppress(OSError):
        client._connected().settimeout(10)  # noqa: SLF001 - a server that never comes to it is told as such
        while not times or time.monotonic() < end:
            times.append(client.ask()[0])
    memory = served.program.megabytes("VmHWM")
    for one in others:
        one.close()
    if not times:
        return ["no answer in 10 s", "", f"{memory:.0f}"]
    ordered = sorted(times)
    return [f"{ordered[len(ordered) // 2] * 1e3:.1f}", f"{ordered[-1] * 1e3:.1f}", f"{memory:.0f}"]


def _with_tls(report: Report, folder: Path, file: Path, python: str | None, seconds: float) -> None:
    tls = certificate(folder)
    rows = []
    for kind in ["exporter", "nginx", *(["uvicorn"] if python else [])]:
        with _server(kind, file, folder, python, tls) as served:
            kept = load(served.program, served.port, f"/{file.name}", seconds=seconds, tls=True)
            shaken = _handshakes(served, seconds)
            rows.append([kind, f"{kept.cpu * 1e3:.2f}", f"{kept.median * 1e3:.1f}", f"{shaken * 1e3:.2f}"])
    report.table(
        f"TLS 1.3, {file.stat().st_size / MB:g} MB: CPU ms and median ms a request, CPU ms a handshake",
        ["server", "CPU", "time", "handshake"],
        rows,
    )


def _handshakes(served: Served, seconds: float) -> float:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    before, count, end = served.program.cpu(), 0, time.monotonic() + seconds
    while time.monotonic() < end:
        with socket.create_connection(("127.0.0.1", served.port), 10) as plain, context.wrap_socket(plain):
            count += 1
    return (served.program.cpu() - before) / count
