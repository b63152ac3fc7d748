"""Listen addresses as the Prometheus family writes them: `:10042`, `127.0.0.1:10042`, `[::1]:10042`."""

import contextlib
from dataclasses import dataclass
from ipaddress import IPv6Address

_MAX_PORT = 65535


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen; an empty host means every address of the machine, port 0 any free port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def url(self, scheme: str = "http") -> str:
        """Return the URL under which a client on this machine reaches it."""
        here = "localhost" if self.host in {"", "0.0.0.0", "::"} else self.host  # noqa: S104 - read, not bound
        return f"{scheme}://{Address(here, self.port)}"


def parse_address(text: str) -> Address:
    """Return the listen address that a text stands for; raises ValueError with a message for people."""
    host, colon, port = text.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    if not colon or (":" in host and not bracketed) or not (port.isascii() and port.isdigit()):
        raise ValueError(f"{text!r} is not an address such as :10042, 127.0.0.1:10042 or [::1]:10042")
    if int(port) > _MAX_PORT:
        raise ValueError(f"{text!r}: the port must be at most {_MAX_PORT}")
    host = host[1:-1] if bracketed else host
    with contextlib.suppress(ValueError):
        host = str(IPv6Address(host))  # one form of each: `0:0:0:0:0:0:0:0` is `::`
    return Address(host, int(port))
