"""Where the state is kept: `state.url` in config.yaml, a URL by RFC 3986."""

import os
import pwd
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from exporter.settings.keys import Kind

_FOLDER, _FILE = "wolkvox-exporter", "state.db"
SERVICE_FOLDER = Path("/var/lib/wolkvox-exporter")
"""The folder of the state of an installed service, and of the image."""
_EXAMPLE = "sqlite:///var/lib/wolkvox-exporter/state.db or redis://host:6379/0 is expected"
_TLS_OPTIONS = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile")


@dataclass(frozen=True, slots=True)
class StatePlace:
    """The SQLite file of the state; or, when `redis_url` is not "", the Redis. A URL may hold a password."""

    file: Path = Path()
    redis_url: str = field(default="", repr=False)

    def __str__(self) -> str:
        """Return the place for people and logs, without user and password."""
        if not self.redis_url:
            return str(self.file)
        url = urlsplit(self.redis_url)
        return f"{url.scheme}://{url.netloc.rpartition('@')[2]}{url.path}"

    @property
    def secret(self) -> str:
        """The password of the URL, as it must not show in a log; "" without one."""
        return unquote(urlsplit(self.redis_url).password or "")


def default_state() -> StatePlace:
    """Return the file where the configuration names none, in the first of these folders that there is.

    They are `$XDG_STATE_HOME/wolkvox-exporter` (XDG Base Directory Specification), which is made where it is
    missing; that of an installed service, so that whoever runs a command beside it uses the same; and that of
    the user.
    """
    given = Path(os.environ.get("XDG_STATE_HOME", ""))
    # The specification wants relative paths ignored.
    if given.is_absolute():
        return StatePlace(given / _FOLDER / _FILE)
    if SERVICE_FOLDER.is_dir():
        return StatePlace(SERVICE_FOLDER / _FILE)
    try:
        home = os.environ.get("HOME") or pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:
        # A container may run as a user that its system does not know.
        return StatePlace(SERVICE_FOLDER / _FILE)
    return StatePlace(Path(home) / ".local/state" / _FOLDER / _FILE)


def state_place(raw: object) -> StatePlace:
    """Read the URL of the state; raises ValueError with a message for people, without the password."""
    if not isinstance(raw, str) or not raw:
        raise ValueError(f"a URL such as {_EXAMPLE}")
    if not raw.isascii() or not raw.isprintable() or " " in raw:
        raise ValueError("is not a URL (RFC 3986): write other characters than ASCII, and blanks, as %20")
    try:
        url = urlsplit(raw)
        port = url.port
    except ValueError:
        raise ValueError(f"is not a URL: {_EXAMPLE}") from None
    if url.scheme == "sqlite":
        return StatePlace(file=_file(url))
    if url.scheme in {"redis", "rediss"}:
        _check_redis(url, port)
        return StatePlace(redis_url=raw)
    raise ValueError(f"unknown kind of URL: {_EXAMPLE}")


def _file(url: SplitResult) -> Path:
    if url.netloc not in {"", "localhost"}:
        raise ValueError("sqlite:// is followed by a third slash and the file's whole path")
    path = unquote(url.path)
    if not path.startswith("/") or path.endswith("/") or "\0" in path:
        raise ValueError("the whole path of a file is expected, such as sqlite:///var/lib/x.db")
    if url.query or url.fragment:
        raise ValueError("a sqlite: URL has no query and no fragment; in a name write ? as %3F and # as %23")
    return Path("/" + path.lstrip("/"))  # Path keeps two slashes at the beginning, which mean nothing here


def _check_redis(url: SplitResult, port: int | None) -> None:
    if not url.hostname or port == 0:
        raise ValueError("the host of the Redis is expected, such as redis://host:6379/0")
    database = url.path.removeprefix("/")
    if database and not (database.isdigit() and len(database) <= 5):  # noqa: PLR2004 - more are not databases
        raise ValueError("the path of a Redis URL is the number of its database, such as /0")
    if url.fragment:
        raise ValueError("a Redis URL has no fragment; in a password write # as %23")
    options = [key for key, _ in parse_qsl(url.query, keep_blank_values=True)]
    allowed = _TLS_OPTIONS if url.scheme == "rediss" else ()
    for option in options:
        if option not in allowed:
            which = f": {', '.join(allowed)} are known" if allowed else ""
            raise ValueError(f"unknown option {option[:100]!r} in the URL{which}")
    if find_spec("redis") is None:
        raise ValueError(
            "the Python package redis is not installed, which redis:// needs: "
            "pip install 'wolkvox-exporter[redis]'"
        )


URL = Kind(state_place, {"type": "string", "pattern": "^(sqlite|redis|rediss)://"})
