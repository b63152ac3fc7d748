"""The example is a configuration, and names every key."""

from pathlib import Path

import pytest
import yaml

from exporter.config import load_config
from generators.config_schema import paths

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "config.example.yaml"


def test_it_loads(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WOLKVOX_TOKEN_BOGOTA", "WOLKVOX_TOKEN_LIMA"):
        monkeypatch.setenv(name, f"invented-{name}")
    bogota, lima = load_config(EXAMPLE).operations
    assert bogota.daily_limit == 25_000
    assert len(bogota.schedules) == 2
    assert not bogota.apis["machine_codes"].enabled
    assert lima.licences is None


def test_it_shows_every_key() -> None:
    # Written after a "#" counts, because of alternatives one is a comment.
    text = EXAMPLE.read_text()
    keys = {path.rpartition(".")[2].removesuffix("[]") for path, _ in paths()}
    missing = {key for key in keys if f"{key}:" not in text} - {"token"}  # that one is for trials
    assert not missing, "config.example.yaml shows every key: add them there"
    assert yaml.safe_load(text)
