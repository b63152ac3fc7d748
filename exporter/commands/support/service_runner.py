"""What `serve` and `demo` share: run a service and its web server until a signal."""

import asyncio
import gc
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from exporter.commands.support.command_line import DEFAULT_LISTEN_ADDRESS, PROGRAM
from exporter.commands.support.listen_failure import listen_failure
from exporter.service import Service
from exporter.toolkit.address import Address, parse_address
from exporter.toolkit.daemon import Daemon
from exporter.toolkit.probe_socket import LocalPage
from exporter.toolkit.reloading import ReadConfig
from exporter.toolkit.security import WebConfigFile

_POLLS_END_SECONDS = 5.0

_GC_THRESHOLDS = (5_000, 10, 20)
"""How seldom Python searches for cycles of garbage (gc.set_threshold).

10,000 campaigns are a million objects that live until the next poll, with next to no cycles among them. With
Python's own (700, 10, 10) a poll of so many takes a fifth more CPU.
"""


@dataclass(frozen=True, slots=True)
class Serving:
    """What is served, where, and what a reload reads.

    `addresses` are those of the flag; without any, it is the default one, unless the service manager has
    passed `sockets`. `announce` gets the actual addresses and the scheme of their URLs. `files` are the
    readers of the files, none where nothing can be reloaded; `lifecycle` tells whether a request may ask for
    it, as SIGHUP may always. `local_pages` are by path, and for this machine alone.
    """

    service: Service
    addresses: Sequence[str]
    announce: Callable[[Sequence[Address], str], None]
    web_config: WebConfigFile | None = None
    sockets: Sequence[socket.socket] = ()
    files: Sequence[ReadConfig] = ()
    lifecycle: bool = False
    local_pages: Mapping[str, LocalPage] = field(default_factory=dict)

    def listen_addresses(self) -> list[Address]:
        """Return the addresses to listen on, besides the sockets."""
        given = self.addresses or ([] if self.sockets else [DEFAULT_LISTEN_ADDRESS])
        return [parse_address(text) for text in given]


def run(serving: Serving) -> int:
    """Serve until SIGTERM or SIGINT, and return the exit code."""
    gc.set_threshold(*_GC_THRESHOLDS)
    return asyncio.run(_run(serving))


async def _run(serving: Serving) -> int:
    service = serving.service
    daemon = Daemon(
        PROGRAM,
        service.app,
        healthy=service.engine.healthy,  # while polling lives; that does not depend on the vendor
        web_config=serving.web_config,
        files=serving.files,
        lifecycle=serving.lifecycle,
        reload_failed=service.refused,
        local_pages=serving.local_pages,
    )
    await asyncio.to_thread(service.restore)
    try:
        async with daemon.listen(serving.listen_addresses(), serving.sockets) as addresses:
            service.engine.start()
            serving.announce(addresses, daemon.scheme)
            await daemon.serve()
            # While commands on this machine can still ask which state is in use.
            await asyncio.to_thread(service.engine.stop, _POLLS_END_SECONDS)
    except OSError as error:
        sys.stderr.write(f"{PROGRAM}: {listen_failure(error, '--web.listen-address')}\n")
        return 1
    finally:
        service.app.close()
    return 0
