"""What `serve` and `demo` share: run a service and its web server until a signal."""

import asyncio
import contextlib
import gc
import logging
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass

from exporter import systemd
from exporter.reloading import Read, Reloader
from exporter.service import Service
from exporter.web import DEFAULT_LISTEN_ADDRESS, Address, Server, listening, local, parse_address
from exporter.web.connection import Limits
from exporter.web.lifecycle import Lifecycle
from exporter.web.message import Request, Response
from exporter.web.security import Guard, WebConfigFile

_log = logging.getLogger(__name__)

_POLLS_MAY_END = 5.0
_PROBES_AT_ONCE = 16

App = Callable[[Request], Awaitable[Response]]

_GC_THRESHOLDS = (5_000, 10, 20)
"""How seldom Python searches for cycles of garbage (gc.set_threshold).

10,000 campaigns are a million objects that live until the next poll, with next to no cycles among them. With
Python's own (700, 10, 10) a poll of so many takes a third more CPU.
"""


@dataclass(frozen=True, slots=True)
class Serving:
    """What is served, where, and what a reload reads.

    `addresses` are those of the flag; without any, it is the default one, unless the service manager has
    handed over `sockets`. `announce` gets the addresses that were got and the scheme of their URLs. `reads`
    are the readers of the files, none where nothing can be reloaded; `lifecycle` tells whether a request may
    ask for it, as SIGHUP may always.
    """

    service: Service
    addresses: Sequence[str]
    announce: Callable[[Sequence[Address], str], None]
    web: WebConfigFile | None = None
    sockets: Sequence[socket.socket] = ()
    reads: Sequence[Read] = ()
    lifecycle: bool = False

    def listen_addresses(self) -> list[Address]:
        """Return the addresses to listen on, besides the sockets."""
        given = self.addresses or ([] if self.sockets else [DEFAULT_LISTEN_ADDRESS])
        return [parse_address(text) for text in given]


def run(serving: Serving) -> int:
    """Serve until SIGTERM or SIGINT, and return the exit code."""
    gc.set_threshold(*_GC_THRESHOLDS)
    return asyncio.run(_run(serving))


async def _run(serving: Serving) -> int:
    stop, hang_up = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if serving.reads:
        loop.add_signal_handler(signal.SIGHUP, hang_up.set)
    service, notifier = serving.service, systemd.Notifier(os.environ)
    await asyncio.to_thread(service.restore)
    reload = _reload(serving, notifier)
    pages: App = service.app
    if serving.reads:
        pages = Lifecycle(pages, reload if serving.lifecycle else None)
    try:
        async with _listening(serving, pages) as addresses:
            service.engine.start()
            serving.announce(addresses, "https" if serving.web and serving.web.encrypted else "http")
            notifier.ready("serving")
            tasks = [
                asyncio.create_task(_reload_on(hang_up, reload)),
                asyncio.create_task(_show_life(service, notifier)),
            ]
            await stop.wait()
            _log.info("stopping")
            notifier.stopping()
            for task in tasks:
                task.cancel()
    except OSError as error:
        sys.stderr.write(f"wolkvox-exporter: cannot listen: {error}\n")
        return 1
    finally:
        service.app.close()
    await asyncio.to_thread(service.engine.stop, _POLLS_MAY_END)
    return 0


@contextlib.asynccontextmanager
async def _listening(serving: Serving, pages: App) -> AsyncIterator[list[Address]]:
    """Listen, and at the end let running answers end; raises OSError when an address cannot be had."""
    guard = Guard(pages, serving.web) if serving.web else None
    server = Server(guard or pages, tls=serving.web.tls if serving.web else None)
    probes = Server(local.probes(pages), Limits(connections=_PROBES_AT_ONCE))
    try:
        addresses = await server.start(serving.listen_addresses())
        server.adopt(serving.sockets)
        addresses += [place for one in serving.sockets if (place := listening.place_of(one))]
        for port in sorted({address.port for address in addresses}):
            try:
                probes.adopt([found] if (found := local.listen(port)) else [])
            except OSError as error:
                _log.warning(
                    "no way in for the command health", extra={"port": port, "error": error.strerror}
                )
        yield addresses
    finally:
        await server.stop()
        await probes.stop()
        if guard:
            guard.close()


def _reload(serving: Serving, notifier: systemd.Notifier) -> Callable[[], Awaitable[Sequence[str]]]:
    reloader = Reloader(serving.reads, serving.service.refused)

    async def reload() -> Sequence[str]:
        notifier.reloading()
        problems = await reloader.reload()
        notifier.ready("serving; the last reload was refused, see the log" if problems else "serving")
        return problems

    return reload


async def _reload_on(hang_up: asyncio.Event, reload: Callable[[], Awaitable[object]]) -> None:
    while True:
        await hang_up.wait()
        hang_up.clear()
        await reload()


async def _show_life(service: Service, notifier: systemd.Notifier) -> None:
    """Tell the watchdog while polling lives and the loop turns; neither depends on the vendor."""
    while notifier.watchdog is not None:
        if service.engine.healthy():
            notifier.alive()
        await asyncio.sleep(notifier.watchdog)
