"""`doctor`: what is right, odd or wrong, from the configuration up to the values that wolkvox sends."""

import argparse
import errno
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from exporter import logs
from exporter.capture import (
    Capture,
    CaptureError,
    anonymised,
    config_mapping,
    read_capture_and_config,
    write_capture,
)
from exporter.clock import Clock, SystemClock
from exporter.commands.support.command_context import INTERRUPTED_EXIT_CODE, say
from exporter.commands.support.config_loading import gate_of, opened_state, read_config, tokens_of
from exporter.commands.support.running_exporters import exporter_problems, own_problems
from exporter.config import Config, Operation, SecretError
from exporter.doctor import (
    Circumstances,
    Examination,
    Grade,
    Observation,
    Observer,
    Recorder,
    count_addresses,
    examine,
    order,
)
from exporter.doctor.report import as_json, as_text
from exporter.operators.command_client import FIRST_PRIORITY, CommandClient, Interrupted
from exporter.operators.interrupt import Interrupt
from exporter.operators.translation import counted
from exporter.polling import Token
from exporter.state import ResilientStore
from exporter.traffic.gate import scope_of
from exporter.wolkvox import Client


def run(arguments: argparse.Namespace) -> int:
    """Return 0 when nothing is wrong, 1 when something is, or the configuration or a file cannot be used."""
    try:
        if arguments.capture is not None:
            _check_new(arguments.capture)
        if arguments.replay is not None:
            seen = _replayed(arguments.replay, arguments.operation)
        else:
            config = read_config(arguments.config_file)
            if config is None:
                return 1
            logs.set_up(arguments.log_level, arguments.log_format, tokens_of(config))
            seen = _observed(config, arguments.operation)
        examinations = [examine(one) for one in seen]
        try:
            _print(examinations, arguments.output)
        finally:
            # Also where nobody reads what is printed any more: the calls are made.
            if arguments.capture is not None:
                _capture(arguments.capture, seen)
    except Interrupted:
        say("interrupted")
        return INTERRUPTED_EXIT_CODE
    except (CaptureError, SecretError, _NoOperation) as error:
        say(str(error))
        return 1
    return 1 if any(c.grade is Grade.WRONG for one in examinations for c in one.checks) else 0


class _NoOperation(Exception):  # noqa: N818 - named as what it is
    """There is no operation of that name."""


def _replayed(file: Path, name: str | None) -> Sequence[Observation]:
    """Return what is in a capture; raises CaptureError."""
    capture, config = read_capture_and_config(file)
    seen = []
    for index, operation in _chosen(config, name):
        try:
            facts = msgspec.convert(dict(capture.facts.get(operation.name, {})), Circumstances)
        except msgspec.ValidationError as error:
            raise CaptureError(f"{file}: line 1: facts: {operation.name}: {error}") from None
        exchanges = [one for one in capture.exchanges if one.operation == operation.name]
        seen.append(Observation(operation, f"operations[{index}]", facts, exchanges))
    return seen


def _chosen(config: Config, name: str | None) -> Sequence[tuple[int, Operation]]:
    """Return the operations of that name, or all, each with its index."""
    found = [(i, one) for i, one in enumerate(config.operations) if name in {None, one.name}]
    if not found:
        names = ", ".join(one.name for one in config.operations)
        raise _NoOperation(f"no operation {name!r}; the configuration has {names}")
    return found


def _observed(config: Config, name: str | None) -> Sequence[Observation]:
    """Return what is seen of operations; raises Interrupted."""
    chosen, clock = _chosen(config, name), SystemClock()
    with opened_state(config, clock) as store, Interrupt() as interrupt:
        return [_observed_one(config, index, one, store, clock, interrupt) for index, one in chosen]


def _observed_one(  # noqa: PLR0913, PLR0917 - everything that it touches is passed in
    config: Config,
    index: int,
    operation: Operation,
    store: ResilientStore,
    clock: Clock,
    interrupt: Interrupt,
) -> Observation:
    # Without a state the exporter itself goes on from memory; beside one with another it must not call.
    own, beside = own_problems(store), exporter_problems(config, [operation], store)
    shared = not own
    refused = "an exporter that does not share this state may be making calls" if beside else ""
    gate = gate_of(config, operation, store, clock)
    recorder = Recorder(operation.name, clock)
    client = CommandClient(
        scope_of(operation),
        vendor=Client(operation.base_url, exchange=recorder.exchange),
        token=Token(operation.token, operation.name),
        gate=gate,
        clock=clock,
        stop=interrupt,
        state_shared=(lambda: store.health().up) if shared else (lambda: True),
        priority=FIRST_PRIORITY,
    )
    if not refused:
        # What memory counts is not what is left today.
        left = client.remaining_budget(ask=False).left if shared else None
        room = "" if left is None else f", with {left:,} left today as far as is known"
        calls = order(operation)
        most = f"at most {counted(len(calls), 'call')}{room}: {', '.join(calls)}"
        say(f"{operation.name}: {most if left is None or left else 'no call, because none is left today'}")
    observer = Observer(
        operation,
        f"operations[{index}]",
        client=client,
        recorder=recorder,
        gate=gate,
        clock=clock,
        look_up=count_addresses,
    )
    return observer.observe("; ".join([*own, *beside]), refused)


def _check_new(file: Path) -> None:
    """Raise CaptureError for a file that could not be written after the calls, which cost quota."""
    problem = errno.EEXIST
    try:
        file.lstat()
    except FileNotFoundError:
        problem = 0
        if not file.parent.is_dir():
            problem = errno.ENOENT
        elif not os.access(file.parent, os.W_OK | os.X_OK):
            problem = errno.EACCES
    except OSError as error:
        problem = error.errno or errno.EIO
    if problem:
        raise CaptureError(f"{file}: cannot be written: {os.strerror(problem)}")


def _capture(file: Path, seen: Sequence[Observation]) -> None:
    """Write what was seen to a file, made anonymous; raises CaptureError."""
    facts = {one.operation.name: msgspec.to_builtins(one.facts) for one in seen}
    exchanges = [exchange for one in seen for exchange in one.exchanges]
    operations = [one.operation for one in seen]
    whole = Capture(config_mapping(operations), facts, tuple(exchanges))
    capture = anonymised(whole, [one.token.read() for one in operations])
    write_capture(file, capture)
    changed = capture.changed_figures
    figures = f" ({counted(changed, 'figure')} changed too, which had the digits of an id)" if changed else ""
    say(f"{file}: {counted(len(exchanges), 'answer')}, made anonymous{figures}; read it before you send it")


def _print(examinations: Sequence[Examination], output: str) -> None:
    text = as_json(examinations) if output == "json" else "\n".join(as_text(examinations))
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
