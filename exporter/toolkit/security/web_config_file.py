"""The current web config: read again whenever its file, or a certificate that it names, has changed."""

import asyncio
import logging
import os
import ssl
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from exporter.settings.section import Problem
from exporter.settings.yaml_file import ConfigError
from exporter.toolkit.reloading import Apply
from exporter.toolkit.security.web_config import WebConfig, load_web_config

_log = logging.getLogger(__name__)

_SETTLING_SECONDS = 1.0
"""Time after a change during which somebody may still be writing: half a file must not be used."""

_RETRY_SECONDS = 10.0
"""Time between two attempts to read files that are wrong: a missing one may have appeared."""

_Signature = tuple[tuple[int, int, int, int] | None, ...]


class WebConfigFile:
    """Reads the web config; the last good one stays in use while the files are wrong.

    Checking the files for changes takes a few microseconds and happens for each connection and each request.
    The constructor reads the files and raises ConfigError.
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
        self._retry_at: float | None = None
        self._logged: Sequence[str] = ()
        self._loading: asyncio.Task[None] | None = None

    async def current(self) -> WebConfig:
        """Return the current web config."""
        if self._changed():
            if self._loading is None:
                self._loading = asyncio.create_task(self._refresh())
            await asyncio.shield(self._loading)
        return self._config

    async def tls_context(self) -> ssl.SSLContext | None:
        """Return the TLS context to use for a new connection; None if it is not to be encrypted."""
        return (await self.current()).tls

    @property
    def encrypted(self) -> bool:
        """Return whether connections are encrypted."""
        return self._config.tls is not None

    def read(self) -> Apply:
        """Return how to put into use what the files say now, for a reload; raises ConfigError."""
        config, seen = self._load()
        return lambda: self._apply(config, seen)

    def _apply(self, config: WebConfig, seen: _Signature) -> None:
        self._config, self._seen = config, seen
        self._retry_at, self._logged = None, ()

    def _load(self) -> tuple[WebConfig, _Signature]:
        # Signatures first, where the files are known: what changes while it is read is read again.
        before = {file: _of(file) for file in self._config.files}
        config = load_web_config(self._file)
        return config, tuple(before.get(file) or _of(file) for file in config.files)

    def _load_unattended(self) -> tuple[WebConfig, _Signature]:
        config, seen = self._load()
        if lost := self._config.protections - config.protections:
            # An empty file, or the beginning of one, as a full disk leaves it, must not open anything.
            what = f"no longer asks for {', '.join(sorted(lost))}"
            what += ": reload or restart the exporter if that is meant"
            raise ConfigError(self._file, [Problem("", what)])
        return config, seen

    def _changed(self) -> bool:
        now = _signature(self._config.files)
        if self._retry_at is not None and self._monotonic() >= self._retry_at:
            return True
        newest = max((part[0] / 1e9 for part in now if part), default=0.0)
        return now != self._seen and not 0 <= self._wall() - newest < _SETTLING_SECONDS

    async def _refresh(self) -> None:
        try:
            config, seen = await asyncio.to_thread(self._load_unattended)
        except ConfigError as error:
            self._seen = _signature(self._config.files)
            self._retry_at = self._monotonic() + _RETRY_SECONDS
            if error.lines() != self._logged:
                self._logged = error.lines()
                for line in self._logged:
                    _log.error(
                        "web config not reloaded, the current one stays in use", extra={"problem": line}
                    )
        else:
            self._apply(config, seen)
            _log.info("web config reloaded", extra={"file": str(self._file), "users": len(config.users)})
        finally:
            self._loading = None


def _signature(files: Sequence[Path]) -> _Signature:
    """Return what changes with the files: their times, sizes and inodes."""
    return tuple(_of(file) for file in files)


def _of(file: Path) -> tuple[int, int, int, int] | None:
    try:
        found = os.stat(file)  # noqa: PTH116 - this runs for each request
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino
