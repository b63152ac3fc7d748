"""What the operator's commands share: the way to wolkvox beside the exporter, and how their ends are told."""

import argparse
import logging
import os
import pwd
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from exporter import logs
from exporter.apis import machine_codes
from exporter.clock import Clock, SystemClock
from exporter.commands.support.config_loading import gate_of, opened_state, read_config, tokens_of
from exporter.config import Config, Operation, SecretError, default_state
from exporter.operators.delivery import DeliveryError
from exporter.operators.interrupt import Interrupt
from exporter.operators.line import Interrupted, Line, OutOfBudget, Unshared
from exporter.operators.linefile import JournalError
from exporter.operators.lookups import forget_stale
from exporter.operators.sheet import SheetError
from exporter.operators.span import SpanError
from exporter.polling import Token
from exporter.polling.archive import stored_token_use
from exporter.state import StateError
from exporter.traffic.gate import scope_of
from exporter.wolkvox import Client, RequestFailed

_log = logging.getLogger(__name__)

INTERRUPTED = 130
"""The exit code of a command that a person has ended, as shells have it."""


class Refusal(Exception):  # noqa: N818 - the end of a command, told to the person
    """The command cannot do what is asked; the lines tell why."""

    def __init__(self, *lines: str) -> None:
        super().__init__(*lines)
        self.lines = lines


_ENDS = (
    *(Refusal, SheetError, SpanError, RequestFailed, OutOfBudget, Unshared),
    *(JournalError, DeliveryError, StateError, SecretError, OSError),
)


@dataclass(frozen=True, slots=True)
class Desk:
    """What a command works with: an operation, the way to it, and the folder of the journals."""

    config: Config
    operation: Operation
    line: Line
    folder: Path
    clock: Clock

    def now(self) -> datetime:
        """Return the present time in the operation's zone."""
        return datetime.fromtimestamp(self.clock.now().wall, self.operation.timezone)

    def stamp(self) -> str:
        """Return the present time as journals have it: ISO 8601 in UTC."""
        at = datetime.fromtimestamp(self.clock.now().wall, UTC)
        return at.isoformat(timespec="seconds").replace("+00:00", "Z")

    @property
    def unreachable_after(self) -> int:
        """After how many machine codes a telephone may be called unreachable."""
        options = self.operation.apis[machine_codes.NAME].options
        return machine_codes.UNREACHABLE_AFTER.of(options)

    def wall(self) -> float:
        """Return the present Unix time."""
        return self.clock.now().wall

    def need_room(self, calls: int, purpose: str, instead: str) -> None:
        """Refuse work that today's budget has no room for; an unknown limit refuses nothing."""
        left = self.line.room().left
        if left is not None and calls > left:
            raise Refusal(
                f"{purpose} costs {calls} calls, and today's budget has room for {left}",
                f"the share of others and what the exporter needs until midnight are set aside: {instead}",
            )

    def audit(self, action: str, campaign_id: str, **counts: object) -> None:
        """Log who did what, when and with which result, without saying to whom."""
        about = {"action": action, "user": _user(), "operation": self.operation.name, "campaign": campaign_id}
        _log.info("audit", extra={**about, **counts})


def run_command(
    arguments: argparse.Namespace, work: Callable[[Desk], int], personal: Iterable[str | None] = ()
) -> int:
    """Do the work of a command and return its exit code: 0, 1, or 130 when it was ended by a person.

    `personal` are telephones and customers of the command line, to be kept out of the log.
    """
    config = read_config(arguments.config_file)
    if config is None:
        return 1
    secrets = [*tokens_of(config), *(text for text in personal if text)]
    logs.set_up(arguments.log_level, arguments.log_format, secrets)
    try:
        with _desk(config, arguments.operation) as desk:
            return work(desk)
    except BrokenPipeError:
        raise  # the reader of a pipe has seen enough
    except Interrupted:
        say("ended on request")
        return INTERRUPTED
    except _ENDS as error:
        for line in _told(error):
            say(line)
        return 1


def _told(error: Exception) -> Sequence[str]:
    """Return what to tell the person of an end that was to be expected."""
    match error:
        case Refusal():
            return error.lines
        case SheetError():
            return error.problems
        case RequestFailed():
            return (f"wolkvox: {error}", *([error.hint] if error.hint else []))
        case OSError():
            return (f"cannot be written: {error.strerror}",)
        case _:
            return (str(error),)


def say(line: str) -> None:
    """Tell the person something on stderr."""
    sys.stderr.write(f"wolkvox-exporter: {line}\n")


def duration(seconds: float) -> str:
    """Return a guessed duration for people: "40 s", "12 min", "2 h 5 min"."""
    minutes = round(seconds / 60)
    if minutes < 2:  # noqa: PLR2004 - under two minutes seconds say more
        return f"{max(round(seconds), 1)} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


@contextmanager
def _desk(config: Config, name: str | None) -> Iterator[Desk]:
    operation = _operation(config, name)
    clock = SystemClock()
    with opened_state(config, clock) as store, Interrupt() as interrupt:
        line = Line(
            scope_of(operation),
            vendor=Client(operation.base_url),
            token=Token(operation.token, operation.name),
            gate=gate_of(config, operation, store, clock),
            clock=clock,
            stop=interrupt,
            shared=lambda: store.health().up,
            told=lambda: stored_token_use(store, operation, clock.now()),
        )
        folder = _folder(config)
        forget_stale(folder, clock.now().wall)
        yield Desk(config, operation, line, folder, clock)


def _operation(config: Config, name: str | None) -> Operation:
    names = [operation.name for operation in config.operations]
    if name is None and len(names) == 1:
        name = names[0]
    for operation in config.operations:
        if operation.name == name:
            return operation
    wrong = "--operation is needed" if name is None else f"no operation {name!r}"
    raise Refusal(f"{wrong}; the configuration has {', '.join(names)}")


def _folder(config: Config) -> Path:
    """Return the folder of the journals: beside the state's file, or in the user's state directory."""
    file = default_state().file if config.state.redis_url else config.state.file
    return file.parent / "journals"


def _user() -> str:
    """Return who does it: the user of the process, and who became that by sudo."""
    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container's user may have no name
        name = str(os.getuid())
    before = os.environ.get("SUDO_USER")
    return f"{name} (sudo by {before})" if before else name
