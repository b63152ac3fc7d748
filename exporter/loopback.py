"""Which hosts are this machine: to it a token may be sent unencrypted, and never through a proxy."""

from ipaddress import ip_address


def is_loopback(host: str | None) -> bool:
    """Return whether a host name or address is this machine's loopback (RFC 6761, section 6.3; RFC 6890)."""
    if host == "localhost":
        return True
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False
