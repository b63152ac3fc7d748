"""`health`: for the health check of a container, which has no other HTTP client."""

import argparse
import sys
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException

from exporter.commands.support.command_line import DEFAULT_LISTEN_ADDRESS, PROGRAM
from exporter.toolkit.address import Address, parse_address
from exporter.toolkit.probe_socket import ProbeConnection, ports

_ON_THIS_MACHINE = {"", "0.0.0.0", "::", "localhost", "127.0.0.1", "::1"}  # noqa: S104 - read, not bound


def run(arguments: argparse.Namespace) -> int:
    """Return 0 if the exporter is healthy (`/-/healthy`), 1 if it is not or cannot be reached."""
    address = parse_address(arguments.listen_address or _default_address())
    try:
        status = _ask(address, arguments.timeout)
    except (OSError, HTTPException) as error:
        reason = getattr(error, "strerror", None) or error
        sys.stderr.write(f"wolkvox-exporter: {address} does not answer: {reason}{_others(address)}\n")
        return 1
    sys.stdout.write("healthy\n" if status == HTTPStatus.OK else f"not healthy: HTTP {status}\n")
    return 0 if status == HTTPStatus.OK else 1


def _default_address() -> str:
    """Return the default address, unless one exporter runs on this machine, at another port."""
    found = ports(PROGRAM)
    return f":{found[0]}" if len(found) == 1 else DEFAULT_LISTEN_ADDRESS


def _others(address: Address) -> str:
    """Return where exporters run on this machine, if that is what was asked and none runs at the address."""
    found = ports(PROGRAM) if address.host in _ON_THIS_MACHINE else ()
    if not found or address.port in found:
        return ""
    return f"; exporters run here on {', '.join(map(str, found))}: name one with --web.listen-address=:PORT"


def _ask(address: Address, timeout: float) -> int:
    """Return the HTTP status; raises OSError and HTTPException.

    On this machine the probe socket is asked, which needs no certificate and no password; else HTTP.
    """
    if sys.platform == "linux" and address.host in _ON_THIS_MACHINE:
        try:
            return _status(ProbeConnection(PROGRAM, address.port, timeout))
        except ConnectionRefusedError:
            pass
    host = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(address.host, address.host)  # noqa: S104
    return _status(HTTPConnection(host, address.port, timeout=timeout))


def _status(connection: HTTPConnection) -> int:
    try:
        connection.request("GET", "/-/healthy")
        return connection.getresponse().status
    finally:
        connection.close()
