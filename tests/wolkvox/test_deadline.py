import gc
import socket
import threading
import time
import weakref

import pytest

from exporter.wolkvox.connecting import connect
from exporter.wolkvox.deadline import Deadline
from exporter.wolkvox.errors import Cause, RequestFailed
from support.waiting import until


def test_the_watchdog_ends_a_read_that_waits() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, Deadline(0.1, time.monotonic) as deadline:
        deadline.watch(ours)
        assert not deadline.expired
        assert ours.recv(1) == b""
        assert deadline.expired
        assert deadline.remaining() == 0


def test_a_socket_that_comes_late_is_ended_at_once() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, Deadline(0.0, time.monotonic) as deadline:
        while not deadline._expired:
            time.sleep(0)
        deadline.watch(ours)
        assert ours.recv(1) == b""


def test_leaving_ends_the_watch() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        with Deadline(60.0, time.monotonic) as deadline:
            watchdog = deadline._watchdog
            deadline.watch(ours)
        assert not watchdog.is_alive() or watchdog.finished.is_set()
        theirs.sendall(b"x")
        assert ours.recv(1) == b"x"


def test_it_is_gone_with_its_watchdog_and_needs_no_search_for_cycles() -> None:
    gc.disable()
    try:
        with Deadline(60.0, time.monotonic) as deadline:
            gone = weakref.ref(deadline)
        del deadline
        until(lambda: gone() is None, what="the end of the watchdog's thread")
    finally:
        gc.enable()


def test_remaining_follows_the_clock() -> None:
    now = [100.0]
    deadline = Deadline(5.0, lambda: now[0])
    assert deadline.remaining() == 5.0
    now[0] = 104.0
    assert deadline.remaining() == 1.0
    now[0] = 106.0
    assert deadline.remaining() == 0.0
    assert deadline.expired


def test_a_machine_without_a_thread_to_spare_is_a_failed_call(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    deadline = Deadline(5.0, time.monotonic)
    with pytest.raises(RequestFailed, match="cannot start a thread") as failed, deadline:
        pass
    assert failed.value.cause is Cause.CONNECTION
    with pytest.raises(RequestFailed, match="cannot start a thread"):
        connect("wv0042.example", 443, deadline, 5.0)
