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
_UNWRITABLE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EPIPE}
"""Full disks; EIO: the terminal is gone; EPIPE: the reader of a pipe is."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command of `argv` (default: the process' arguments) and return its exit code."""
    argv = sys.argv[1:] if argv is None else argv
    _prepare_signals(argv[0] if argv and not argv[0].startswith("-") else "serve")
    _prepare_streams()
    try:
        return _run(argv)
    except OSError as error:
        if error.errno not in _UNWRITABLE:
            raise
        # The reader of a pipe has seen enough (`... | head`): that is not worth a message.
        reader_gone = error.errno == errno.EPIPE
        if not reader_gone:
            with contextlib.suppress(OSError):
                sys.stderr.write(f"wolkvox-exporter: cannot be written: {error.strerror}\n")
        _give_up_unwritten()
        return 141 if reader_gone else 1


def _run(argv: Sequence[str]) -> int:
    """Return the exit code of a command after all that it printed has been written; raises OSError."""
    try:
        # Only now, because imports take most of the time of a start.
        from exporter.commands.support.command_line import parse  # noqa: PLC0415

        arguments = parse(argv)
        code = int(_loaded(arguments.command).run(arguments))
        sys.stdout.flush()
    except KeyboardInterrupt:
        code = 130
    except SystemExit:
        _write_out()
        raise
    _write_out()
    return code


def _write_out() -> None:
    """Write what the streams still hold: once the process ends, a failure would only be a status of 120."""
    sys.stdout.flush()
    try:
        sys.stderr.flush()
    except OSError as error:
        if error.errno != errno.EIO:
            raise
        # Messages for a terminal that is gone, which nobody can read: the command has done its work.
        _give_up_unwritten()


def _give_up_unwritten() -> None:
    """Let what cannot be written go nowhere, so that the end of the process does not try it once more."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)


def _prepare_signals(command: str) -> None:
    """Handle signals until the command does: as process 1 of a container, nothing else would end it."""
    if command in _SERVERS:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _end)
    else:
        # As Ctrl-C, so that the token's lease is released.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
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
