"""Entry of `wolkvox-exporter` and `python -m exporter`."""

import sys
from collections.abc import Sequence
from importlib import import_module

from exporter.commands.parser import parse


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command of `argv` (default: the process' arguments) and return its exit code."""
    arguments = parse(sys.argv[1:] if argv is None else argv)
    # Only the command that runs is loaded: `health` runs every few seconds and must stay light.
    command = import_module(f"exporter.commands.{arguments.command.replace('-', '_')}")
    try:
        return int(command.run(arguments))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of a pipe has seen enough (`... | head`); nothing may be written after it any more.
        sys.stderr.close()
        return 141


if __name__ == "__main__":
    sys.exit(main())
