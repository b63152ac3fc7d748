import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.operators.json_lines_file import (
    JournalBusyError,
    JournalError,
    JsonLinesFile,
    file_name,
    remove_file,
)
from operators.limits import files_up_to

ENTRY = {"at": "2026-08-12T10:00:00Z", "begin": "FAKE-ñ\udc80", "n": 1}


def test_what_is_appended_is_there_after_a_reopening(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "x.jsonl"
    with JsonLinesFile(path) as file:
        assert file.lines == []
        file.append(ENTRY)
        file.append({})
    with JsonLinesFile(path) as file:
        assert file.lines == [ENTRY, {}]
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_file_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(b"")
    path.chmod(0o644)
    with JsonLinesFile(path):
        assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_a_torn_line_is_cut_off(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "x.jsonl"
    with JsonLinesFile(path) as file:
        file.append({"a": 1})
        whole = path.stat().st_size
        file.append({"long": "x" * 60})
    os.truncate(path, path.stat().st_size - cut)
    with JsonLinesFile(path) as file:
        assert file.lines == [{"a": 1}]
        assert path.stat().st_size == whole
        file.append({"b": 2})
    with JsonLinesFile(path) as file:
        assert file.lines == [{"a": 1}, {"b": 2}]


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_any_content_is_lines_or_a_clear_refusal(
    tmp_path_factory: pytest.TempPathFactory, a: bytes, b: bytes
) -> None:
    path = tmp_path_factory.mktemp("any") / "x.jsonl"
    path.write_bytes(b'{"a": 1}\n' + a + b"\n" + b)
    try:
        file = JsonLinesFile(path)
    except JournalError:
        return
    with file:
        assert file.lines[0] == {"a": 1}


def test_damage_is_named_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(b'{"a": 1}\n[1]\n{"b": 1}\n')
    with pytest.raises(JournalError, match="line 2 is damaged"):
        JsonLinesFile(path)
    # Nothing holds on to it after that.
    remove_file(path)
    assert not path.exists()


def test_two_at_once_refuse(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    with JsonLinesFile(path):
        with pytest.raises(JournalBusyError, match="another command is using it"):
            JsonLinesFile(path)
        with pytest.raises(JournalBusyError, match="another command is using it"):
            remove_file(path)
        script = "import sys, pathlib; from exporter.operators.json_lines_file import JsonLinesFile; "
        command = [sys.executable, "-c", script + "JsonLinesFile(pathlib.Path(sys.argv[1]))", str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert "JournalBusyError" in done.stderr
    JsonLinesFile(path).close()


def test_a_file_removed_before_the_lock_is_not_written_into(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.jsonl"
    lock = fcntl.flock
    calls: list[int] = []

    def removed_meanwhile(file: int, operation: int) -> None:
        lock(file, operation)
        if not calls:
            path.unlink()
        calls.append(file)

    monkeypatch.setattr(fcntl, "flock", removed_meanwhile)
    with JsonLinesFile(path) as file:
        file.append({"a": 1})
    assert path.read_bytes() == b'{"a": 1}\n'
    assert len(calls) == 2


def test_a_full_disk_leaves_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    with JsonLinesFile(path) as file:
        file.append({"a": 1})
        with files_up_to(path.stat().st_size + 5), pytest.raises(JournalError, match="cannot be written"):
            file.append({"b": "x" * 100})
        assert path.read_bytes() == b'{"a": 1}\n'
        file.append({"c": 1})
    with JsonLinesFile(path) as file:
        assert file.lines == [{"a": 1}, {"c": 1}]


def test_places_that_cannot_be_used_are_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalError, match="cannot be opened"):
        JsonLinesFile(tmp_path / "file" / "x.jsonl")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(JournalError, match="cannot be opened"):
        JsonLinesFile(tmp_path / "link")
    assert not (tmp_path / "elsewhere").exists()
    with pytest.raises(JournalError, match="cannot be opened"):
        remove_file(tmp_path / "file" / "x.jsonl")


def test_names_never_meet() -> None:
    names = {file_name("k", *parts) for parts in [("a", "b"), ("a-b",), ("a/b",), ("a", "b", ""), ("ab",)]}
    assert len(names) == 5
    assert all("/" not in name for name in names)
    assert len(file_name("k", "x" * 500, "../.." * 50)) < 200
