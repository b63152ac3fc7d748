"""The web config file as it stands now: read again when it, or a certificate that it names, has changed."""

import asyncio
import logging
import os
import ssl
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from exporter.settings.yaml_file import ConfigError
from exporter.toolkit.reloading import Use
from exporter.toolkit.security.web_config import WebConfig, load_web_config

_log = logging.getLogger(__name__)

_SETTLED = 1.0
"""Seconds after a change in which somebody may still be writing: half a file is not taken for a whole one."""

_TRY_AGAIN = 10.0
"""Seconds between two looks at files that are wrong: what is missing may have come."""

_Signature = tuple[tuple[int, int, int, int] | None, ...]


class WebConfigFile:
    """Gives the present web config; the last good one stays in force while the files are wrong.

    Looking at the files costs a few microseconds; it happens for each connection and each request. Making it
    reads the files and raises ConfigError.
    """

    def __init__(
        self,
        file: Path,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._file = file
        self._wall = wall
        self._monotonic = monotonic
        self._config = load_web_config(file)
        self._seen = _signature(self._config.files)
        self._try_again: float | None = None
        self._told: Sequence[str] = ()
        self._loading: asyncio.Task[None] | None = None

    async def current(self) -> WebConfig:
        """Return the web config as the files have it now."""
        if self._changed():
            if self._loading is None:
                self._loading = asyncio.create_task(self._refresh())
            await asyncio.shield(self._loading)
        return self._config

    async def tls(self) -> ssl.SSLContext | None:
        """Return the certificates to use for a new connection; None where it is not encrypted."""
        return (await self.current()).tls

    @property
    def encrypted(self) -> bool:
        """Tell whether connections are encrypted."""
        return self._config.tls is not None

    def read(self) -> Use:
        """Read the files at once, for a reload; raises ConfigError."""
        config, seen = self._load()
        return lambda: self._use(config, seen)

    def _use(self, config: WebConfig, seen: _Signature) -> None:
        self._config, self._seen = config, seen
        self._try_again, self._told = None, ()

    def _load(self) -> tuple[WebConfig, _Signature]:
        # The signatures come first, as far as can be: what changes while the files are read is read again.
        before = {file: _of(file) for file in self._config.files}
        config = load_web_config(self._file)
        return config, tuple(before.get(file) or _of(file) for file in config.files)

    def _changed(self) -> bool:
        now = _signature(self._config.files)
        if self._try_again is not None and self._monotonic() >= self._try_again:
            return True
        newest = max((part[0] / 1e9 for part in now if part), default=0.0)
        return now != self._seen and not 0 <= self._wall() - newest < _SETTLED

    async def _refresh(self) -> None:
        try:
            config, seen = await asyncio.to_thread(self._load)
        except ConfigError as error:
            self._seen = _signature(self._config.files)
            self._try_again = self._monotonic() + _TRY_AGAIN
            if error.lines() != self._told:
                self._told = error.lines()
                for line in self._told:
                    _log.error("the web config in use is kept", extra={"problem": line})
        else:
            self._use(config, seen)
            _log.info("web config read again", extra={"file": str(self._file), "users": len(config.users)})
        finally:
            self._loading = None


def _signature(files: Sequence[Path]) -> _Signature:
    """Return what tells that files have changed: their times, sizes and places on the disk."""
    return tuple(_of(file) for file in files)


def _of(file: Path) -> tuple[int, int, int, int] | None:
    try:
        found = os.stat(file)  # noqa: PTH116 - this runs for each request
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino
