"""Content encodings: gzip by the standard library, zstd where its library is installed (extra `zstd`)."""

import gzip
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module

_GZIP_LEVEL = 5
_ZSTD_LEVEL = 3

Encode = Callable[[bytes], bytes]


def _zstd() -> Encode | None:
    """Return how to compress with zstd, None where nothing can."""
    try:
        zstd = import_module("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")
    except ImportError:
        return None
    compress: Callable[[bytes, int], bytes] = zstd.compress
    return lambda data: compress(data, _ZSTD_LEVEL)


def _encoders() -> dict[str, Encode]:
    """Return the encodings, the preferred first: zstd makes it as small as gzip in a fraction of the time."""
    zstd = _zstd()
    encoders: dict[str, Encode] = {"zstd": zstd} if zstd else {}
    encoders["gzip"] = lambda data: gzip.compress(data, _GZIP_LEVEL, mtime=0)
    return encoders


_ENCODERS: Mapping[str, Encode] = _encoders()

OFFERED: tuple[str, ...] = tuple(_ENCODERS)
"""The encodings that can be made, the preferred first."""


def encode(encoding: str, body: Sequence[bytes]) -> Sequence[bytes]:
    """Return a body in one of the encodings."""
    return (_ENCODERS[encoding](b"".join(body)),)
