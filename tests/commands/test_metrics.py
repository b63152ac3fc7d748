import pytest

from exporter.__main__ import main
from generators.metric_reference import render


def test_it_prints_the_reference(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["metrics"]) == 0
    assert capsys.readouterr().out == render()
