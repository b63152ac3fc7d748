import os
import signal
import threading
import time
from collections.abc import Iterator

import pytest

from exporter.operators.interrupt import Interrupt


@pytest.fixture(autouse=True)
def _a_shell_in_the_foreground() -> Iterator[None]:
    """Whoever runs the tests in the background of a script has them ignore SIGINT."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    hang_up = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGINT, before)
    signal.signal(signal.SIGHUP, hang_up)


def test_the_first_signal_asks_and_the_second_is_as_ever(capfd: pytest.CaptureFixture[str]) -> None:
    with Interrupt() as interrupt:
        assert not interrupt.requested
        os.kill(os.getpid(), signal.SIGINT)
        assert interrupt.requested
        assert "stopping after the running call" in capfd.readouterr().err
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_a_second_signal_in_the_moment_of_the_notice_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    def read_at_once(descriptor: int, text: bytes) -> int:
        if b"press Ctrl-C again" in text:
            signal.raise_signal(signal.SIGINT)
        return write(descriptor, text)

    write = os.write
    monkeypatch.setattr(os, "write", read_at_once)
    with Interrupt(), pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize("first", [signal.SIGHUP, signal.SIGTERM])
def test_a_lost_connection_hangs_up_more_than_once(first: signal.Signals) -> None:
    with Interrupt() as interrupt:
        for number in (first, signal.SIGHUP, signal.SIGHUP):
            signal.raise_signal(number)
        assert interrupt.requested
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGHUP) == signal.SIG_DFL


def test_under_nohup_a_hang_up_stays_ignored() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with Interrupt() as interrupt:
        signal.raise_signal(signal.SIGHUP)
        assert not interrupt.requested
    assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_wait_ends_at_once(number: signal.Signals) -> None:
    with Interrupt() as interrupt:
        sender = threading.Timer(0.05, os.kill, (os.getpid(), number))
        sender.start()
        began = time.monotonic()
        interrupt.wait(60)
        assert interrupt.requested
        assert time.monotonic() - began < 50
        interrupt.wait(60)  # and so does every wait after it
        sender.join()


def test_handlers_are_given_back() -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    with Interrupt() as interrupt:
        assert signal.getsignal(signal.SIGINT) != before[0]
        interrupt.wait(0.001)
        assert not interrupt.requested
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before
