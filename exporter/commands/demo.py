"""`demo`: the simulator and the exporter in one process, no account and no file needed."""

import argparse
import sys
import time
from collections.abc import Sequence

from exporter import logs
from exporter.commands.serving import Serving, addresses_of
from exporter.commands.serving import run as run_server
from exporter.commands.simulation import demo_books, demo_config, make_simulator
from exporter.service import Service
from exporter.state import MemoryStore
from exporter.web import Address


def run(arguments: argparse.Namespace) -> int:
    """Run the demo until a signal; 1 when an address cannot be used."""
    logs.set_up(arguments.log_level, arguments.log_format)
    simulator = make_simulator(arguments, ("127.0.0.1", 0))
    if simulator is None:
        return 1
    path = arguments.telemetry_path

    def announce(addresses: Sequence[Address]) -> None:
        lines = ["wolkvox-exporter demo: invented campaigns, no account needed. Ctrl-C ends it.", ""]
        for address in addresses:
            lines += [f"  status page        {address.url}/", f"  metrics            {address.url}{path}"]
        lines += [f"  simulated wolkvox  {simulator.url}", ""]
        lines += ["Campaigns appear within seconds; 10 s here stand for 5 minutes of a real poll.", ""]
        sys.stdout.write("\n".join(lines))
        sys.stdout.flush()

    with simulator:
        config = demo_config(simulator)
        books = demo_books(simulator, config)
        service = Service(config, MemoryStore(time.monotonic), telemetry_path=path, books=books)
        return run_server(Serving(service, addresses_of(arguments.listen_addresses), announce))
