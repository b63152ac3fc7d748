"""What `demo` and `simulate` share: the simulator from its flags, and a configuration that polls it."""

import argparse
import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from zoneinfo import ZoneInfo

from exporter.apis import APIS, Api
from exporter.commands.support.listen_failure import listen_failure
from exporter.commands.support.simulated_clock import SimulatedClock
from exporter.config import ApiSettings, CampaignFilter, Config, Operation, Secret
from exporter.config.schema import VENDOR_INTERVAL_SECONDS
from exporter.schedules import LEY_2300, Schedule, ScheduleSet, Week, parse_window
from exporter.simulator import LICENCES, Simulator, SimulatorSettings
from exporter.simulator.endpoints import BY_CALL
from exporter.simulator.hours import default_start
from exporter.simulator.settings import ZONES
from exporter.toolkit.address import Address

POLL_INTERVAL_SECONDS = 10.0
"""Seconds between polls of the campaigns, which stand for the 5 minutes that the vendor asks for."""

MAX_STACK_SECONDS_PER_SECOND = 300.0
"""With `--stack` everything is as quick as the clock: polls are a second apart then."""

_DEMO_LICENCES = 30 * LICENCES
"""Of each operation: polls thirty times as often as usual need thirty times the calls of a day."""

_SPARE_PREDICTIVES = 2
"""How many predictive campaigns may be added: the demo's licences are no measure of its campaigns."""

_LONGER_INTERVAL_SECONDS = 60.0
"""Seconds between polls of what changes more slowly."""

_REPORT_INTERVAL_SECONDS = 900.0
"""The longest interval with `--stack` of reports by campaign; all else is asked every 5 minutes."""

_MAX_AGE_INTERVALS = 3
_SHIFT = Week.of(map(parse_window, ("Mon-Fri 08:00-18:00", "Sat 08:00-13:00")))
_PERMITTED = Week.of(LEY_2300.windows)
_NIGHT = Week.of([parse_window("Sun 03:00-04:00")])
_SCHEDULES = (
    # Nobody waits for these two. The first is never started; incidents add the second and the one below.
    Schedule((re.compile("ENCUESTA.*"), re.compile("SIN HORARIO.*")), None, _PERMITTED, preset=LEY_2300.name),
    Schedule((re.compile("NOCTURNA.*"),), _NIGHT, _NIGHT),
    Schedule((re.compile(".*", re.DOTALL),), _SHIFT, _PERMITTED, preset=LEY_2300.name),
)


def make_simulator(
    arguments: argparse.Namespace,
    listen: tuple[str, int],
    licences: int = LICENCES,
    kind: type[Simulator] = Simulator,
) -> Simulator | None:
    """Return a simulator that is not started; None, with the reason on stderr, when it cannot be."""
    try:
        settings = SimulatorSettings(
            licences=licences,
            operations=arguments.operations,
            campaigns=arguments.campaigns,
            seed=arguments.seed,
            time_factor=arguments.time_factor,
        )
        return kind(settings, listen=listen)
    except OSError as error:
        sys.stderr.write(f"wolkvox-exporter: {listen_failure(error, '--listen-address', Address(*listen))}\n")
        return None
    except ValueError as error:
        sys.stderr.write(f"wolkvox-exporter: {error}\n")
        return None


def make_demo_simulator(arguments: argparse.Namespace) -> Simulator | None:
    """Return the simulator that `demo_config` polls, on a free loopback port; None as `make_simulator`."""
    return make_simulator(arguments, ("127.0.0.1", 0), _DEMO_LICENCES)


def make_stack_simulator(arguments: argparse.Namespace) -> tuple[Simulator, SimulatedClock] | None:
    """Return a simulator on a free loopback port, and its clock; None as `make_simulator`."""
    pace = arguments.time_factor
    if not 0 < pace <= MAX_STACK_SECONDS_PER_SECOND:
        most = f"{MAX_STACK_SECONDS_PER_SECOND:.0f}"
        sys.stderr.write(f"wolkvox-exporter: with --stack time_factor is over 0, and {most} at most\n")
        return None
    start = default_start(ZONES[0])
    clock = SimulatedClock(start, pace)
    try:
        settings = SimulatorSettings(
            operations=arguments.operations,
            campaigns=arguments.campaigns,
            seed=arguments.seed,
            start=datetime.fromtimestamp(start, UTC),
        )
        return Simulator(settings, clock=lambda: clock.now().wall, pace=pace), clock
    except (ValueError, OSError) as error:
        sys.stderr.write(f"wolkvox-exporter: {error}\n")
        return None


def demo_config(simulator: Simulator, *, hurried: bool = True) -> Config:
    """Return the configuration that polls all operations of a simulator.

    Every API is on that the simulator answers. hurried: oftener than a vendor would like, for a clock that is
    not the simulator's.
    """
    return Config(
        tuple(
            Operation(
                name=operation.name,
                base_url=simulator.url,
                token=Secret(text=operation.token),
                licences=operation.licences,
                timezone=ZoneInfo(operation.timezone),
                quota_reserve=0.5,
                apis={api.name: _settings(api, hurried=hurried) for api in APIS},
                campaigns=CampaignFilter((re.compile(".*", re.DOTALL),), (), 2000),
                schedules=_SCHEDULES,
                predictives_limit=simulator.settings.campaigns + _SPARE_PREDICTIVES,
            )
            for operation in simulator.operations
        )
    )


def _settings_text(api: Api) -> str:
    enabled = [] if api.enabled else ["enabled: true"]
    often = ["interval: 5m"] if api.interval > VENDOR_INTERVAL_SECONDS else []
    return ", ".join(enabled + often)


def _is_simulated(api: Api) -> bool:
    return (api.path, api.vendor_name) in BY_CALL


def _settings(api: Api, *, hurried: bool) -> ApiSettings:
    interval = min(api.interval, _REPORT_INTERVAL_SECONDS if api.by_campaign else VENDOR_INTERVAL_SECONDS)
    if hurried:
        interval = POLL_INTERVAL_SECONDS if interval <= VENDOR_INTERVAL_SECONDS else _LONGER_INTERVAL_SECONDS
    options = {option.name: option.default for option in api.options}
    return ApiSettings(_is_simulated(api), interval, interval * _MAX_AGE_INTERVALS, options)


def operations_text(simulator: Simulator) -> str:
    """Return the operations of a simulator as YAML for a configuration, with every API that it answers."""
    settings = {api.name: _settings_text(api) for api in APIS if _is_simulated(api)}
    apis = ", ".join(f"{name}: {{{text}}}" for name, text in settings.items() if text)
    return "operations:\n" + "".join(
        f"  - {{name: {one.name}, base_url: {simulator.url}, token: {one.token}, licences: {one.licences}, "
        f"timezone: {one.timezone},\n     apis: {{{apis}}}}}\n"
        for one in simulator.operations
    )


def demo_schedules(simulator: Simulator, config: Config) -> Mapping[str, ScheduleSet]:
    """Return the schedules by the simulator's clocks, on which a day takes minutes."""
    return {
        operation.name: ScheduleSet(operation.schedules, partial(simulator.virtual_time, operation.name))
        for operation in config.operations
    }
