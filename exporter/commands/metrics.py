"""`metrics`: the metric reference, the same text as docs/metrics.md."""

import argparse
import sys

from exporter.assets import metric_reference


def run(_arguments: argparse.Namespace) -> int:
    """Return 0 when the reference is printed."""
    sys.stdout.write(metric_reference())
    return 0
