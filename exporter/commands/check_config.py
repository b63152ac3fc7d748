"""`check-config`: every problem at once, or the calls that the configuration will make."""

import argparse
import sys
from collections.abc import Iterator

from exporter.apis import BY_NAME
from exporter.commands.support.config_loading import print_problems, read_config
from exporter.config import Config, ConfigError, Operation, SecretError
from exporter.toolkit.security import load_web_config


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
    sys.stdout.write("\n".join([*(f"{file}: valid" for file in files), *_costs(config)]) + "\n")
    return 0


def _costs(config: Config) -> Iterator[str]:
    for operation in config.operations:
        costs = {api: operation.apis[api].calls_per_day for api in operation.enabled()}
        fixed = sum(calls for api, calls in costs.items() if not BY_NAME[api].by_campaign)
        yield f"{operation.name}: {fixed:.0f} calls a day{_share(operation, fixed)}"
        for api, calls in costs.items():
            if BY_NAME[api].by_campaign:
                yield f"  plus {calls:.0f} for each campaign that dials ({api})"
    yield from _shared_tokens(config)


def _share(operation: Operation, calls: float) -> str:
    limit = operation.daily_limit
    if limit is None:
        return "; without licences the quota is the one that token_info reports"
    own = limit * (1 - operation.quota_reserve)
    warning = " - TOO MANY: polls will be skipped" if calls > own else ""
    return f" of {own:.0f} ({limit} by the licences, less the reserve for other clients){warning}"


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
