import time

import pytest

from exporter.clock import SystemClock


def test_ages_go_on_while_the_machine_sleeps(monkeypatch: pytest.MonkeyPatch) -> None:
    if not hasattr(time, "CLOCK_BOOTTIME"):
        pytest.skip("no such clock here")
    awake, asleep = time.monotonic(), 8 * 3600.0

    def clock_gettime(clock: int) -> float:
        return awake + asleep if clock == time.CLOCK_BOOTTIME else awake

    monkeypatch.setattr(time, "clock_gettime", clock_gettime)
    monkeypatch.setattr(time, "monotonic", lambda: awake)
    assert SystemClock().now().monotonic == awake + asleep


def test_a_system_without_such_a_clock_has_the_plain_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(time, "CLOCK_BOOTTIME", raising=False)
    monkeypatch.setattr(time, "monotonic", lambda: 5.0)
    assert SystemClock().now().monotonic == 5.0
