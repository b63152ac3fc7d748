"""Content encodings: the text that all scrapes share is encoded once, and each scrape adds an end of its own.

The end is the process' own metrics, about 3 kB. What is sent is one member of gzip (RFC 1952) or one frame of
zstd (RFC 8878): browsers and several HTTP clients read the first of many and leave out the rest.
"""

import sys
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from typing import Any, Protocol

IDENTITY = "identity"

GZIP_LEVEL = 5
ZSTD_LEVEL = 3

_GZIP_WINDOW_BITS = 16 + zlib.MAX_WBITS
_ZSTD_BLOCK_BYTES = 2**17
"""The most that one block of zstd may hold (RFC 8878, section 3.1.1.2.4)."""
_ZSTD_LARGE_BYTES = 2**17
"""From this size on, 3 kB at the end that are not compressed make a body of zstd less than 2 % larger."""


class EncodedText(Protocol):
    """A text in one content encoding, but for its end. Any number of threads may ask for bodies of it."""

    def body(self, end: bytes) -> Sequence[bytes]:
        """Return the text and `end` as a whole body, in chunks; those that bodies share are not copied."""
        ...  # pragma: no cover


class IdentityText:
    """A text as it is."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        self._parts = list(parts)

    def body(self, end: bytes) -> Sequence[bytes]:
        """Return the text and `end`."""
        return [*self._parts, end]


class GzipText:
    """A text as one member of gzip."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        self._compressor = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, _GZIP_WINDOW_BITS)
        self._chunks = [chunk for part in parts if (chunk := self._compressor.compress(part))]
        # So that no scrape has to encode what the compressor would still hold.
        self._chunks.append(self._compressor.flush(zlib.Z_SYNC_FLUSH))

    def body(self, end: bytes) -> Sequence[bytes]:
        """Return the text and `end`. A copy of the compressor knows the check sum and the length so far."""
        compressor = self._compressor.copy()
        return [*self._chunks, compressor.compress(end) + compressor.flush()]


class ZstdText:
    """A text as one frame of zstd.

    The library's compressor cannot be copied, and what another one compresses does not fit behind its blocks.
    Blocks that are not compressed do: they are the end of a large body. A small one is compressed each time.
    """

    def __init__(self, parts: Iterable[bytes]) -> None:
        compressor, parts = zstd.ZstdCompressor(ZSTD_LEVEL), list(parts)
        self._chunks = [chunk for part in parts if (chunk := compressor.compress(part))]
        self._chunks.append(compressor.flush(compressor.FLUSH_BLOCK))
        self._small = b"".join(parts) if sum(map(len, self._chunks)) < _ZSTD_LARGE_BYTES else None

    def body(self, end: bytes) -> Sequence[bytes]:
        """Return the text and `end`."""
        if self._small is not None:
            return [zstd.compress(self._small + end, ZSTD_LEVEL)]
        return [*self._chunks, _raw_blocks(end)]


def _raw_blocks(content: bytes) -> bytes:
    """Return content as the last blocks of a frame of zstd, not compressed (RFC 8878, section 3.1.1.2)."""
    blocks = []
    for start in range(0, max(len(content), 1), _ZSTD_BLOCK_BYTES):
        chunk = content[start : start + _ZSTD_BLOCK_BYTES]
        last = start + _ZSTD_BLOCK_BYTES >= len(content)
        # Three bytes: bit 0 tells the last block, bits 1 and 2 the type, which is 0, the others the size.
        blocks += [(len(chunk) << 3 | last).to_bytes(3, "little"), chunk]
    return b"".join(blocks)


def _zstd_library() -> Any:  # noqa: ANN401 - a module of one of two names
    """Return the library of zstd: that of Python from 3.14 on, else that of the extra `zstd`, else None."""
    try:
        return import_module("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")
    except ImportError:
        return None


zstd = _zstd_library()

ContentEncoding = Callable[[Iterable[bytes]], EncodedText]
"""Encodes the parts of a text, one after the other."""

# zstd is as small as gzip in less time.
ENCODINGS: Mapping[str, ContentEncoding] = {
    **({"zstd": ZstdText} if zstd else {}),
    "gzip": GzipText,
    IDENTITY: IdentityText,
}
"""Every content encoding by its name in HTTP, the preferred first."""

OFFERED = tuple(name for name in ENCODINGS if name != IDENTITY)
"""The names of those that compress, the preferred first."""
