"""Draws the pictures of docs/images from a simulated history; `python -m scripts.pictures --help` says how.

`histories` tells what has happened to a Prometheus and to the status page, `grafana` serves a compiled
frontend of Grafana and answers for its server, `shots` lets a browser look, and `plan` lists the pictures.
"""

import sys
from pathlib import Path

# The history, Prometheus and the browser are those of the tests.
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))
