"""Files that are none, and encodings."""

import contextlib
import os
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.config import ConfigError, load_config
from exporter.settings.files import encoding_problem, read_file
from exporter.settings.secrets import Secret, SecretError
from exporter.toolkit.security import load_web_config


def opened(folder: Path) -> list[Path]:
    """What of a folder is open in this process."""
    open_files: list[Path] = []
    for descriptor in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            open_files.append(descriptor.readlink())
    return [path for path in open_files if path.is_relative_to(folder)]


def test_no_more_is_read_than_asked_for(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"12345")
    (tmp_path / "link").symlink_to("file")
    assert read_file(tmp_path / "link", 4) == b"1234"
    assert read_file(tmp_path / "link", 10) == b"12345"


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(SecretError, match="a file is expected, not a pipe"):
        Secret(file=pipe).read()
    for load in (load_config, load_web_config):
        with pytest.raises(ConfigError) as caught:
            load(pipe)
        assert caught.value.lines() == [f"{pipe}: cannot be read: a file is expected, not a pipe"]
    web = tmp_path / "web.yaml"
    web.write_text("tls_server_config: {cert_file: pipe, key_file: pipe, client_ca_file: pipe}")
    with pytest.raises(ConfigError) as caught:
        load_web_config(web)
    assert sum("a file is expected, not a pipe" in line for line in caught.value.lines()) == 3


def test_what_is_no_file_leaves_nothing_open(tmp_path: Path) -> None:
    pipe, served = tmp_path / "pipe", tmp_path / "socket"
    os.mkfifo(pipe)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.fspath(served))
        for place in (pipe, served, tmp_path, tmp_path / "none"):
            with pytest.raises(OSError, match=r".") as caught:
                read_file(place, 10)
            assert caught.value.strerror
        assert opened(tmp_path) == []


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=2))
def test_encodings_are_told_apart(text: str) -> None:
    assert encoding_problem(text.encode()) == encoding_problem(text.encode("utf-8-sig")) == ""
    for name in ("UTF-16", "UTF-32"):
        for form in (name, f"{name}-LE", f"{name}-BE"):
            assert encoding_problem(text.encode(form)) == f"is {name}: save it as UTF-8"
