"""Ctrl-C ends a command after the running call, so that its outcome is known."""

import contextlib
import os
import select
import signal
from types import FrameType, TracebackType
from typing import Self

_STDERR_DESCRIPTOR = 2
_NOTICE = b"\nwolkvox-exporter: stopping after the running call; press Ctrl-C again to stop at once\n"
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupt:
    """While the context lasts, the first SIGINT or SIGTERM asks to stop; the second one acts as usual.

    A pipe and not a threading.Event: a handler interrupts whatever the main thread does, and would block for
    ever on an Event that the main thread is waiting for.
    """

    def __init__(self) -> None:
        self.requested = False
        self._read, self._write = os.pipe()
        os.set_blocking(self._write, False)
        self._before: dict[signal.Signals, object] = {}

    def __enter__(self) -> Self:
        for number in _SIGNALS:
            self._before[number] = signal.signal(number, self._handle)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._restore()
        os.close(self._read)
        os.close(self._write)

    def wait(self, seconds: float) -> None:
        """Wait, at most until the person asks to stop."""
        select.select([self._read], [], [], max(seconds, 0.0))

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        self.requested = True
        os.write(self._write, b"!")
        with contextlib.suppress(OSError):  # a closed terminal is often why it ends
            os.write(_STDERR_DESCRIPTOR, _NOTICE)
        self._restore()

    def _restore(self) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]
        self._before.clear()
