"""`once`: poll each API once, print the exposition."""

import argparse
import sys
import time

from exporter import logs
from exporter.apis import BY_NAME
from exporter.commands.support.config_loading import opened_state, read_config, tokens_of
from exporter.metrics import Format
from exporter.polling import OperationPoller
from exporter.service import Service

_LOOK_AGAIN = 0.5


def run(arguments: argparse.Namespace) -> int:
    """Poll once; 0 when every poll worked, 1 when one failed or had no room in the day's budget.

    1 too when the configuration cannot be used.
    """
    config = read_config(arguments.config_file)
    if config is None:
        return 1
    logs.set_up(arguments.log_level, arguments.log_format, tokens_of(config))
    with opened_state(config) as store:
        service = Service(config, store)
        for poller in service.pollers:
            _poll_once(poller)
        # While the store is open: a closed one would be shown as a lost one.
        # The format is UTF-8, whatever letters the terminal has.
        sys.stdout.buffer.write(service.render(Format.TEXT))
        sys.stdout.flush()
    failing = service.failing()
    for operation, api in failing:
        sys.stderr.write(f"wolkvox-exporter: {operation}: {api} failed, see the log above\n")
    left_out = _left_out(service)
    for operation, api in left_out:
        sys.stderr.write(
            f"wolkvox-exporter: {operation}: {api} was not asked, today's budget has no room for it\n"
        )
    return 1 if failing or left_out else 0


def _left_out(service: Service) -> list[tuple[str, str]]:
    """Return the operations and APIs that were not polled for want of calls."""
    return [
        (poller.operation.name, api)
        for poller in service.pollers
        for api, status in poller.entry.snapshot.polls.items()
        if status.skipped.get("quota")
    ]


def _poll_once(poller: OperationPoller) -> None:
    for api in poller.operation.enabled():
        times = len(poller.dialling()) if BY_NAME[api].by_campaign else 1
        for _ in range(times):
            while not poller.poll_now(api):
                # The running exporter, or somebody's command, is in the middle of a call of at most 60 s.
                time.sleep(_LOOK_AGAIN)
