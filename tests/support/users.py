"""Other users than the one who runs the tests."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

SERVICE, OTHER = 64001, 64002
"""User ids, and group ids, that the system knows no name for."""

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as other users")


@contextlib.contextmanager
def acting_as(uid: int, *groups: int) -> Iterator[None]:
    """Act as another user, a member of its own group and of others, while the block runs."""
    before = os.getegid(), os.getgroups()
    os.setgroups(groups)
    os.setegid(uid)
    os.seteuid(uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(before[0])
        os.setgroups(before[1])


@contextlib.contextmanager
def folder_of(uid: int, mode: int = 0o700) -> Iterator[Path]:
    """Make a folder of another user, for the time of the block; those above it are open to everybody."""
    above = Path(tempfile.mkdtemp())
    above.chmod(0o755)
    folder = above / "state"
    folder.mkdir()
    os.chown(folder, uid, uid)
    folder.chmod(mode)
    try:
        yield folder
    finally:
        shutil.rmtree(above)
