import errno
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from exporter.wolkvox.connecting import ALLOW_LIST_HINT, connect
from exporter.wolkvox.deadline import Deadline
from exporter.wolkvox.errors import Cause, RequestFailed
from wolkvox.vendor import Vendor


@pytest.fixture
def deadline() -> Iterator[Deadline]:
    with Deadline(20.0, time.monotonic) as deadline:
        yield deadline


def resolving(monkeypatch: pytest.MonkeyPatch, addresses: list[tuple[str, int]] | Exception) -> None:
    original = socket.getaddrinfo

    def getaddrinfo(host: str, port: int, *, type: int = 0, flags: int = 0) -> Any:  # noqa: A002
        if flags:
            return original(host, port, type=type, flags=flags)
        if isinstance(addresses, Exception):
            raise addresses
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", address) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port whose queue is full: connecting to it neither works nor fails."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        waiting = []
        for _ in range(4):
            sock = socket.socket()
            sock.setblocking(False)
            sock.connect_ex(("127.0.0.1", port))
            waiting.append(sock)
        yield port
        for sock in waiting:
            sock.close()


def test_a_refusing_address_leaves_the_next_one(
    monkeypatch: pytest.MonkeyPatch, vendor: Callable[..., Vendor], deadline: Deadline
) -> None:
    good = vendor(b"")
    resolving(monkeypatch, [("127.0.0.1", closed_port()), ("127.0.0.1", good.port)])
    with connect("somewhere.invalid", 1, deadline, 5.0) as sock:
        assert sock.getpeername() == ("127.0.0.1", good.port)


def test_a_silent_address_leaves_time_for_the_next_one(
    monkeypatch: pytest.MonkeyPatch, vendor: Callable[..., Vendor], deadline: Deadline, silent_port: int
) -> None:
    good = vendor(b"")
    resolving(monkeypatch, [("127.0.0.1", silent_port), ("127.0.0.1", good.port)])
    with connect("somewhere.invalid", 1, deadline, 0.6) as sock:
        assert sock.getpeername() == ("127.0.0.1", good.port)


def test_all_addresses_share_the_limit(
    monkeypatch: pytest.MonkeyPatch, deadline: Deadline, silent_port: int
) -> None:
    resolving(monkeypatch, [("127.0.0.1", silent_port)] * 20)
    start = time.monotonic()
    with pytest.raises(RequestFailed) as caught:
        connect("somewhere.invalid", 1, deadline, 0.5)
    assert time.monotonic() - start < 9  # half a second each would be ten
    assert caught.value.cause is Cause.CONNECTION
    assert caught.value.detail == "connecting timed out"
    assert caught.value.hint == ALLOW_LIST_HINT


def test_a_name_that_does_not_resolve(monkeypatch: pytest.MonkeyPatch, deadline: Deadline) -> None:
    for error in (socket.gaierror(socket.EAI_NONAME, "no"), UnicodeError("idna")):
        resolving(monkeypatch, error)
        with pytest.raises(RequestFailed) as caught:
            connect("nonexistent.invalid", 1, deadline, 5.0)
        assert caught.value.cause is Cause.CONNECTION
        assert "resolved" in caught.value.detail
        assert caught.value.hint == ""


def test_a_resolver_that_does_not_answer(monkeypatch: pytest.MonkeyPatch, deadline: Deadline) -> None:
    release = threading.Event()
    original = socket.getaddrinfo

    def getaddrinfo(host: str, port: int, *, type: int = 0, flags: int = 0) -> Any:  # noqa: A002
        if flags:
            return original(host, port, type=type, flags=flags)
        release.wait(20)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    start = time.monotonic()
    with pytest.raises(RequestFailed) as caught:
        connect("slow.invalid", 1, deadline, 0.2)
    release.set()
    assert time.monotonic() - start < 19
    assert caught.value.cause is Cause.CONNECTION


@pytest.mark.parametrize(
    ("error", "detail", "hint"),
    [
        (ConnectionResetError(errno.ECONNRESET, "reset"), "the connection was reset", ALLOW_LIST_HINT),
        (ConnectionRefusedError(errno.ECONNREFUSED, "no"), "the connection was refused", ""),
        (OSError(errno.ENETUNREACH, "Network is unreachable"), "cannot connect: Network is unreachable", ""),
    ],
)
def test_how_connecting_fails(
    monkeypatch: pytest.MonkeyPatch, deadline: Deadline, error: OSError, detail: str, hint: str
) -> None:
    def fail(_self: socket.socket, _address: object) -> None:
        raise error

    monkeypatch.setattr(socket.socket, "connect", fail)
    with pytest.raises(RequestFailed) as caught:
        connect("127.0.0.1", 1, deadline, 5.0)
    assert (caught.value.cause, caught.value.detail, caught.value.hint) == (Cause.CONNECTION, detail, hint)
