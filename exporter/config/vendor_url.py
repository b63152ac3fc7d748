"""Where an operation's API is: the number of a vendor's server, or an address of its own.

Each function takes any YAML value and raises ValueError with a message for people.
"""

import re
from urllib.parse import urlsplit

from exporter.loopback import is_loopback
from exporter.settings.keys import Kind
from exporter.settings.values import text

_MAX_URL_CHARACTERS = 2000
_PORTS = {"http": 80, "https": 443}
_SERVER = re.compile(r"[0-9]{4}")


def server_number(raw: object) -> str:
    """Return the number of a vendor's server, four digits."""
    # Without quotes 0042 is the octal number 34 to YAML 1.1.
    if not isinstance(raw, str) or not _SERVER.fullmatch(raw):
        raise ValueError('four digits in quotes are expected, such as "0042"')
    return raw


def base_url(raw: object) -> str:
    """Return the address of an operation: https, or http of this machine."""
    value = text(raw)
    try:
        url = urlsplit(value)
        host, port = url.hostname, url.port
    except ValueError as error:
        raise ValueError(f"not an address: {error}") from None
    good = url.scheme in _PORTS and value.isascii() and value.isprintable()
    if not host or not good or len(value) > _MAX_URL_CHARACTERS:
        raise ValueError("an address such as https://wv0042.wolkvox.com is expected")
    if url.username is not None or url.query or url.fragment or " " in value or port == 0:
        raise ValueError("an address without user, query, fragment or blanks is expected")
    if url.scheme == "http" and not is_loopback(host):
        raise ValueError("http would send the token in the clear: https is expected (http only for loopback)")
    # One form of each: leases, budgets and journals go by it.
    where = f"[{host}]" if ":" in host else host.rstrip(".")
    shown = "" if port in {None, _PORTS[url.scheme]} else f":{port}"
    return f"{url.scheme}://{where}{shown}{url.path}".rstrip("/")


SERVER_NUMBER = Kind(server_number, {"type": "string", "pattern": "^[0-9]{4}$"})
BASE_URL = Kind(base_url, {"type": "string", "maxLength": _MAX_URL_CHARACTERS, "pattern": "^https?://"})
