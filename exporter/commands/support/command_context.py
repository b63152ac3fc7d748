"""What the operator's commands share: calling wolkvox beside the exporter, and reporting how they end."""

import argparse
import contextlib
import logging
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from exporter import logs
from exporter.apis import APIS, machine_codes
from exporter.clock import Clock, SystemClock
from exporter.commands.support.config_loading import (
    gate_of,
    journals_folder,
    opened_state,
    read_config,
    tokens_of,
)
from exporter.commands.support.running_exporters import state_problems
from exporter.config import Config, Operation, SecretError
from exporter.operators.cells import printable
from exporter.operators.command_client import (
    CommandClient,
    Interrupted,
    OutOfBudget,
    StateNotShared,
    failure_text,
)
from exporter.operators.interrupt import Interrupt
from exporter.operators.json_lines_file import JournalError
from exporter.operators.lookups import remove_stale_caches
from exporter.operators.output import OutputError
from exporter.operators.sheet import SheetError
from exporter.operators.time_range import TimeRangeError
from exporter.operators.translation import counted, translated
from exporter.polling import Archive, Token, first_snapshot
from exporter.snapshot import OperationSnapshot, SnapshotCell
from exporter.state import StateError, Store
from exporter.traffic.gate import scope_of
from exporter.users import user_name
from exporter.wolkvox import ALL_CAMPAIGNS, Client, RequestFailed

_log = logging.getLogger(__name__)

INTERRUPTED_EXIT_CODE = 130
"""The exit code of a command that a person has ended, as shells have it."""

_WRITES_DISABLED = "changes in wolkvox are disabled; set `writes: {enabled: true}` in the configuration"
_JOURNALS_NOT_SHARED = (
    "with the state in Redis, --yes needs a folder for the journals that lasts and that all share who code, "
    "so that nobody is coded twice from another machine or pod: "
    "set `writes: {enabled: true, journals: /FOLDER}` in the configuration"
)


class Refusal(Exception):  # noqa: N818 - the end of a command, named as one
    """The command cannot do what is asked; the lines say why, in the language of the command."""

    def __init__(self, *lines: str) -> None:
        super().__init__(*lines)
        self.lines = lines


_WHILE_CALLING = (RequestFailed, OutOfBudget, StateNotShared, StateError)
"""What ends a command between calls: when, and about which campaign, is told with it."""

_EXPECTED = (
    *(Refusal, SheetError, TimeRangeError, *_WHILE_CALLING),
    *(JournalError, OutputError, SecretError, OSError),
)


@dataclass(frozen=True, slots=True)
class CommandContext:
    """What a command works with: an operation, the client for it, and the folder of the journals."""

    config: Config
    operation: Operation
    client: CommandClient
    folder: Path
    clock: Clock
    store: Store

    def now(self) -> datetime:
        """Return the present time in the operation's zone."""
        return datetime.fromtimestamp(self.clock.now().wall, self.operation.timezone)

    def timestamp(self) -> str:
        """Return the present time as journals have it: ISO 8601 in UTC."""
        at = datetime.fromtimestamp(self.clock.now().wall, UTC)
        return at.isoformat(timespec="seconds").replace("+00:00", "Z")

    @property
    def unreachable_after(self) -> int:
        """The number of machine codes from which on a telephone may be called unreachable."""
        options = self.operation.apis[machine_codes.NAME].options
        return machine_codes.UNREACHABLE_AFTER.of(options)

    def snapshot(self) -> OperationSnapshot:
        """Return what the exporter has stored of the operation; makes no call."""
        cell = SnapshotCell(first_snapshot(self.operation))
        Archive(self.store, self.operation, cell, self.clock).load_shared()
        return cell.snapshot

    def unix_time(self) -> float:
        """Return the present Unix time."""
        return self.clock.now().wall

    def require_budget(self, calls: int, purpose: str, instead: str) -> None:
        """Raise Refusal when today's budget has no room for the calls; an unknown limit refuses nothing."""
        left = self.client.remaining_budget(ask=calls > 1).left
        if left is not None and calls > left:
            raise Refusal(
                translated(
                    "{purpose} takes {calls}, and {left} are left today; the rest is reserved for other "
                    "clients and for the exporter until midnight: {instead}",
                    purpose=purpose,
                    calls=counted(calls, "call"),
                    left=left,
                    instead=instead,
                )
            )

    def require_writes(self) -> None:
        """Raise Refusal unless customers may be coded, and the journals are where everybody finds them."""
        if not self.config.writes_enabled:
            raise Refusal(translated(_WRITES_DISABLED))
        if self.config.journals is None and self.config.state.redis_url:
            raise Refusal(translated(_JOURNALS_NOT_SHARED))

    def cost(self, calls: int, *, ask: bool = True) -> str:
        """Return what calls cost, for people; `ask` as in CommandClient.remaining_budget."""
        left = self.client.remaining_budget(ask=ask).left
        about = duration(self.client.estimated_seconds(calls))
        cost = counted(calls, "call")
        if left is None:
            return translated("{calls}, about {duration}", calls=cost, duration=about)
        return translated(
            "{calls} of the {left} left today, about {duration}", calls=cost, left=left, duration=about
        )

    def campaign_text(self, campaign_id: str) -> str:
        """Return a campaign for people: its id, and its name where the exporter has stored it."""
        lists = (self.snapshot().unfiltered.get(api.name) for api in APIS if api.lists_campaigns)
        rows = (row for listing in lists if listing for row in listing.rows)
        name = next((row.labels[1] for row in rows if row.labels[0] == campaign_id and row.labels[1]), "")
        return f"{campaign_id} ({name})" if name else campaign_id

    def place(self, campaign_id: str) -> str:
        """Return when and about which campaign something is said, for people; `campaign_id` may be "all"."""
        time = f"{self.now():%H:%M:%S}"
        if campaign_id == ALL_CAMPAIGNS:
            return time
        return translated("{time}, campaign {campaign}", time=time, campaign=self.campaign_text(campaign_id))

    def audit(self, action: str, campaign_id: str, **counts: object) -> None:
        """Log who did what, when and with which result, without saying to whom."""
        about = {"action": action, "user": _user(), "operation": self.operation.name, "campaign": campaign_id}
        _log.info("audit", extra={**about, **counts})


def run_command(
    arguments: argparse.Namespace, work: Callable[[CommandContext], int], personal: Iterable[str | None] = ()
) -> int:
    """Return the exit code of a command whose `work` is done here: 0, 1, or 130 when a person ended it.

    `personal` are telephones and customers of the command line, to be kept out of the log.
    """
    config = read_config(arguments.config_file)
    if config is None:
        return 1
    secrets = [*tokens_of(config), *(text for text in personal if text)]
    logs.set_up(arguments.log_level, arguments.log_format, secrets)
    try:
        with _context(config, arguments.operation) as context:
            try:
                return work(context)
            except _WHILE_CALLING as error:
                place = context.place(arguments.campaign)
                first, *more = _lines(error)
                for line in (f"{place}: {first}", *more):
                    say(line)
                return 1
    except BrokenPipeError:
        raise  # the reader of a pipe has seen enough
    except Interrupted:
        say("interrupted")
        return INTERRUPTED_EXIT_CODE
    except _EXPECTED as error:
        for line in _lines(error):
            say(line)
        return 1


def _lines(error: Exception) -> Sequence[str]:
    """Return what to say of an expected error."""
    match error:
        case Refusal():
            return error.lines
        case SheetError():
            return error.problems
        case RequestFailed():
            return (f"wolkvox: {failure_text(error)}", *([translated(error.hint)] if error.hint else []))
        case OSError():
            return (translated("cannot write: {reason}", reason=error.strerror),)
        case _:
            return (str(error),)


def say(text: str, /, **values: object) -> None:
    """Write a line for the person to stderr: a text in the language of the command, with these values."""
    line = translated(text, **values)
    with contextlib.suppress(OSError):  # a terminal that is gone, as after a lost connection: nobody reads
        sys.stderr.write(f"wolkvox-exporter: {printable(line)}\n")


def duration(seconds: float) -> str:
    """Return an estimated duration for people: "40 s", "12 min", "2 h 5 min"."""
    minutes = round(seconds / 60)
    if minutes < 2:  # noqa: PLR2004 - under two minutes seconds say more
        return f"{max(round(seconds), 1)} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


@contextmanager
def _context(config: Config, name: str | None) -> Iterator[CommandContext]:
    operation = _operation(config, name)
    if config.journals is not None and not os.path.isdir(config.journals):  # noqa: PTH112 - never raises
        # It is not made: where a volume is not mounted, the journals would be lost.
        raise Refusal(
            translated(
                "the folder {folder} of writes.journals does not exist, or is not open to this user",
                folder=config.journals,
            )
        )
    clock = SystemClock()
    with opened_state(config, clock) as store, Interrupt() as interrupt:
        if problems := state_problems(config, [operation], store):
            raise Refusal(*problems)
        client = CommandClient(
            scope_of(operation),
            vendor=Client(operation.base_url),
            token=Token(operation.token, operation.name),
            gate=gate_of(config, operation, store, clock),
            clock=clock,
            stop=interrupt,
            state_shared=lambda: store.health().up,
        )
        folder = journals_folder(config)
        remove_stale_caches(folder, clock.now().wall)
        yield CommandContext(config, operation, client, folder, clock, store)


def _operation(config: Config, name: str | None) -> Operation:
    names = [operation.name for operation in config.operations]
    if name is None and len(names) == 1:
        name = names[0]
    for operation in config.operations:
        if operation.name == name:
            return operation
    known = ", ".join(names)
    if name is None:
        raise Refusal(translated("--operation is required; the configuration has {names}", names=known))
    raise Refusal(translated("no operation {name!r}; the configuration has {names}", name=name, names=known))


def _user() -> str:
    """Return who runs the command: the user of the process, and who became that user by sudo."""
    name = user_name(os.getuid())
    before = os.environ.get("SUDO_USER")
    return f"{name} (sudo by {before})" if before else name
