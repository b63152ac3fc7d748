"""What `serve` and `demo` share: run a service and its web server until a signal."""

import asyncio
import gc
import logging
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from exporter.reloading import Read, Reloader
from exporter.service import Service
from exporter.web import DEFAULT_LISTEN_ADDRESS, Address, Server, parse_address
from exporter.web.lifecycle import Lifecycle

_log = logging.getLogger(__name__)

_POLLS_MAY_END = 5.0

_SWITCH_AFTER = 0.0005
"""Seconds that a thread may compute while another one waits; Python's own 5 ms add up to 50 in a scrape."""

_COLLECT_AFTER = (50_000, 20, 100)
"""Thresholds of the search for cycles: there are next to none, and 10,000 campaigns are a million objects."""


@dataclass(frozen=True, slots=True)
class Serving:
    """What is served, where, and what a reload reads.

    `announce` gets the addresses that were got. `reads` are the readers of the files, none where nothing can
    be reloaded; `lifecycle` tells whether a request may ask for it, as SIGHUP may always.
    """

    service: Service
    addresses: Sequence[Address]
    announce: Callable[[Sequence[Address]], None]
    reads: Sequence[Read] = ()
    lifecycle: bool = False


def addresses_of(texts: Sequence[str] | None) -> list[Address]:
    """Return the addresses of the repeated flag, or the default one."""
    return [parse_address(text) for text in texts or [DEFAULT_LISTEN_ADDRESS]]


def run(serving: Serving) -> int:
    """Serve until SIGTERM or SIGINT, and return the exit code."""
    sys.setswitchinterval(_SWITCH_AFTER)
    gc.set_threshold(*_COLLECT_AFTER)
    return asyncio.run(_run(serving))


async def _run(serving: Serving) -> int:
    service = serving.service
    stop, hang_up = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    reloader = Reloader(serving.reads, service.refused)
    if serving.reads:
        loop.add_signal_handler(signal.SIGHUP, hang_up.set)
    await asyncio.to_thread(service.restore)
    app = Lifecycle(service.app, reloader.reload if serving.lifecycle else None)
    server = Server(app)
    try:
        bound = await server.start(serving.addresses)
    except OSError as error:
        sys.stderr.write(f"wolkvox-exporter: cannot listen: {error}\n")
        await server.stop()
        return 1
    service.engine.start()
    serving.announce(bound)
    reloads = asyncio.create_task(_reload_on(hang_up, reloader))
    await stop.wait()
    _log.info("stopping")
    reloads.cancel()
    await server.stop()
    service.app.close()
    await asyncio.to_thread(service.engine.stop, _POLLS_MAY_END)
    return 0


async def _reload_on(hang_up: asyncio.Event, reloader: Reloader) -> None:
    while True:
        await hang_up.wait()
        hang_up.clear()
        await reloader.reload()
