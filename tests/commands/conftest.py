import os

import pytest

from exporter.commands.support import running_exporters


@pytest.fixture(autouse=True)
def _no_exporters_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep commands from finding an exporter that somebody runs on this machine, such as `make demo`."""
    monkeypatch.setattr(running_exporters, "PROGRAM", f"exporter-of-nobody-{os.getpid()}")
