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
    demo_config,
    demo_schedules,
    make_demo_simulator,
    make_stack_simulator,
)
from exporter.commands.support.web_config_loading import open_web_config
from exporter.config import ConfigError
from exporter.service import Service
from exporter.simulator import Simulator
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
    staged = _stack_demo(arguments) if arguments.stack else _plain_demo(arguments)
    if staged is None:
        return 1
    simulator, service, store, stack = staged

    def announce(addresses: Sequence[Address], scheme: str) -> None:
        lines = ["wolkvox-exporter demo: simulated campaigns, no account needed. Press Ctrl-C to stop.", ""]
        for address in addresses:
            url = address.url(scheme)
            lines += [f"  status page        {url}/", f"  metrics            {url}{arguments.telemetry_path}"]
        lines += [f"  simulated wolkvox  {simulator.url}"]
        if stack:
            lines += stack.start(f"{addresses[0].url(scheme)}{arguments.telemetry_path}")
        else:
            lines += ["", "Polls are 10 s apart here, and 5 minutes with a real wolkvox."]
        lines += ["Campaigns appear within seconds.", ""]
        sys.stdout.write("\n".join(lines))
        sys.stdout.flush()

    with simulator:
        pages = {STATE_PATH: state_page(store, "in memory", None, service)}
        try:
            return run_server(Serving(service, arguments.listen_addresses, announce, web, local_pages=pages))
        finally:
            if stack:
                stack.stop()


_Demo = tuple[Simulator, Service, MemoryStore, Stack | None]


def _plain_demo(arguments: argparse.Namespace) -> _Demo | None:
    """Return a demo by the machine's clock, for whoever scrapes it; only its schedules are simulated."""
    simulator = make_demo_simulator(arguments)
    if simulator is None:
        return None
    config = demo_config(simulator)
    store = MemoryStore(time.monotonic)
    schedules = demo_schedules(simulator, config)
    service = Service(config, store, telemetry_path=arguments.telemetry_path, schedules=schedules)
    return simulator, service, store, None


def _stack_demo(arguments: argparse.Namespace) -> _Demo | None:
    """Return a demo that lives by a simulated clock, with a Prometheus whose rules do so too."""
    made = make_stack_simulator(arguments)
    if made is None:
        return None
    simulator, clock = made
    # Leases last as long as calls do, which are no quicker here.
    store = MemoryStore(time.monotonic)
    config = demo_config(simulator, hurried=False)
    service = Service(config, store, clock, telemetry_path=arguments.telemetry_path, pace=clock.pace)
    return simulator, service, store, Stack(simulator, clock)
