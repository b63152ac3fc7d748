"""What commands with a configuration file share."""

import sys
from pathlib import Path

from exporter.config import Config, ConfigError, SecretError, load_config


def read_config(file: Path) -> Config | None:
    """Return the configuration; None, with every problem on stderr, when it cannot be used."""
    try:
        return load_config(file)
    except ConfigError as error:
        for line in error.lines():
            sys.stderr.write(f"{line}\n")
        return None


def tokens_of(config: Config) -> list[str]:
    """Return the tokens, to be kept out of the log."""
    tokens = []
    for operation in config.operations:
        try:
            tokens.append(operation.token.read())
        except SecretError:
            # Reading the configuration has tried it already; what vanished since is said where it is used.
            continue
    return tokens
