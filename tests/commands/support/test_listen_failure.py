"""What is said of an address that cannot be used."""

import errno
import socket

import pytest

from exporter.commands.support.listen_failure import listen_failure
from exporter.toolkit.address import Address


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            OSError(errno.EADDRINUSE, "Address already in use", ":9042"),
            "cannot listen on :9042: it is in use; end what listens there, or name another address with --x",
        ),
        (
            PermissionError(errno.EACCES, "x (while attempting)", ":80"),
            "cannot listen on :80: Permission denied",
        ),
        (OSError(socket.EAI_NONAME, "Name not known", "x:1"), "cannot listen on x:1: Name not known"),
        (OSError("no sockets"), "cannot listen: no sockets"),
    ],
)
def test_it_names_the_address(error: OSError, said: str) -> None:
    assert listen_failure(error, "--x") == said


def test_an_address_may_be_given() -> None:
    error = OSError(errno.EADDRINUSE, "in use (while attempting to bind on address ('::1', 1))")
    assert listen_failure(error, "--x", Address("::1", 1)).startswith(
        "cannot listen on [::1]:1: it is in use; "
    )
