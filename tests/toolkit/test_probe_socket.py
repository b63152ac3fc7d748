"""The probe socket of a real server."""

import asyncio
import contextlib
import os
import socket
import sys
from http import HTTPStatus

import pytest

from exporter.toolkit import probe_socket
from exporter.toolkit.message import plain
from exporter.toolkit.server import Server
from toolkit.served import hello

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="abstract names are Linux's")

PROGRAM = f"probed-{os.getpid()}"
"""The names are the machine's: other tests have theirs there at the same time."""

PORT = 10042


def status(path: str) -> int:
    connection = probe_socket.ProbeConnection(PROGRAM, PORT, timeout=60)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


def test_names_of_others_are_no_ports() -> None:
    names = [
        f"\0{PROGRAM}/{PORT}",
        f"\0other\n@{PROGRAM}/{PORT + 1}",
        f"\0\n\n\xff\x85 @{PROGRAM}/1",
        f"\0{PROGRAM}/{PORT} x",
        f"\0{PROGRAM}/",
    ]
    with contextlib.ExitStack() as stack:
        for name in names:
            listener = stack.enter_context(socket.socket(socket.AF_UNIX))
            listener.bind(name)
            listener.listen()
        silent = stack.enter_context(socket.socket(socket.AF_UNIX))
        silent.bind(f"\0{PROGRAM}/{PORT + 2}")  # and does not listen
        assert probe_socket.ports(PROGRAM) == [PORT]


def test_the_probes_are_there_and_nothing_else() -> None:
    async def main() -> None:
        page = {"/local": lambda request: plain(HTTPStatus.ACCEPTED, request.query)}
        server = Server(probe_socket.probes_only(hello, page))
        listener = probe_socket.listen(PROGRAM, PORT)
        assert listener
        server.adopt([listener])
        told = {
            path: await asyncio.to_thread(status, path)
            for path in ("/-/healthy", "/-/ready", "/local", "/", "/metrics")
        }
        assert told == {"/-/healthy": 200, "/-/ready": 200, "/local": 202, "/": 404, "/metrics": 404}
        await server.stop()
        with pytest.raises(ConnectionRefusedError):
            status("/-/healthy")

    asyncio.run(main())


def test_a_name_that_is_taken_is_an_error() -> None:
    listener = probe_socket.listen(PROGRAM, PORT)
    assert listener
    with listener, pytest.raises(OSError, match="in use"):
        probe_socket.listen(PROGRAM, PORT)
