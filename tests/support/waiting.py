"""Waiting for something that happens in another process or thread."""

import time
from collections.abc import Callable
from typing import TypeVar

import pytest

T = TypeVar("T")

_FIRST_PAUSE, _LONGEST_PAUSE = 0.02, 0.5
"""Seconds."""
_PAUSE_OF_WAITED = 0.05
"""A condition that asks a process costs it, and all that run beside: after a long wait, less often."""


def until(
    condition: Callable[[], T],
    timeout: float = 30,
    what: str = "the condition",
    *,
    report: Callable[[], str] | None = None,
) -> T:
    """Call `condition` until its answer is true and return that answer, or fail the test after `timeout` s.

    An OSError, which every failure to connect is, counts as "not yet": a server that is starting refuses.
    `report` gives more text for the failure, such as the output of the process waited for.
    """
    start = time.monotonic()
    end = start + timeout
    last: OSError | None = None
    while True:
        try:
            answer = condition()
        except OSError as error:
            last = error
        else:
            last = None
            if answer:
                return answer
        now = time.monotonic()
        if now >= end:
            break
        time.sleep(min(max(_FIRST_PAUSE, _PAUSE_OF_WAITED * (now - start)), _LONGEST_PAUSE))
    lines = [f"waited {timeout:g} s in vain for {what}"]
    if last is not None:
        lines.append(f"the last try ended in {type(last).__name__}: {last}")
    if report is not None:
        lines.append(report())
    pytest.fail("\n".join(lines))
