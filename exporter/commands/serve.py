"""`serve`: the exporter."""

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict

from exporter import __version__, logs
from exporter.clock import SystemClock
from exporter.commands.support.config_loading import journals_folder, opened_state, tokens_of
from exporter.commands.support.running_exporters import STATE_PATH, state_page, warn_of_others
from exporter.commands.support.service_runner import Serving
from exporter.commands.support.service_runner import run as run_server
from exporter.commands.support.web_config_loading import read_both
from exporter.config import Config, load_config
from exporter.operators.lookups import removing_stale_caches
from exporter.service import Service
from exporter.toolkit.address import Address
from exporter.toolkit.reloading import Apply
from exporter.toolkit.systemd import ActivationError, inherited_sockets

_log = logging.getLogger(__name__)


def run(arguments: argparse.Namespace) -> int:
    """Return 0 after serving until a signal; 1 if a file, a socket or an address cannot be used."""
    logs.set_priorities()
    read = read_both(arguments.config_file, arguments.web_config_file)
    if read is None:
        return 1
    config, web = read
    logs.set_up(arguments.log_level, arguments.log_format, tokens_of(config))
    try:
        sockets = inherited_sockets(os.environ)
    except ActivationError as error:
        sys.stderr.write(f"wolkvox-exporter: {error}\n")
        return 1

    def announce(addresses: Sequence[Address], scheme: str) -> None:
        about = {"scheme": scheme, "version": __version__, "operations": len(config.operations)}
        for address in addresses:
            _log.info("listening", extra={"address": str(address), **about})
        warn_of_others(config, store, {address.port for address in addresses})

    clock = SystemClock()
    # The look-ups of operators are personal data, and nobody may come back to them.
    forgetting = removing_stale_caches(journals_folder(config), lambda: clock.now().wall)
    with opened_state(config, clock) as store, forgetting:
        service = Service(config, store, telemetry_path=arguments.telemetry_path)

        def read_again() -> Apply:
            fresh = load_config(arguments.config_file)
            if fresh.state != config.state:
                _log.warning("state.url has changed; the new one is used after a restart")
            return lambda: _use(service, fresh)

        return run_server(
            Serving(
                service,
                arguments.listen_addresses,
                announce,
                web,
                sockets=sockets,
                files=[read_again, *([web.read] if web else [])],
                lifecycle=arguments.lifecycle,
                local_pages={
                    STATE_PATH: state_page(store, str(config.state), arguments.config_file, service)
                },
            )
        )


def _use(service: Service, config: Config) -> None:
    """Use another configuration; raises SecretError, with nothing changed."""
    logs.hide(tokens_of(config))
    changes = service.reload(config)
    _log.info("reloaded", extra={kind: len(names) for kind, names in asdict(changes).items()})
