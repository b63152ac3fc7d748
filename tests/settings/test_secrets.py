from pathlib import Path

import pytest

from exporter.settings.secrets import Secret, SecretError

NOT_A_TOKEN = "must contain one line of at most 4096 visible ASCII characters"


def refused(secret: Secret) -> str:
    with pytest.raises(SecretError) as error:
        secret.read()
    return str(error.value)


def test_a_file_is_read_anew_each_time_and_trimmed(tmp_path: Path) -> None:
    file = tmp_path / "token"
    secret = Secret(file=file)
    file.write_text("first\n")
    assert secret.read() == "first"
    file.write_text("\ufeffsecond")
    assert refused(secret) == f"file {file} {NOT_A_TOKEN}"
    file.write_text(" third \r\n")
    assert secret.read() == "third"


def test_the_environment_is_read_anew_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = Secret(env="WV_TEST_TOKEN")
    monkeypatch.delenv("WV_TEST_TOKEN", raising=False)
    assert refused(secret) == "environment variable WV_TEST_TOKEN is not set"
    monkeypatch.setenv("WV_TEST_TOKEN", "fake-1")
    assert secret.read() == "fake-1"
    monkeypatch.setenv("WV_TEST_TOKEN", " ")
    assert refused(secret) == "environment variable WV_TEST_TOKEN is empty"


@pytest.mark.parametrize("text", ["two words", "línea", "a\nb", "a\tb", "x" * 4097, "\x7f"])
def test_what_no_header_can_carry_is_no_token(text: str) -> None:
    message = refused(Secret(text=text))
    assert message == f"token {NOT_A_TOKEN}"
    assert text not in message


@pytest.mark.parametrize(
    ("content", "reason"),
    [(None, "cannot be read: No such file or directory"), (b"\xff\xfe", "is not text"), (b"", "is empty")],
)
def test_a_file_that_holds_none_is_named(tmp_path: Path, content: bytes | None, reason: str) -> None:
    file = tmp_path / "token"
    if content is not None:
        file.write_bytes(content)
    assert refused(Secret(file=file)) == f"file {file} {reason}"


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert refused(Secret(file=tmp_path)) == f"file {tmp_path} cannot be read: Is a directory"


def test_the_text_never_shows() -> None:
    secret = Secret(text="fake-secret")
    assert "fake-secret" not in f"{secret} {secret!r} {secret.source}"
