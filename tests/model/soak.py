"""`python -m model.soak`: months against the model until the time is over; exits with 1 after a bad one."""

import argparse
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random

from model.month import KINDS, Step, Tally, live

_STEPS = 60
_MAX_TRIALS = 200


def drawn(seed: int) -> list[Step]:
    """Return the steps of a month."""
    chance = Random(seed)
    return [(chance.choice(KINDS), chance.randrange(2**16)) for _ in range(_STEPS)]


def failure(seed: int, steps: Sequence[Step], tally: Tally | None = None) -> str:
    """Return what differs in a month, "" where all is as the model has it."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            live(Path(folder), seed, steps, tally)
        except AssertionError as error:
            return str(error)
    return ""


def shortened(seed: int, steps: Sequence[Step]) -> Sequence[Step]:
    """Return fewer steps that fail too."""
    trials, size = 0, len(steps) // 2
    while size:
        at = 0
        while at < len(steps) and trials < _MAX_TRIALS:
            trials += 1
            fewer = [*steps[:at], *steps[at + size :]]
            if failure(seed, fewer):
                steps = fewer
            else:
                at += size
        size //= 2
    return steps


def _months(first: int, step: int, end: float) -> tuple[Tally, str]:
    tally, seed = Tally(), first
    while time.monotonic() < end:
        steps = drawn(seed)
        if failure(seed, steps, tally):
            fewer = shortened(seed, steps)
            return tally, f"seed {seed}, steps {list(fewer)}:\n{failure(seed, fewer)}"
        seed += step
    return tally, ""


def main() -> int:
    """Run as many months as there is time for, print what was tried, and return the exit status."""
    about = (__doc__ or "").partition("\n")[0]
    parser = argparse.ArgumentParser(prog="python -m model.soak", description=about)
    parser.add_argument("--minutes", type=float, default=10, help="how long (default: 10)")
    parser.add_argument("--seed", type=int, default=0, help="of the first month (default: 0)")
    given = parser.parse_args()
    workers, total, bad = os.cpu_count() or 1, Tally(), []
    end = time.monotonic() + given.minutes * 60
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        arguments = [(given.seed + number, workers, end) for number in range(workers)]
        for tally, problem in pool.starmap(_months, arguments):
            total.add(tally)
            bad += [problem] if problem else []
    print("\n\n".join([*bad, f"months against the model: {total}"]))  # noqa: T201 - the result of a command
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
