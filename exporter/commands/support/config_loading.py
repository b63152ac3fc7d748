"""What commands with a configuration file share: reading it, and what it configures."""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from exporter.clock import Clock, SystemClock
from exporter.config import Config, ConfigError, Operation, SecretError, default_state, load_config
from exporter.state import ResilientStore, Store, open_store
from exporter.traffic import Gate


def read_config(file: Path, *, secrets: bool = True) -> Config | None:
    """Return the configuration; None, with every problem on stderr, if it cannot be used.

    Without `secrets` those that are not here are no problem.
    """
    try:
        return load_config(file, secrets=secrets)
    except ConfigError as error:
        print_problems(error)
        if not file.exists():
            sys.stderr.write(
                "wolkvox-exporter: use --config.file to name the file; the command demo needs none\n"
            )
        return None


def print_problems(error: ConfigError) -> None:
    """Write every problem to stderr."""
    for line in error.lines():
        sys.stderr.write(f"{line}\n")


@contextlib.contextmanager
def opened_state(config: Config, clock: Clock | None = None) -> Iterator[ResilientStore]:
    """Yield the configured state store, open while the block runs: commands share it with the exporter.

    If it cannot be used, the log says so, and memory is used instead.
    """
    store = open_store(config.state, clock or SystemClock())
    try:
        yield store
    finally:
        store.close()


def journals_folder(config: Config) -> Path:
    """Return the folder of journals and look-ups: the named one, or beside the state file.

    With Redis and none named it is that of the default state: `CommandContext.require_writes` refuses it.
    """
    if config.journals is not None:
        return config.journals
    file = default_state().file if config.state.redis_url else config.state.file
    # Beside the file itself: it is the same state, whatever links lead to it.
    return Path(os.path.realpath(file)).parent / "journals"


def gate_of(config: Config, operation: Operation, store: Store, clock: Clock | None = None) -> Gate:
    """Return the gate to the vendor for the calls of an operation's token: its lease and its day's budget.

    Raises SecretError when a token can no longer be read.
    """
    token = operation.token.read()
    sharing = [other for other in config.operations if other.token.read() == token]
    return Gate(store, sharing, clock or SystemClock())


def tokens_of(config: Config) -> list[str]:
    """Return the tokens, and the password of the state store, which must not be in the log."""
    tokens = [config.state.secret] if config.state.secret else []
    for operation in config.operations:
        try:
            tokens.append(operation.token.read())
        except SecretError:
            # It was readable when the configuration was read; where it is used the problem is reported.
            continue
    return tokens
