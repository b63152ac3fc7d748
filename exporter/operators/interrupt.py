"""Ctrl-C, or a lost connection, ends a command after the running call, so that its outcome is known."""

import contextlib
import os
import select
import signal
from types import FrameType, TracebackType
from typing import Self

from exporter.operators.translation import translated

_STDERR_DESCRIPTOR = 2
_NOTICE = "stopping after the running call; press Ctrl-C again to stop at once"
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupt:
    """While the context lasts, the first SIGINT, SIGTERM or SIGHUP asks to stop.

    After it, SIGINT and SIGTERM act as usual, but not SIGHUP: when a connection is lost, the kernel and the
    shell both send it. A command that ignores SIGHUP (nohup) goes on doing so.

    A pipe and not a threading.Event: a handler interrupts whatever the main thread does, and would block for
    ever on an Event that the main thread is waiting for.
    """

    def __init__(self) -> None:
        self.requested = False
        self._read, self._write = os.pipe()
        os.set_blocking(self._write, False)
        self._before: dict[signal.Signals, object] = {}
        self._notice = f"\nwolkvox-exporter: {translated(_NOTICE)}\n".encode()

    def __enter__(self) -> Self:
        nohup = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        for number in _SIGNALS if nohup else (*_SIGNALS, signal.SIGHUP):
            self._before[number] = signal.getsignal(number)
            signal.signal(number, self._handle)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._restore(*self._before)
        os.close(self._read)
        os.close(self._write)

    def wait(self, seconds: float) -> None:
        """Wait, at most until the person asks to stop."""
        select.select([self._read], [], [], max(seconds, 0.0))

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        if self.requested:
            return
        self.requested = True
        os.write(self._write, b"!")
        # Before the notice: who reads it may press Ctrl-C at once. SIGTERM gets no handler of Python's, which
        # would take one that has come together with this signal for a second one.
        self._restore(signal.SIGINT)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        with contextlib.suppress(OSError):  # a closed terminal is often why it ends
            os.write(_STDERR_DESCRIPTOR, self._notice)

    def _restore(self, *numbers: signal.Signals) -> None:
        for number in numbers:
            if number in self._before:
                signal.signal(number, self._before.pop(number))  # type: ignore[arg-type]
