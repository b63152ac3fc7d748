"""Real sockets; what a machine without IPv6 does is tried in network namespaces, by tests/integration."""

import asyncio
import errno
import socket

import pytest

from exporter.toolkit.address import Address
from exporter.toolkit.listening import close, listen
from exporter.toolkit.server import Server
from support.ports import free_port
from toolkit.served import hello

V4, V6 = "127.0.0.1", "::1"
EVERYWHERE = "::"

pytestmark = pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="needs IPv6")


def answers(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=10).close()
    except ConnectionRefusedError:
        return False
    return True


@pytest.mark.parametrize("host", ["", EVERYWHERE])
def test_everywhere_is_ipv4_and_ipv6(host: str) -> None:
    listeners = listen(Address(host, 0))
    port = listeners[0].getsockname()[1]
    assert (answers(V4, port), answers(V6, port)) == (True, True)
    close(listeners)


@pytest.mark.parametrize(
    ("host", "v4", "v6"),
    [("0.0.0.0", True, False), (V4, True, False), (V6, False, True)],  # noqa: S104 - a test
)
def test_other_addresses_are_what_they_say(host: str, v4: bool, v6: bool) -> None:
    listeners = listen(Address(host, 0))
    port = listeners[0].getsockname()[1]
    assert (answers(V4, port), answers(V6, port)) == (v4, v6)
    close(listeners)


@pytest.mark.parametrize("other", ["0.0.0.0", V4, "127.0.0.2"])  # noqa: S104 - a test
@pytest.mark.parametrize("first", [True, False])
def test_ipv4_is_for_the_address_that_names_it(other: str, first: bool) -> None:
    port = free_port()
    addresses = [Address(EVERYWHERE, port), Address(other, port)]
    if first:
        addresses.reverse()

    async def main() -> None:
        server = Server(hello)
        assert await server.start(addresses) == addresses
        reached = [await asyncio.to_thread(answers, host, port) for host in (V4, "127.0.0.2", V6)]
        assert reached == [other != "127.0.0.2", other != V4, True]
        await server.stop()

    asyncio.run(main())


def test_addresses_with_ports_of_their_own_take_nothing_from_everywhere() -> None:
    port = free_port()

    async def main() -> None:
        server = Server(hello)
        bound = await server.start([Address(EVERYWHERE, port), Address(V4, 0), Address(EVERYWHERE, 0)])
        for address in bound:
            assert await asyncio.to_thread(answers, V4, address.port)
        await server.stop()

    asyncio.run(main())


@pytest.mark.parametrize("host", ["", EVERYWHERE])
def test_a_port_that_another_program_has_on_ipv4_is_in_use(host: str) -> None:
    with socket.create_server((V4, 0)) as taken, pytest.raises(OSError, match="in use"):
        listen(Address(host, taken.getsockname()[1]))


MISSING = pytest.mark.parametrize("missing", [errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL])


def take_ipv6_away(missing: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make each socket for IPv6 fail as on a machine whose kernel has none, or whose networks have none."""
    create = socket.create_server

    def without_ipv6(*args: object, family: int = socket.AF_INET, **more: object) -> socket.socket:
        if family == socket.AF_INET6:
            raise OSError(missing, "no IPv6")
        return create(*args, family=family, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "create_server", without_ipv6)
    monkeypatch.setattr(socket, "has_dualstack_ipv6", lambda: missing != errno.EAFNOSUPPORT)


@MISSING
@pytest.mark.parametrize("host", ["", EVERYWHERE])
def test_a_machine_without_ipv6_listens_on_ipv4(
    host: str, missing: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_ipv6_away(missing, monkeypatch)
    listeners = listen(Address(host, 0))
    assert answers(V4, listeners[0].getsockname()[1])
    close(listeners)


@MISSING
def test_what_is_for_ipv6_alone_is_refused_without_it(missing: int, monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    take_ipv6_away(missing, monkeypatch)
    both = [Address(host, port) for host in (EVERYWHERE, V4)]
    with pytest.raises(OSError, match="no IPv6"):
        listen(both[0], both)
