import logging
from pathlib import Path

import pytest

from exporter.config import Secret
from exporter.polling import Token


def test_it_is_read_once_and_again_after_a_refusal(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    file = tmp_path / "token"
    file.write_text("fake-old")
    token = Token(Secret(file=file), "ventas")
    file.write_text("fake-new")
    assert token.text == "fake-old"
    token.read_again()
    assert token.text == "fake-new"
    token.read_again()
    assert [record.message for record in caplog.records] == ["the token has changed; the next poll uses it"]
    assert "fake-new" not in caplog.text


def test_a_secret_store_that_is_away_stops_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = tmp_path / "token"
    file.write_text("fake-old")
    token = Token(Secret(file=file), "ventas")
    file.unlink()
    token.read_again()
    assert token.text == "fake-old"
    assert "cannot read the token again after the vendor refused it" in caplog.text
