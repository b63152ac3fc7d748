"""Listen addresses as the Prometheus family writes them: `:10042`, `127.0.0.1:10042`, `[::1]:10042`."""

from dataclasses import dataclass

DEFAULT_PORT = 10042
DEFAULT_LISTEN_ADDRESS = f":{DEFAULT_PORT}"
_LARGEST_PORT = 65535


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen; an empty host is every address of the machine, port 0 is a free one."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def url(self, scheme: str = "http") -> str:
        """Return the address to open on this machine."""
        here = "localhost" if self.host in {"", "0.0.0.0", "::"} else self.host  # noqa: S104 - read, not bound
        return f"{scheme}://{Address(here, self.port)}"


def parse_address(text: str) -> Address:
    """Read a listen address; raises ValueError with a message for people."""
    host, colon, port = text.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    if not colon or (":" in host and not bracketed) or not (port.isascii() and port.isdigit()):
        raise ValueError(f"{text!r} is not an address such as :10042, 127.0.0.1:10042 or [::1]:10042")
    if int(port) > _LARGEST_PORT:
        raise ValueError(f"{text!r}: a port is at most {_LARGEST_PORT}")
    return Address(host[1:-1] if bracketed else host, int(port))
