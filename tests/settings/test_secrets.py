from pathlib import Path

import pytest

from exporter.settings.secrets import Secret, SecretError

NOT_A_TOKEN = "must be one line of at most 4096 visible ASCII characters"


def refused(secret: Secret) -> str:
    with pytest.raises(SecretError) as error:
        secret.read()
    return str(error.value)


def test_a_file_is_read_anew_each_time_and_trimmed(tmp_path: Path) -> None:
    file = tmp_path / "token"
    secret = Secret(file=file)
    file.write_text("first\n")
    assert secret.read() == "first"
    file.write_text("\ufeffsecond\r\n")
    assert secret.read() == "second"
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


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("two words", "; character 4 is U+0020"),
        ("línea", "; character 2 is U+00ED"),
        ("a\nb", "; character 2 is U+000A"),
        ("a\tb", "; character 2 is U+0009"),
        ("\x7f", "; character 1 is U+007F"),
        ("pasted\u200b", "; character 7 is U+200B"),
        ("pasted\ufeff", "; character 7 is U+FEFF"),
        ("x" * 4097, ""),
    ],
)
def test_what_no_header_can_carry_is_no_token(text: str, place: str) -> None:
    message = refused(Secret(text=text))
    assert message == f"token {NOT_A_TOKEN}{place}"
    assert text not in message


@pytest.mark.parametrize("content", [b"\xef\xbb\xbffake-1\r\n", b"fake-1\r\n", "\u00a0fake-1\n".encode()])
def test_a_file_may_come_from_another_editor(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "token"
    file.write_bytes(content)
    assert Secret(file=file).read() == "fake-1"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"", "is empty"),
        (b"\xef\xbb\xbf\r\n", "is empty"),
        (b"\xff\xfe", "is UTF-16: save it as UTF-8"),
        ("fake-1".encode("utf-16"), "is UTF-16: save it as UTF-8"),
        (b"\xfe\xff" + "fake-1".encode("utf-16-be"), "is UTF-16: save it as UTF-8"),
        ("fake-1\r\n".encode("utf-16-le"), "is UTF-16: save it as UTF-8"),
        ("fake-1".encode("utf-16-be"), "is UTF-16: save it as UTF-8"),
        ("fake-1".encode("utf-32"), "is UTF-32: save it as UTF-8"),
        (b"\0\0\xfe\xff" + "fake-1".encode("utf-32-be"), "is UTF-32: save it as UTF-8"),
        ("fake-1".encode("utf-32-le"), "is UTF-32: save it as UTF-8"),
        ("fake-1".encode("utf-32-be"), "is UTF-32: save it as UTF-8"),
        (b"\0", "is not text"),
        ("contraseña".encode("cp1252"), "is not UTF-8: save it as UTF-8"),
        (b"PK\x03\x04\x14\x00\x08", "is not text"),
    ],
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
