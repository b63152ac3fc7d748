"""What `serve` and `demo` share: run a service and its web server until a signal."""

import asyncio
import logging
import signal
import sys
from collections.abc import Callable, Sequence

from exporter.service import Service
from exporter.web import DEFAULT_LISTEN_ADDRESS, Address, Server, parse_address

_log = logging.getLogger(__name__)

_POLLS_MAY_END = 5.0


def addresses_of(texts: Sequence[str] | None) -> list[Address]:
    """Return the addresses of the repeated flag, or the default one."""
    return [parse_address(text) for text in texts or [DEFAULT_LISTEN_ADDRESS]]


def run_service(
    service: Service, addresses: Sequence[Address], announce: Callable[[Sequence[Address]], None]
) -> int:
    """Serve until SIGTERM or SIGINT; `announce` gets the addresses that were got. Returns the exit code."""
    return asyncio.run(_run(service, addresses, announce))


async def _run(
    service: Service, addresses: Sequence[Address], announce: Callable[[Sequence[Address]], None]
) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await asyncio.to_thread(service.restore)
    server = Server(service.app)
    try:
        bound = await server.start(addresses)
    except OSError as error:
        sys.stderr.write(f"wolkvox-exporter: cannot listen: {error}\n")
        await server.stop()
        return 1
    service.engine.start()
    announce(bound)
    await stop.wait()
    _log.info("stopping")
    await server.stop()
    service.app.close()
    await asyncio.to_thread(service.engine.stop, _POLLS_MAY_END)
    return 0
