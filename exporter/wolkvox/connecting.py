"""From a host name to a connected socket, within a limit for all of its addresses together."""

import socket
import time
from collections.abc import Sequence

from exporter.evidence import Evidence, Statement
from exporter.time_limit import ThreadError, call_within
from exporter.wolkvox.deadline import NO_THREAD, Deadline
from exporter.wolkvox.errors import Cause, RequestFailed

ALLOW_LIST_HINT = (
    "wolkvox lets connections time out, or resets them, when the caller's IP address is not on the"
    " operation's allow-list: check that the public address of this host, or of its proxy, is on it"
)

STATEMENTS = (
    Statement(
        "A caller whose address is not on the operation's allow-list gets no answer: the connection times "
        "out or is reset after some seconds.",
        Evidence.SEEN,
        "logs of a caller that left the list, on five of six servers",
    ),
)

Address = tuple[int, int, int, str, tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]]
"""Family, type, protocol, canonical name and address, as socket.getaddrinfo gives them."""


def connect(host: str, port: int, deadline: Deadline, connect_timeout: float) -> socket.socket:
    """Return a socket that is connected to `host`, and that the deadline watches.

    Resolving the name and trying every address share `connect_timeout` seconds, or what the deadline
    leaves of them. Raises RequestFailed with the cause connection.
    """
    end = time.monotonic() + min(connect_timeout, deadline.remaining())
    addresses = resolve(host, port, end)
    failure: OSError = TimeoutError()
    for index, (family, kind, protocol, _, address) in enumerate(addresses):
        # An equal share of what is left: an address that does not answer leaves time for the next one.
        share = (end - time.monotonic()) / (len(addresses) - index)
        if share <= 0:
            break
        try:
            sock = socket.socket(family, kind, protocol)
        except OSError as error:  # a family that this host does not speak
            failure = error.with_traceback(None)
            continue
        try:
            sock.settimeout(share)
            sock.connect(address)
            # Not http.client's to do: the request goes out in one piece and waits for nothing.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.settimeout(max(deadline.remaining(), 0.001))
            deadline.watch(sock)
        except OSError as error:
            # Its traceback holds all frames up to the reader of the rows, and this one holds the error.
            failure = error.with_traceback(None)
            sock.close()
        else:
            return sock
    raise _explained(failure) from None


def resolve(host: str, port: int, end: float) -> Sequence[Address]:
    """Return the addresses of a host until the monotonic time `end`; raises RequestFailed (connection)."""
    try:  # an address needs no resolver
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        pass
    # The resolver of the C library cannot be interrupted and takes half a minute when its servers are
    # silent: it is left behind in its thread when the time is over.
    addresses: Sequence[Address] = ()
    problem = "the host name cannot be resolved"
    try:
        addresses = call_within(
            end - time.monotonic(),
            lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM),
            "wolkvox-resolve",
        )
    except ThreadError:
        problem = NO_THREAD
    except TimeoutError:
        problem = "the host name was not resolved in time"
    except (OSError, UnicodeError):
        pass
    if not addresses:
        raise RequestFailed(Cause.CONNECTION, problem)
    return addresses


def _explained(error: OSError) -> RequestFailed:
    if isinstance(error, TimeoutError):
        return RequestFailed(Cause.CONNECTION, "connecting timed out", hint=ALLOW_LIST_HINT)
    if isinstance(error, ConnectionResetError):
        return RequestFailed(Cause.CONNECTION, "the connection was reset", hint=ALLOW_LIST_HINT)
    if isinstance(error, ConnectionRefusedError):
        return RequestFailed(Cause.CONNECTION, "the connection was refused")
    return RequestFailed(Cause.CONNECTION, f"cannot connect: {error.strerror or type(error).__name__}")
