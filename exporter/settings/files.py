"""Reading the files that people name, which editors and scripts have written."""

import codecs
import errno
import os
import stat
from collections.abc import Mapping
from pathlib import Path

_MARKS: Mapping[bytes, str] = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
"""Byte-order marks; those of UTF-32 first, because the one of UTF-16 is the beginning of one of them."""


def read_file(file: Path, max_bytes: int) -> bytes:
    """Return what a file holds, at most `max_bytes` of it.

    Raises OSError, whose strerror says what is wrong. A pipe is refused: opening one may take forever, and it
    cannot be read again.
    """
    descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if stat.S_ISFIFO(os.fstat(descriptor).st_mode):
            raise OSError(errno.ESPIPE, "a file is expected, not a pipe")
        with open(descriptor, "rb", closefd=False) as stream:
            return stream.read(max_bytes)
    finally:
        os.close(descriptor)


def encoding_problem(content: bytes) -> str:
    """Return what a file is instead of UTF-8, for a message after its name; "" if it may be UTF-8."""
    for mark, name in _MARKS.items():
        if content.startswith(mark):
            return f"is {name}: save it as UTF-8"
    if b"\0" not in content:
        return ""
    # Of plain letters, UTF-16 has a zero in every second place, UTF-32 in three of four.
    places = [any(content[start::4]) for start in range(4)]
    if places in ([True, False, True, False], [False, True, False, True]):
        return "is UTF-16: save it as UTF-8"
    return "is UTF-32: save it as UTF-8" if sum(places) == 1 else "is not text"
