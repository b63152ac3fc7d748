"""`serve`: the exporter."""

import argparse
import logging
from collections.abc import Sequence
from dataclasses import asdict

from exporter import __version__, logs
from exporter.commands.configured import opened_state, read_config, tokens_of
from exporter.commands.serving import Serving, addresses_of
from exporter.commands.serving import run as run_server
from exporter.config import Config, load_config
from exporter.reloading import Use
from exporter.service import Service
from exporter.web import Address

_log = logging.getLogger(__name__)


def run(arguments: argparse.Namespace) -> int:
    """Serve until a signal; 1 when the configuration or an address cannot be used."""
    config = read_config(arguments.config_file)
    if config is None:
        return 1
    logs.set_up(arguments.log_level, arguments.log_format, tokens_of(config))

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

    with opened_state(config) as store:
        service = Service(config, store, telemetry_path=arguments.telemetry_path)

        def read_again() -> Use:
            fresh = load_config(arguments.config_file)
            if fresh.state != config.state:
                _log.warning("another state.url is used after a restart only")
            return lambda: _go_over(service, fresh)

        return run_server(
            Serving(
                service,
                addresses_of(arguments.listen_addresses),
                announce,
                reads=[read_again],
                lifecycle=arguments.lifecycle,
            )
        )


def _go_over(service: Service, config: Config) -> None:
    """Use another configuration; raises SecretError, with nothing changed."""
    logs.hide(tokens_of(config))
    changes = service.reload(config)
    _log.info("reloaded", extra={kind: len(names) for kind, names in asdict(changes).items()})
