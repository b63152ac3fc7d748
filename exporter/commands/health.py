"""`health`: for the health check of a container, which has no other HTTP client."""

import argparse
import sys
from http.client import HTTPConnection, HTTPException

from exporter.web.address import parse_address


def run(arguments: argparse.Namespace) -> int:
    """Ask `/-/healthy`; 0 when the exporter is healthy, 1 when it is not or cannot be reached."""
    address = parse_address(arguments.listen_address)
    host = "127.0.0.1" if address.host in {"", "0.0.0.0"} else address.host  # noqa: S104 - read, not bound
    connection = HTTPConnection("::1" if host == "::" else host, address.port, timeout=arguments.timeout)
    try:
        connection.request("GET", "/-/healthy")
        status = connection.getresponse().status
    except (OSError, HTTPException) as error:
        sys.stderr.write(f"wolkvox-exporter: {address} does not answer: {error}\n")
        return 1
    finally:
        connection.close()
    sys.stdout.write("healthy\n" if status == 200 else f"not healthy: HTTP {status}\n")  # noqa: PLR2004
    return 0 if status == 200 else 1  # noqa: PLR2004
