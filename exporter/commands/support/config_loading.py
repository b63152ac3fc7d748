"""What commands with a configuration file share."""

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

from exporter.clock import Clock, SystemClock
from exporter.config import Config, ConfigError, Operation, SecretError, load_config
from exporter.state import ResilientStore, Store, open_store
from exporter.traffic import Gate


def read_config(file: Path) -> Config | None:
    """Return the configuration; None, with every problem on stderr, when it cannot be used."""
    try:
        return load_config(file)
    except ConfigError as error:
        tell(error)
        if not file.exists():
            sys.stderr.write("wolkvox-exporter: --config.file names the file; the command demo needs none\n")
        return None


def tell(error: ConfigError) -> None:
    """Write every problem to stderr."""
    for line in error.lines():
        sys.stderr.write(f"{line}\n")


@contextlib.contextmanager
def opened_state(config: Config, clock: Clock | None = None) -> Iterator[ResilientStore]:
    """Open the configured state store while the block runs: what a running exporter shares with commands.

    One that cannot be used is said in the log, and stood in for by memory.
    """
    store = open_store(config.state, clock or SystemClock())
    try:
        yield store
    finally:
        store.close()


def gate_of(config: Config, operation: Operation, store: Store, clock: Clock | None = None) -> Gate:
    """Return the gate to the vendor for the calls of an operation's token: its lease and its day's budget.

    Raises SecretError when a token cannot be read any more.
    """
    token = operation.token.read()
    sharing = [one for one in config.operations if one.token.read() == token]
    return Gate(store, sharing, clock or SystemClock())


def tokens_of(config: Config) -> list[str]:
    """Return the tokens, and the password of the state store, to be kept out of the log."""
    tokens = [config.state.secret] if config.state.secret else []
    for operation in config.operations:
        try:
            tokens.append(operation.token.read())
        except SecretError:
            # Reading the configuration has tried it already; what vanished since is said where it is used.
            continue
    return tokens
