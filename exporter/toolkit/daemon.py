"""Serves HTTP as a daemon does: until SIGTERM, with reloads, a probe socket, and systemd kept informed."""

import asyncio
import contextlib
import logging
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable, Mapping, Sequence

from exporter.toolkit import listening, probe_socket
from exporter.toolkit.address import Address
from exporter.toolkit.connection import ClientLimits
from exporter.toolkit.lifecycle import Lifecycle
from exporter.toolkit.message import Handler
from exporter.toolkit.probe_socket import LocalPage
from exporter.toolkit.reloading import ReadConfig, Reloader
from exporter.toolkit.security import Guard, WebConfigFile
from exporter.toolkit.server import Server
from exporter.toolkit.systemd import Notifier

_log = logging.getLogger(__name__)

_MAX_PROBE_CONNECTIONS = 16


class Daemon:
    """A process that serves the pages of a handler until SIGTERM or SIGINT.

    Make it in a running event loop before anything that takes time: from then on it handles these signals,
    and SIGHUP if there are `files` to reload. `listen` makes the pages available, `serve` waits for the end.

    `program` is its name, for the probe socket and for those who are asked for a password. While `healthy`
    returns True, the watchdog of systemd gets its signs of life. A reload reads the `files`; `POST /-/reload`
    triggers one if `lifecycle` is set; `reload_failed` is called if one fails.
    `local_pages` are by path, and for this machine alone: the probe socket has them.
    """

    def __init__(  # noqa: PLR0913 - what programs differ in
        self,
        program: str,
        handler: Handler,
        *,
        healthy: Callable[[], bool],
        web_config: WebConfigFile | None = None,
        files: Sequence[ReadConfig] = (),
        lifecycle: bool = False,
        reload_failed: Callable[[], None] = lambda: None,
        local_pages: Mapping[str, LocalPage] | None = None,
    ) -> None:
        self._program = program
        self._local_pages = local_pages
        self._healthy = healthy
        self._web_config = web_config
        self._reloader = Reloader(files, reload_failed)
        self._notifier = Notifier(os.environ)
        self._stop, self._hang_up = asyncio.Event(), asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        if files:
            loop.add_signal_handler(signal.SIGHUP, self._hang_up.set)
            handler = Lifecycle(handler, self._reload if lifecycle else None)
        self._handler = handler

    @property
    def scheme(self) -> str:
        """The scheme of the pages' URLs."""
        return "https" if self._web_config and self._web_config.encrypted else "http"

    @contextlib.asynccontextmanager
    async def listen(
        self, addresses: Sequence[Address], inherited: Sequence[socket.socket] = ()
    ) -> AsyncIterator[list[Address]]:
        """Serve addresses and inherited sockets while the block runs; yields the addresses with actual ports.

        Completes pending responses at the end. Raises OSError if it cannot listen on one of the addresses.
        """
        web = self._web_config
        guard = Guard(self._handler, web, self._program) if web else None
        server = Server(guard or self._handler, tls_context=web.tls_context if web else None)
        probes = Server(
            probe_socket.probes_only(self._handler, self._local_pages),
            ClientLimits(connections=_MAX_PROBE_CONNECTIONS),
        )
        try:
            bound = await server.start(addresses)
            server.adopt(inherited)
            bound += [address for one in inherited if (address := listening.address_of(one))]
            for port in sorted({address.port for address in bound}):
                self._listen_for_probes(probes, port)
            yield bound
        finally:
            await server.stop()
            await probes.stop()
            if guard:
                guard.close()

    def _listen_for_probes(self, probes: Server, port: int) -> None:
        try:
            found = probe_socket.listen(self._program, port)
        except OSError as error:
            _log.warning(
                "health probe socket unavailable, local health checks fall back to HTTP",
                extra={"port": port, "error": error.strerror},
            )
        else:
            probes.adopt([found] if found else [])

    async def serve(self) -> None:
        """Notify systemd that the process is ready, and return when it is to end."""
        self._notifier.ready("serving")
        tasks = [asyncio.create_task(self._reload_on_hang_up()), asyncio.create_task(self._feed_watchdog())]
        await self._stop.wait()
        _log.info("stopping")
        self._notifier.stopping()
        for task in tasks:
            task.cancel()

    async def _reload_on_hang_up(self) -> None:
        while True:
            await self._hang_up.wait()
            self._hang_up.clear()
            await self._reload()

    async def _reload(self) -> Sequence[str]:
        self._notifier.reloading()
        problems = await self._reloader.reload()
        self._notifier.ready("serving; the last reload failed, see the log" if problems else "serving")
        return problems

    async def _feed_watchdog(self) -> None:
        """Send signs of life while the program is healthy and the event loop runs."""
        while self._notifier.watchdog_seconds is not None:
            if self._healthy():
                self._notifier.alive()
            await asyncio.sleep(self._notifier.watchdog_seconds)
