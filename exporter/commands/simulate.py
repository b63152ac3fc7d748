"""`simulate`: the simulator of the wolkvox API alone, for trials with `serve`, `once` or other clients."""

import argparse
import signal
import sys
import threading

from exporter import logs
from exporter.commands.support.simulator_setup import make_simulator, operations_text
from exporter.simulator import Simulator
from exporter.simulator.drill import Staged
from exporter.toolkit.address import parse_address


def run(arguments: argparse.Namespace, kind: type[Simulator] = Simulator) -> int:
    """Return 0 after a signal has ended the simulator, 1 when its address cannot be used."""
    logs.set_up(arguments.log_level, arguments.log_format)
    address = parse_address(arguments.listen_address)
    # Without a host it would be open to the network, and it hands out whatever it is told to.
    simulator = make_simulator(arguments, (address.host or "127.0.0.1", address.port), kind=kind)
    if simulator is None:
        return 1
    simulator.drill.heard = _tell
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with simulator:
        sys.stdout.write(f"simulated wolkvox at {simulator.url}\n")
        sys.stdout.write("how to rehearse alerts with it: docs/rehearsal.md; for the list of incidents:\n")
        sys.stdout.write(f"  curl {simulator.url}/_simulator/stage\n\n{operations_text(simulator)}")
        sys.stdout.flush()
        stop.wait()
    return 0


def _tell(staged: Staged, begins: bool) -> None:
    sys.stdout.write(f"{staged.text(begins=begins)}\n")
    sys.stdout.flush()
