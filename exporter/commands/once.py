"""`once`: poll each API once, and print the metrics."""

import argparse
import sys
import time

from exporter import logs
from exporter.apis import BY_NAME
from exporter.commands.support.config_loading import opened_state, read_config, tokens_of
from exporter.commands.support.running_exporters import state_problems
from exporter.metrics import FAMILIES, Format, Selection
from exporter.operators.cells import printable
from exporter.polling import OperationPoller
from exporter.service import Service

_LEASE_RETRY_SECONDS = 0.5
_OUR_FAMILIES = Selection(names=frozenset(family.name for family in FAMILIES))
"""Without `process_*` and `python_*`: they would be of a process that is gone, and node_exporter, which may
read this from a file, has its own."""


def run(arguments: argparse.Namespace) -> int:
    """Return 0 when every poll worked, 1 when one failed or no call was left for it today.

    1 too if the configuration cannot be used.
    """
    logs.set_priorities()
    config = read_config(arguments.config_file)
    if config is None:
        return 1
    logs.set_up(arguments.log_level, arguments.log_format, tokens_of(config))
    with opened_state(config) as store:
        if problems := state_problems(config, config.operations, store):
            for line in problems:
                sys.stderr.write(f"wolkvox-exporter: {printable(line)}\n")
            return 1
        service = Service(config, store)
        for poller in service.pollers:
            _poll_once(poller)
        # While the store is open: a closed one would be shown as unavailable.
        # The format is UTF-8, whatever the terminal can show.
        sys.stdout.buffer.write(service.render(Format.TEXT, _OUR_FAMILIES))
        sys.stdout.flush()
    failing = service.failing()
    for operation, api in failing:
        sys.stderr.write(f"wolkvox-exporter: {operation}: {api} failed, see the log above\n")
    unpolled = _unpolled(service)
    for operation, api in unpolled:
        sys.stderr.write(
            f"wolkvox-exporter: {operation}: {api} was not polled: today's call budget is used up\n"
        )
    return 1 if failing or unpolled else 0


def _unpolled(service: Service) -> list[tuple[str, str]]:
    """Return the operations and APIs that were not polled because no call was left."""
    return [
        (poller.operation.name, api)
        for poller in service.pollers
        for api, status in poller.cell.snapshot.polls.items()
        if status.skipped.get("quota")
    ]


def _poll_once(poller: OperationPoller) -> None:
    for api in poller.operation.enabled():
        times = len(poller.asked_for(api)) if BY_NAME[api].by_campaign else 1
        for _ in range(times):
            while not poller.poll_now(api):
                # The running exporter, or another command, is making a call of at most 60 s.
                time.sleep(_LEASE_RETRY_SECONDS)
