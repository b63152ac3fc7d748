"""`check-config`: every problem at once, or what the configuration will cost, and its next holidays."""

import argparse
import math
import sys
from collections.abc import Iterator, Mapping

from exporter.apis import BY_NAME, token_info
from exporter.apis import campaigns as campaigns_api
from exporter.clock import SystemClock
from exporter.commands.support.config_loading import print_problems, read_config
from exporter.config import SECONDS_PER_DAY, Config, ConfigError, Operation, SecretError, calls_per_day
from exporter.schedules import holiday_lines, library_version, shadow_notes, tolerance_notes, zone_notes
from exporter.settings.durations import format_duration
from exporter.toolkit.security import load_web_config

_USUAL_CAMPAIGNS = 20
"""Campaigns that dial on a day, for which advice is given."""

_KEPT_APIS = {campaigns_api.NAME, token_info.NAME}
"""What is never advised to be asked less often: what alerts need first, and the meter."""

_MAX_ADVISED_SECONDS = 6 * 3600.0


def run(arguments: argparse.Namespace) -> int:
    """Return 0 if the configuration and the web config can be used, else 1."""
    config = read_config(arguments.config_file, secrets=arguments.secrets)
    files = [arguments.config_file]
    if arguments.web_config_file is not None:
        files.append(arguments.web_config_file)
        try:
            load_web_config(arguments.web_config_file, secrets=arguments.secrets)
        except ConfigError as error:
            print_problems(error)
            return 1
    if config is None:
        return 1
    told = _told(config, SystemClock().now().wall)
    sys.stdout.write("\n".join([*(f"{file}: valid" for file in files), *told]) + "\n")
    return 0


def _told(config: Config, now: float) -> Iterator[str]:
    for operation in config.operations:
        yield from _costs_of(operation)
        schedules, zone = operation.schedules, operation.timezone
        for line in holiday_lines(schedules, zone, now):
            yield f"  {line} (holidays {library_version()})"
        notes = (*zone_notes(schedules, zone, now), *tolerance_notes(schedules), *shadow_notes(schedules))
        yield from (f"  {note}" for note in notes)
    yield from _shared_tokens(config)


def _costs_of(operation: Operation) -> Iterator[str]:
    """Yield what an operation costs: with no campaign that dials, for each that does, and what to change."""
    intervals = operation.intervals()
    fixed, own = calls_per_day(intervals, 0), _own(operation)
    yield f"{operation.name}: {fixed:.0f} calls a day{_share(operation, fixed)}"
    of_each = {api: calls_per_day({api: interval}, 0) for api, interval in intervals.items()}
    yield f"  of these: {_listed(of_each)}"
    each = {api: SECONDS_PER_DAY / one for api, one in intervals.items() if BY_NAME[api].by_campaign}
    if each:
        room = ""
        if own is not None and own > fixed:
            room = f"; there is room for {math.floor((own - fixed) / sum(each.values()))} such campaigns"
        yield f"  plus {sum(each.values()):.0f} for each campaign that dials: {_listed(each)}{room}"
    campaigns = _USUAL_CAMPAIGNS if each else 0
    calls = calls_per_day(intervals, campaigns)
    if own is not None and calls > own:
        would = f"it would be {calls:.0f} with {campaigns} such campaigns; " if campaigns else ""
        yield f"  {would}{_advice(intervals, campaigns, own)}"


def _listed(calls: Mapping[str, float]) -> str:
    return ", ".join(f"{api} {number:.0f}" for api, number in calls.items() if number)


def _advice(intervals: Mapping[str, float], campaigns: int, own: float) -> str:
    """Return which longer intervals would do for as many campaigns: those of the costliest APIs."""
    changed = dict(intervals)
    while calls_per_day(changed, campaigns) > own:
        longer = [api for api in changed if api not in _KEPT_APIS and changed[api] < _MAX_ADVISED_SECONDS]
        if not longer:
            return "that is too many at any interval: switch some APIs off, or get more licences"
        costliest = max(longer, key=lambda api: calls_per_day({api: changed[api]}, campaigns))
        changed[costliest] *= 2
    set_to = ", ".join(
        f"{api}: {{interval: {format_duration(interval)}}}"
        for api, interval in changed.items()
        if interval != intervals[api]
    )
    return f"set apis: {{{set_to}}} to make it {calls_per_day(changed, campaigns):.0f}"


def _own(operation: Operation) -> float | None:
    """Return the calls a day that the operation may make by its licences; None when they are not known."""
    limit = operation.daily_limit
    return None if limit is None else limit * (1 - operation.quota_reserve)


def _share(operation: Operation, calls: float) -> str:
    own = _own(operation)
    if own is None:
        return "; without licences the quota is the one that services, else token_info, reports"
    warning = " - TOO MANY: polls will be skipped" if calls > own else ""
    limit = f"{operation.daily_limit} by the licences, less the reserve for other clients"
    return f" of {own:.0f} ({limit}){warning}"


def _shared_tokens(config: Config) -> Iterator[str]:
    users: dict[str, list[str]] = {}
    for operation in config.operations:
        try:
            token = operation.token.read()
        except SecretError:
            token = operation.token.source  # not here, with --no-secrets
        users.setdefault(token, []).append(operation.name)
    for names in users.values():
        if len(names) > 1:
            yield f"these share one token, and so one queue and one quota: {', '.join(names)}"
