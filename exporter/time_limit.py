"""Waits for what cannot be interrupted, but no longer than a limit."""

import queue
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class ThreadError(Exception):
    """No thread can be started at present."""


def call_within(seconds: float, action: Callable[[], T], thread: str) -> T:
    """Return what `action` returns, or raise what it raises, in a thread of the given name.

    Raises TimeoutError when it takes longer: it then goes on in its thread, which does not keep the process
    alive. The resolver of the C library, or a file system that hangs, can only be left behind so. Raises
    ThreadError where no thread can be started.
    """
    outcome: queue.SimpleQueue[tuple[T, None] | tuple[None, BaseException]] = queue.SimpleQueue()

    def run() -> None:
        try:
            outcome.put((action(), None))
        except BaseException as error:  # noqa: BLE001 - raised where it is waited for
            outcome.put((None, error))

    try:
        threading.Thread(target=run, name=thread, daemon=True).start()
    except RuntimeError:
        raise ThreadError from None
    try:
        result, error = outcome.get(timeout=max(0.0, seconds))
    except queue.Empty:
        raise TimeoutError from None
    if error is not None:
        raise error
    return result  # type: ignore[return-value]
