from pathlib import Path

import pytest
import yaml

from exporter.assets import MissingAssetsError, bundle, bundled, rules

ROOT = Path(__file__).resolve().parents[2]


def test_a_checkout_has_its_files() -> None:
    paths = {str(asset.path) for asset in bundled()}
    assert "prometheus/rules/wolkvox-thresholds.yml" in paths
    assert "alertmanager/alertmanager.example.yml" in paths
    for asset in bundled():
        assert asset.content == (ROOT / asset.path).read_bytes()


def test_they_come_in_order_and_once() -> None:
    paths = [asset.path for asset in bundled()]
    assert paths == sorted(set(paths))


def test_rules_are_rules() -> None:
    assert len(rules()) == len(list((ROOT / "prometheus" / "rules").iterdir()))
    for asset in rules():
        assert yaml.safe_load(asset.content)["groups"]


def test_files_that_are_not_there_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(bundle, "_CHECKOUT", tmp_path)
    with pytest.raises(MissingAssetsError, match="prometheus/rules"):
        bundled()


def test_hidden_files_stay(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "prometheus" / "rules").mkdir(parents=True)
    for name in ("a.yml", ".a.yml.swp"):
        (tmp_path / "prometheus" / "rules" / name).touch()
    monkeypatch.setattr(bundle, "_CHECKOUT", tmp_path)
    assert [str(asset.path) for asset in bundled()] == ["prometheus/rules/a.yml"]
