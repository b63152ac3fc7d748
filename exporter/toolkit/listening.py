"""Listening sockets and their addresses."""

import errno
import socket
from collections.abc import Iterable, Sequence

from exporter.toolkit.address import Address

_BACKLOG = 512
_NO_SUCH_ADDRESS = {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}


def listen(address: Address, among: Sequence[Address] = ()) -> list[socket.socket]:
    """Return listening sockets for every IP address of the host, all on one port.

    As in Go, `::` means IPv4, too, unless `among` the addresses of the program another one has its port: IPv4
    is then for that one to take. An address family that this machine does not have is left out if another one
    remains. Raises OSError, for instance if an address is in use.
    """
    shared = address.port and sum(one.port == address.port for one in among) > 1
    if not address.host or (address.host == "::" and not shared):
        return [_everywhere(address.port)]
    found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    listeners: list[socket.socket] = []
    missing: OSError | None = None
    try:
        for family, where in dict.fromkeys((family, place[:2]) for family, _, _, _, place in found):
            port = listeners[0].getsockname()[1] if listeners else address.port
            try:
                listeners.append(socket.create_server((str(where[0]), port), family=family, backlog=_BACKLOG))
            except OSError as error:
                if error.errno not in _NO_SUCH_ADDRESS:
                    raise
                missing = error
    except OSError:
        close(listeners)
        raise
    if missing and not listeners:
        raise missing
    return listeners


def _everywhere(port: int) -> socket.socket:
    """Return one socket that listens on all addresses, IPv4 and IPv6 if the machine has both."""
    if socket.has_dualstack_ipv6():
        try:
            return socket.create_server(
                ("", port), family=socket.AF_INET6, backlog=_BACKLOG, dualstack_ipv6=True
            )
        except OSError as error:
            # IPv6 can be compiled in and disabled.
            if error.errno not in _NO_SUCH_ADDRESS:
                raise
    return socket.create_server(("", port), backlog=_BACKLOG)


def address_of(bound: socket.socket) -> Address | None:
    """Return the address of an IP socket; None for a Unix socket."""
    if bound.family not in {socket.AF_INET, socket.AF_INET6}:
        return None
    host, port = bound.getsockname()[:2]
    return Address(unmapped(host), port)


def unmapped(host: str) -> str:
    """Return an IPv4-mapped IPv6 address as the IPv4 address (RFC 4291, section 2.5.5.2)."""
    return host.removeprefix("::ffff:") if "." in host else host


def close(listeners: Iterable[socket.socket]) -> None:
    """Close sockets."""
    for listener in listeners:
        listener.close()
