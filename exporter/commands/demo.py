"""`demo`: the simulator and the exporter in one process, no account and no file needed."""

import argparse
import sys
import time
from collections.abc import Sequence

from exporter import logs
from exporter.commands.support.config_loading import print_problems
from exporter.commands.support.demo_stack import Stack
from exporter.commands.support.running_exporters import STATE_PATH, state_page
from exporter.commands.support.service_runner import Serving
from exporter.commands.support.service_runner import run as run_server
from exporter.commands.support.simulator_setup import (
    POLL_INTERVAL_SECONDS,
    demo_config,
    demo_schedules,
    make_demo_simulator,
)
from exporter.commands.support.web_config_loading import open_web_config
from exporter.config import ConfigError
from exporter.service import Service
from exporter.state import MemoryStore
from exporter.toolkit.address import Address


def run(arguments: argparse.Namespace) -> int:
    """Return 0 after running the demo until a signal; 1 if an address or the web config cannot be used."""
    logs.set_up(arguments.log_level, arguments.log_format)
    try:
        web = open_web_config(arguments.web_config_file)
    except ConfigError as error:
        print_problems(error)
        return 1
    simulator = make_demo_simulator(arguments)
    if simulator is None:
        return 1
    path = arguments.telemetry_path
    stack = Stack(simulator, POLL_INTERVAL_SECONDS) if arguments.stack else None

    def announce(addresses: Sequence[Address], scheme: str) -> None:
        lines = ["wolkvox-exporter demo: simulated campaigns, no account needed. Press Ctrl-C to stop.", ""]
        for address in addresses:
            url = address.url(scheme)
            lines += [f"  status page        {url}/", f"  metrics            {url}{path}"]
        lines += [f"  simulated wolkvox  {simulator.url}"]
        if stack:
            lines += stack.start(f"{addresses[0].url(scheme)}{path}")
        lines += [
            "",
            "Campaigns appear within seconds. Polls are 10 s apart here, and 5 minutes with a real wolkvox.",
            "",
        ]
        sys.stdout.write("\n".join(lines))
        sys.stdout.flush()

    with simulator:
        config = demo_config(simulator)
        schedules = demo_schedules(simulator, config)
        store = MemoryStore(time.monotonic)
        service = Service(config, store, telemetry_path=path, schedules=schedules)
        pages = {STATE_PATH: state_page(store, "in memory", None, service)}
        try:
            return run_server(Serving(service, arguments.listen_addresses, announce, web, local_pages=pages))
        finally:
            if stack:
                stack.stop()
