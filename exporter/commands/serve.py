"""`serve`: the exporter."""

import argparse
import logging
import time
from collections.abc import Sequence

from exporter import __version__, logs
from exporter.commands.configured import read_config, tokens_of
from exporter.commands.serving import addresses_of, run_service
from exporter.service import Service
from exporter.state import MemoryStore
from exporter.web import Address

_log = logging.getLogger(__name__)


def run(arguments: argparse.Namespace) -> int:
    """Serve until a signal; 1 when the configuration or an address cannot be used."""
    config = read_config(arguments.config_file)
    if config is None:
        return 1
    logs.set_up(arguments.log_level, arguments.log_format, tokens_of(config))
    service = Service(config, MemoryStore(time.monotonic), telemetry_path=arguments.telemetry_path)

    def announce(addresses: Sequence[Address]) -> None:
        for address in addresses:
            _log.info(
                "listening",
                extra={
                    "address": str(address),
                    "version": __version__,
                    "operations": len(config.operations),
                },
            )

    return run_service(service, addresses_of(arguments.listen_addresses), announce)
