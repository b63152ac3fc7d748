"""Entry of `wolkvox-exporter` and `python -m exporter`."""

import contextlib
import errno
import io
import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from types import FrameType, ModuleType

_SERVERS = {"serve", "demo", "simulate"}
_STANDARD_STREAMS = 3
_UNWRITABLE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}
"""Full disks, and EIO: the terminal is gone."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command of `argv` (default: the process' arguments) and return its exit code."""
    argv = sys.argv[1:] if argv is None else argv
    _prepare_signals(argv[0] if argv and not argv[0].startswith("-") else "serve")
    _prepare_streams()
    # Only now, because imports take most of the time of a start.
    from exporter.commands.support.command_line import parse  # noqa: PLC0415

    arguments = parse(argv)
    command = _loaded(arguments.command)
    try:
        code = int(command.run(arguments))
        sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of a pipe has seen enough (`... | head`); nothing may be written after it any more.
        sys.stderr.close()
        return 141
    except OSError as error:
        if error.errno not in _UNWRITABLE:
            raise
        with contextlib.suppress(OSError):
            sys.stderr.write(f"wolkvox-exporter: cannot be written: {error.strerror}\n")
        with contextlib.suppress(OSError):
            sys.stdout.close()  # else the end of the process tries to write the rest once more
        return 1
    return code


def _prepare_signals(command: str) -> None:
    """Handle signals until the command does: as process 1 of a container, nothing else would end it."""
    if command in _SERVERS:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _end)
    if command == "serve":
        # It asks for a reload of what has still to be read.
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    elif signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:
        # A lost connection ends a command as Ctrl-C does, with the token's lease released.
        signal.signal(signal.SIGHUP, signal.default_int_handler)


def _end(_number: int, _frame: FrameType | None) -> None:
    # An exception could get lost in the midst of an import. There is nothing to be finished yet.
    os._exit(0)


def _prepare_streams() -> None:
    """See to it that whatever is printed has a place to go to."""
    # A caller may have closed one (`>&-`): the next file to be opened, such as a journal, would get its
    # number, and what is said to people would land in it.
    while (descriptor := os.open(os.devnull, os.O_RDWR)) < _STANDARD_STREAMS:
        pass
    os.close(descriptor)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - stays open
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal that lacks a letter is no reason to fail


def _loaded(command: str) -> ModuleType:
    """Return the module of a command; only the one that runs is loaded, because `health` must stay light."""
    return import_module(f"exporter.commands.{command.replace('-', '_')}")


if __name__ == "__main__":
    sys.exit(main())
