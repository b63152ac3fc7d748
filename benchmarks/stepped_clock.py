"""Runs the exporter with a wall clock that is off by as many seconds as CLOCK_OFFSET_FILE says."""

import os
import sys
import time
from pathlib import Path

_file = Path(os.environ["CLOCK_OFFSET_FILE"])
_true_time = time.time


def stepped_time() -> float:
    """Return the Unix time by the clock that was set."""
    return _true_time() + float(_file.read_text())


if __name__ == "__main__":
    time.time = stepped_time
    from exporter.__main__ import main

    sys.exit(main())
