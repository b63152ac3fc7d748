"""A process of its own: pages, probes, signals and the service manager, without anything of an exporter."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path

import pytest

from exporter.settings.section import Problem
from exporter.settings.yaml_file import ConfigError
from exporter.toolkit import probe_socket
from exporter.toolkit.address import Address
from exporter.toolkit.daemon import Daemon
from exporter.toolkit.reloading import Apply
from toolkit.served import WITHIN, hello

LOOPBACK = Address("127.0.0.1", 0)


class Manager:
    """A service manager that notes what it is told."""

    def __init__(self, name: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(name)
        self._socket.settimeout(WITHIN)

    def next(self) -> str:
        """Wait for the next message."""
        return self._socket.recv(1000).decode()

    async def told(self, text: str) -> None:
        """Wait for a message that begins with a text."""
        while not (await asyncio.to_thread(self.next)).startswith(text):
            pass

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Manager]:
    name = str(tmp_path / "notify")
    manager = Manager(name)
    monkeypatch.setenv("NOTIFY_SOCKET", name)
    monkeypatch.setenv("WATCHDOG_USEC", "20000")
    yield manager
    manager.close()


class Settings:
    """A file that can be read again, and what was done with it."""

    def __init__(self) -> None:
        self.good = True
        self.applied = 0
        self.failed = 0

    def read(self) -> Apply:
        if not self.good:
            raise ConfigError(Path("settings.yaml"), [Problem("a", "is wrong")])
        return self.apply

    def apply(self) -> None:
        self.applied += 1

    def fail(self) -> None:
        self.failed += 1


async def ask(address: Address, path: str = "/", method: str = "GET") -> tuple[int, bytes]:
    reader, writer = await asyncio.open_connection(address.host, address.port)
    writer.write(f"{method} {path} HTTP/1.0\r\n\r\n".encode())
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    return int(head.split()[1]), body


@asynccontextmanager
async def serving(daemon: Daemon, *inherited: socket.socket) -> AsyncIterator[Address]:
    """Serve while the block runs, which must end with a signal; yields the last address."""
    async with asyncio.timeout(WITHIN), daemon.listen([LOOPBACK], inherited) as addresses:
        end = asyncio.create_task(daemon.serve())
        yield addresses[-1]
        await end


def send(number: signal.Signals) -> None:
    os.kill(os.getpid(), number)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_a_signal_and_tells_the_manager(manager: Manager, number: signal.Signals) -> None:
    async def main() -> None:
        daemon = Daemon("test", hello, healthy=lambda: True)
        assert daemon.scheme == "http"
        async with serving(daemon) as address:
            await manager.told("READY=1\nSTATUS=serving")
            assert await ask(address, "/page") == (HTTPStatus.OK, b"hello /page\n")
            await manager.told("WATCHDOG=1")
            send(number)
            await manager.told("STOPPING=1")
        with pytest.raises(ConnectionRefusedError):
            await ask(address)

    asyncio.run(main())


def test_a_reload_is_asked_for_by_a_signal_and_by_a_request(manager: Manager) -> None:
    settings = Settings()

    async def main() -> None:
        daemon = Daemon(
            "test",
            hello,
            healthy=lambda: False,
            files=[settings.read],
            lifecycle=True,
            reload_failed=settings.fail,
        )
        async with serving(daemon) as address:
            send(signal.SIGHUP)
            await manager.told("RELOADING=1")
            await manager.told("READY=1\nSTATUS=serving")
            assert await ask(address, "/-/reload", "POST") == (HTTPStatus.OK, b"reloaded\n")
            assert (settings.applied, settings.failed) == (2, 0)
            settings.good = False
            send(signal.SIGHUP)
            await manager.told("READY=1\nSTATUS=serving; the last reload failed")
            status, body = await ask(address, "/-/reload", "POST")
            assert (status, body.splitlines()[-1]) == (500, b"settings.yaml: a: is wrong")
            assert (settings.applied, settings.failed) == (2, 2)
            send(signal.SIGTERM)

    asyncio.run(main())


def test_who_is_not_healthy_gives_no_sign_of_life(manager: Manager) -> None:
    checks = iter(range(3))

    def healthy() -> bool:
        if next(checks, None) is None:
            send(signal.SIGTERM)
        return False

    async def main() -> None:
        async with serving(Daemon("test", hello, healthy=healthy)):
            pass

    asyncio.run(main())
    assert manager.next() == "READY=1\nSTATUS=serving"
    assert manager.next() == "STOPPING=1"


@pytest.mark.skipif(sys.platform != "linux", reason="abstract names are Linux's")
def test_probes_are_answered_at_the_probe_socket() -> None:
    def probe(port: int) -> tuple[int, int]:
        found = []
        for path in ("/-/healthy", "/page"):
            connection = probe_socket.ProbeConnection("test", port, WITHIN)
            connection.request("GET", path)
            found.append(connection.getresponse().status)
            connection.close()
        return found[0], found[1]

    async def main() -> None:
        async with serving(Daemon("test", hello, healthy=lambda: True)) as address:
            assert await asyncio.to_thread(probe, address.port) == (HTTPStatus.OK, HTTPStatus.NOT_FOUND)
            send(signal.SIGTERM)

    asyncio.run(main())


@pytest.mark.skipif(sys.platform != "linux", reason="abstract names are Linux's")
def test_a_probe_socket_in_use_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        inherited = socket.create_server(("127.0.0.1", 0))
        taken = probe_socket.listen("test", inherited.getsockname()[1])
        assert taken
        with taken:
            async with serving(Daemon("test", hello, healthy=lambda: True), inherited) as address:
                assert (await ask(address))[0] == HTTPStatus.OK
                send(signal.SIGTERM)

    asyncio.run(main())
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "health probe socket unavailable" in caplog.text


def test_inherited_sockets_are_served_too() -> None:
    async def main() -> None:
        inherited = socket.create_server(("127.0.0.1", 0))
        expected = inherited.getsockname()[1]
        async with serving(Daemon("test", hello, healthy=lambda: True), inherited) as address:
            assert address.port == expected
            assert (await ask(address))[0] == HTTPStatus.OK
            send(signal.SIGTERM)

    asyncio.run(main())


def test_an_address_in_use_is_an_error() -> None:
    async def main(taken: socket.socket) -> None:
        daemon = Daemon("test", hello, healthy=lambda: True)
        with pytest.raises(OSError, match="in use"):
            async with daemon.listen([LOOPBACK, Address("127.0.0.1", taken.getsockname()[1])]):
                pytest.fail("it listens")

    with socket.create_server(("127.0.0.1", 0)) as taken:
        asyncio.run(main(taken))
