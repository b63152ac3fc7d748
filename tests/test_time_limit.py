"""Nobody waits longer than a limit, and whoever hangs is left behind."""

import threading
from typing import NoReturn

import pytest

from exporter.time_limit import ThreadError, call_within
from support.waiting import until


def test_what_is_quick_is_returned_or_raised() -> None:
    assert call_within(60, lambda: threading.current_thread().name, "one of ours") == "one of ours"

    def fail() -> NoReturn:
        raise SystemExit(3)

    with pytest.raises(SystemExit):
        call_within(60, fail, "one of ours")


def test_what_hangs_is_left_behind_in_a_thread_that_ends_with_it() -> None:
    released = threading.Event()
    for seconds in (0.01, 0, -1):
        with pytest.raises(TimeoutError):
            call_within(seconds, lambda: released.wait(60), "one that hangs")
    hanging = [thread for thread in threading.enumerate() if thread.name == "one that hangs"]
    assert len(hanging) == 3
    assert all(thread.daemon for thread in hanging), "the process ends without them"
    released.set()
    until(lambda: not any(thread.is_alive() for thread in hanging), 60, "the end of the threads")


def test_a_system_without_threads_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: threading.Thread) -> NoReturn:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    with pytest.raises(ThreadError):
        call_within(60, lambda: 1, "none")
