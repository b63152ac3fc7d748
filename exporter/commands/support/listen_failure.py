"""Why a command cannot listen, for people."""

import errno
import os

from exporter.toolkit.address import Address


def listen_failure(error: OSError, flag: str, address: Address | None = None) -> str:
    """Return why an address cannot be used, and what to do; it is that of the error where none is given."""
    where = f" on {address or error.filename}" if address or error.filename else ""
    if error.errno == errno.EADDRINUSE:
        return (
            f"cannot listen{where}: it is in use; end what listens there, or name another address with {flag}"
        )
    # The standard library adds the address to what the system says.
    known = error.errno is not None and error.errno > 0
    return f"cannot listen{where}: {os.strerror(error.errno or 0) if known else error.strerror or error}"
