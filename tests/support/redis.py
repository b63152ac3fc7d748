"""A real Redis (Debian's package `redis-server`) that keeps everything in memory."""

import contextlib
import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from support.ports import free_port
from support.processes import Running, running
from support.programs import program
from support.waiting import until


@dataclass(frozen=True)
class Redis:
    """A running server and its URL, such as redis://127.0.0.1:40123/0."""

    url: str
    port: int
    process: Running


@contextlib.contextmanager
def redis_server(folder: Path, *flags: str, port: int | None = None) -> Iterator[Redis]:
    """Run a Redis on a free port, or the given one, while the block runs; yields once it answers."""
    port = port or free_port()
    command = [
        program("redis-server"),
        *("--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"),
        *("--dir", os.fspath(folder), *flags),
    ]
    folder.mkdir(parents=True, exist_ok=True)
    with running(command, folder) as process:

        def answers() -> bool:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
                connection.sendall(b"PING\r\n")
                return bool(connection.recv(100))

        until(answers, 60, "Redis", report=process.output)
        yield Redis(f"redis://127.0.0.1:{port}/0", port, process)
