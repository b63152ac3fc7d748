"""Whose the files and folders are that the exporter makes, and who may read them."""

import errno
import logging
import os
import stat
from pathlib import Path

import pytest

from exporter.private_files import make_private_folder, open_private, write_private
from support.users import OTHER, SERVICE, acting_as, folder_of, needs_root


def made(path: Path) -> tuple[int, int, int]:
    """Return the user, the group and the mode of a file."""
    status = path.stat()
    return status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)


def touch(path: Path) -> None:
    os.close(open_private(path))


@pytest.mark.parametrize("umask", [0, 0o077, 0o777])
def test_what_is_made_is_for_its_user_alone(tmp_path: Path, umask: int) -> None:
    previous = os.umask(umask)
    try:
        make_private_folder(tmp_path / "one")
        (tmp_path / "one").chmod(0o700)
        touch(tmp_path / "one" / "file")
    finally:
        os.umask(previous)
    assert made(tmp_path / "one" / "file")[2] == 0o600


def test_folders_are_made_down_to_the_last(tmp_path: Path) -> None:
    previous = os.umask(0)
    try:
        make_private_folder(tmp_path / "one" / "two" / "three")
        make_private_folder(tmp_path / "one" / "two" / "three")
    finally:
        os.umask(previous)
    assert {made(path)[2] for path in (tmp_path / "one").rglob("*")} == {0o700}
    assert made(tmp_path / "one")[2] == 0o700


def test_what_is_no_folder_is_an_error(tmp_path: Path) -> None:
    touch(tmp_path / "file")
    with pytest.raises(FileExistsError):
        make_private_folder(tmp_path / "file")
    with pytest.raises(NotADirectoryError):
        make_private_folder(tmp_path / "file" / "folder")


def test_a_folder_that_may_not_be_made_is_an_error() -> None:
    # There it is missing, whatever is done, though the folder above is there.
    with pytest.raises(FileNotFoundError):
        make_private_folder(Path("/proc/nothing/folder"))


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "nothing")
    with pytest.raises(OSError, match="symbolic") as caught:
        open_private(tmp_path / "link")
    assert caught.value.errno == errno.ELOOP


def test_a_mode_that_cannot_be_changed_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    # As on SMB, whose mounts answer in several ways.
    caplog.set_level(logging.INFO)
    for number in (errno.EPERM, errno.EACCES, errno.ENOTSUP, errno.EINVAL, errno.EROFS, errno.EIO):

        def refuse(_file: int, _mode: int, number: int = number) -> None:
            raise OSError(number, os.strerror(number))

        path = tmp_path / str(number)
        path.touch(0o666)
        path.chmod(0o666)
        monkeypatch.setattr(os, "fchmod", refuse)
        caplog.clear()
        touch(path)
        touch(path)
        monkeypatch.undo()
        caplog.set_level(logging.INFO)
        (record,) = caplog.records
        assert (record.levelname, record.mode) == ("INFO", "0666")  # type: ignore[attr-defined]


@pytest.mark.parametrize("umask", [0, 0o777])
def test_a_new_file_is_for_its_user_alone(tmp_path: Path, umask: int) -> None:
    previous = os.umask(umask)
    try:
        write_private(tmp_path / "file", b"content")
    finally:
        os.umask(previous)
    assert made(tmp_path / "file")[2] == 0o600
    assert (tmp_path / "file").read_bytes() == b"content"
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]


def test_a_new_file_replaces_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "nothing")
    write_private(tmp_path / "file", b"content")
    for name in ("file", "link"):
        with pytest.raises(FileExistsError):
            write_private(tmp_path / name, b"other")
    # Also one that somebody makes meanwhile.
    (tmp_path / "file").unlink()
    sync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda file: (tmp_path / "file").write_bytes(b"other") and sync(file))
    with pytest.raises(FileExistsError):
        write_private(tmp_path / "file", b"first")
    assert (tmp_path / "file").read_bytes() == b"other"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "link"]


def test_of_a_new_file_that_cannot_be_written_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_file: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_private(tmp_path / "file", b"content")
    assert list(tmp_path.iterdir()) == []


def test_a_new_file_is_written_where_there_are_no_hard_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_self: Path, _target: Path) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    write_private(tmp_path / "file", b"content")
    assert (tmp_path / "file").read_bytes() == b"content"
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]


@needs_root
def test_the_file_of_another_user_is_used_as_it_is(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with folder_of(SERVICE, 0o2770) as folder:
        with acting_as(SERVICE):
            touch(folder / "file")
        (folder / "file").chmod(0o660)  # as the kubelet does for fsGroup
        with acting_as(OTHER, SERVICE):
            file = open_private(folder / "file")
            assert os.write(file, b"x") == 1
            os.close(file)
        assert made(folder / "file") == (SERVICE, SERVICE, 0o660)
    assert "used as it is" in caplog.text


@needs_root
def test_root_closes_nobodys_file_to_a_group() -> None:
    with folder_of(SERVICE, 0o2770) as folder:
        with acting_as(SERVICE):
            touch(folder / "file")
        (folder / "file").chmod(0o660)
        touch(folder / "file")
        assert made(folder / "file") == (SERVICE, SERVICE, 0o660)


@needs_root
def test_what_root_makes_belongs_to_the_owner_of_the_folder() -> None:
    with folder_of(SERVICE) as folder:
        make_private_folder(folder / "one" / "two")
        touch(folder / "one" / "two" / "file")
        for path in folder.rglob("*"):
            assert made(path)[:2] == (SERVICE, SERVICE), path
        # What was there already stays whose it was.
        (folder / "roots").touch()
        touch(folder / "roots")
        assert made(folder / "roots")[0] == 0


@needs_root
def test_nobody_else_gives_files_away() -> None:
    with folder_of(SERVICE, 0o777) as folder, acting_as(OTHER):
        make_private_folder(folder / "one")
        touch(folder / "one" / "file")
        assert made(folder / "one")[0] == made(folder / "one" / "file")[0] == OTHER
