"""Sockets to listen on."""

import errno
import socket
from collections.abc import Iterable

from exporter.toolkit.address import Address

_BACKLOG = 512
_NO_SUCH_ADDRESS = {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}


def listen(address: Address) -> list[socket.socket]:
    """Listen on every IP address that the host stands for, on one port; raises OSError when one is taken.

    A family that this machine does not have is left out, as long as another one is left.
    """
    if not address.host:
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
    """Listen on all addresses, those of IPv4 and IPv6 on one socket where the machine has both."""
    if socket.has_dualstack_ipv6():
        try:
            return socket.create_server(
                ("", port), family=socket.AF_INET6, backlog=_BACKLOG, dualstack_ipv6=True
            )
        except OSError as error:
            # IPv6 can be compiled in and switched off.
            if error.errno not in _NO_SUCH_ADDRESS:
                raise
    return socket.create_server(("", port), backlog=_BACKLOG)


def place_of(listener: socket.socket, host: str | None = None) -> Address | None:
    """Return the address of an IP socket, under the name `host` if given; None for a Unix socket."""
    if listener.family not in {socket.AF_INET, socket.AF_INET6}:
        return None
    place = listener.getsockname()
    return Address(unmapped(place[0]) if host is None else host, place[1])


def unmapped(host: str) -> str:
    """Return an IPv4 address that came in on an IPv6 socket as such (RFC 4291, section 2.5.5.2)."""
    return host.removeprefix("::ffff:") if "." in host else host


def close(listeners: Iterable[socket.socket]) -> None:
    """Close sockets."""
    for listener in listeners:
        listener.close()
