"""Ports for the servers that tests start."""

import random
import socket
from pathlib import Path

_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
_FIRST, _LEAST = 11_000, 1000
_given: set[int] = set()


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that nobody listens on, never the same twice in one run.

    It is none of those that the system gives by itself, to clients and to servers that ask for any
    port (ip(7), ip_local_port_range): one of them could be gone too early. Others choose at random too.
    """
    while True:
        port = random.SystemRandom().choice(_kept_back())
        if port in _given:
            continue
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        _given.add(port)
        return port


def _kept_back() -> range:
    """Return the ports that the system gives to nobody by itself, or where that are too few, any."""
    try:
        end = int(_RANGE.read_text().split()[0])
    except OSError:  # not Linux
        end = 2**15
    return range(_FIRST, end) if end >= _FIRST + _LEAST else range(_FIRST, 2**16)
