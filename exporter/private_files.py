"""Files for one user alone: the state, journals, look-ups.

What root makes belongs to whoever owns the folder: to the service whose folder it is, which could not use
root's file.
"""

import contextlib
import errno
import logging
import os
import secrets
import stat
from functools import cache
from pathlib import Path

_log = logging.getLogger(__name__)

_FILE_MODE, _FOLDER_MODE = 0o600, 0o700


def open_private(path: Path) -> int:
    """Return a descriptor for reading, and for writing at the end; the file is made where it is missing.

    Its mode becomes 0600. Where the owner of the file, or the file system, does not let it be changed, the
    file is used as it is, and the log says so once. Raises OSError; also for a symbolic link.
    """
    flags = os.O_RDWR | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
    while True:
        try:
            file = os.open(path, flags)
            break
        except FileNotFoundError:
            # Another process may make it at the same moment.
            with contextlib.suppress(FileExistsError):
                file = os.open(path, flags | os.O_CREAT | os.O_EXCL, _FILE_MODE)
                _give_to_owner(path.parent, file)
                break
    try:
        status = os.fstat(file)
        # Of another's file the mode is not root's to change: a group may be meant to use it.
        others = os.geteuid() == 0 != status.st_uid
        if stat.S_ISREG(status.st_mode) and stat.S_IMODE(status.st_mode) != _FILE_MODE and not others:
            _close_to_others(path, file, stat.S_IMODE(status.st_mode))
    except BaseException:
        os.close(file)
        raise
    return file


def write_private(path: Path, content: bytes) -> None:
    """Write a new file of mode 0600: all of it, or nothing. Raises OSError; also if it is there already."""
    if os.path.lexists(path):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
    made = path.with_name(f".{path.name[:200]}.{secrets.token_hex(4)}")
    try:
        file = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _FILE_MODE)
        with os.fdopen(file, "wb") as stream:
            with contextlib.suppress(OSError):  # the mode of some file systems is fixed
                os.fchmod(file, _FILE_MODE)
            _give_to_owner(path.parent, file)
            stream.write(content)
            stream.flush()
            os.fsync(file)
        _name_new(made, path)
    finally:
        made.unlink(missing_ok=True)


def _name_new(made: Path, path: Path) -> None:
    """Give a file another name that nothing has."""
    try:
        path.hardlink_to(made)
    except FileExistsError:
        raise
    except OSError:
        # File systems without hard links: what comes in between is replaced.
        made.rename(path)


def make_private_folder(folder: Path) -> None:
    """Make a folder, and those above it, where they are missing, with mode 0700; raises OSError."""
    try:
        folder.mkdir(_FOLDER_MODE)
    except FileNotFoundError:
        if folder.parent.is_dir():
            raise  # as /proc says of what it does not let be made
        make_private_folder(folder.parent)
        make_private_folder(folder)
    except OSError:
        # It is there, or it lies in a folder that others alone may write to.
        if not folder.is_dir():
            raise
    else:
        made = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW)
        try:
            _give_to_owner(folder.parent, made)
        finally:
            os.close(made)


def _give_to_owner(folder: Path, made: int) -> None:
    """Give what root has just made to the owner of its folder."""
    if os.geteuid() == 0:
        owner = folder.stat()
        # In a container root may lack the right: then nothing is different from any other user.
        with contextlib.suppress(OSError):
            os.fchown(made, owner.st_uid, owner.st_gid)


def _close_to_others(path: Path, file: int, mode: int) -> None:
    try:
        os.fchmod(file, _FILE_MODE)
    except OSError as error:
        _tell_mode(path, f"{mode:04o}", error.strerror or type(error).__name__)


@cache
def _tell_mode(path: Path, mode: str, reason: str) -> None:
    _log.info(
        "the mode of a file cannot be changed to 0600, it is used as it is",
        extra={"file": str(path), "mode": mode, "reason": reason},
    )
