"""Content codings whose finished parts can be put together: what was compressed once is served many times.

A part is compressed alone, so that one that is replaced leaves the others as they are:

- identity: the text itself.
- gzip (RFC 1952): a run of deflate blocks that ends on a byte and refers to nothing before it. Head, any
  parts and tail make *one* member, because Chromium and curl read no further than the first of several.
  The check sum of the whole comes from those of the parts.
- zstd (RFC 8878): one frame a part.
"""

import struct
import sys
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from itertools import chain

IDENTITY = "identity"

_GZIP_LEVEL = 5
_ZSTD_LEVEL = 3
_GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_LAST_BLOCK = b"\x03\x00"
_SIZES = 2**32
_SUMMED_ANEW = 2**14
"""Up to this many bytes it is faster to sum a text again than to add its sum to another."""


@dataclass(frozen=True)
class Packed:
    """A part in one coding: what is sent, the bytes that it unpacks to, and their CRC-32 (gzip only).

    `text` is what it unpacks to where that is at hand.
    """

    data: tuple[bytes, ...]
    size: int
    crc: int = 0
    text: bytes | None = None

    @cached_property
    def span(self) -> int:
        """What a check sum is multiplied with when this part comes after it: x to the number of its bits."""
        return _power_of_x(8 * self.size)


class Coding:
    """How parts are packed and put together; this one leaves them as they are."""

    name = IDENTITY
    squeezes = False
    """Whether the parts of a run are worth being copied into one piece."""

    def pack(self, text: bytes) -> Packed:
        """Pack a part."""
        return Packed((text,), len(text))

    def run(self, parts: Sequence[Packed], *, squeeze: bool = True) -> Packed:
        """Put parts together as one, which is a part again; `squeeze` allows to copy them into one piece."""
        data = tuple(chain.from_iterable(part.data for part in parts))
        if squeeze and self.squeezes and len(data) > 1:
            data = (b"".join(data),)
        return Packed(data, sum(part.size for part in parts), self._summed(parts))

    def body(self, parts: Sequence[Packed]) -> list[bytes]:
        """Return parts as a whole body, in pieces."""
        return list(chain.from_iterable(part.data for part in parts))

    def _summed(self, _parts: Sequence[Packed]) -> int:
        return 0


class Gzip(Coding):
    """One member of gzip."""

    name = "gzip"
    squeezes = True

    def pack(self, text: bytes) -> Packed:
        """Pack a part as deflate blocks that end on a byte."""
        deflate = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL)
        data = deflate.compress(text) + deflate.flush(zlib.Z_SYNC_FLUSH)
        return Packed((data,), len(text), zlib.crc32(text), text)

    def body(self, parts: Sequence[Packed]) -> list[bytes]:
        """Return parts as one member."""
        size = sum(part.size for part in parts) % _SIZES
        tail = _LAST_BLOCK + struct.pack("<II", self._summed(parts), size)
        return [_GZIP_HEAD, *super().body(parts), tail]

    def _summed(self, parts: Sequence[Packed]) -> int:
        crc = 0
        for part in parts:
            if part.text is not None and part.size <= _SUMMED_ANEW:
                crc = zlib.crc32(part.text, crc)
            else:
                crc = (_times(crc, part.span) if crc else 0) ^ part.crc
        return crc


class Zstd(Coding):
    """Frames of zstd, one after the other."""

    name = "zstd"
    squeezes = True

    def __init__(self, compress: Callable[[bytes, int], bytes]) -> None:
        self._compress = compress

    def pack(self, text: bytes) -> Packed:
        """Pack a part as a frame."""
        return Packed((self._compress(text, _ZSTD_LEVEL),), len(text))


def _codings() -> Mapping[str, Coding]:
    """Return the codings by name, the preferred first: zstd is as small as gzip in less time.

    It is there where its library is (extra `zstd`, and Python from 3.14 on).
    """
    known: list[Coding] = []
    try:
        zstd = import_module("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")
    except ImportError:
        pass
    else:
        known.append(Zstd(zstd.compress))
    return {coding.name: coding for coding in (*known, Gzip(), Coding())}


CODINGS = _codings()
"""Every coding by its name in HTTP, the preferred first."""

OFFERED = tuple(name for name in CODINGS if name != IDENTITY)
"""The names of those that compress, the preferred first."""

_POLYNOMIAL = 0xEDB88320
"""That of CRC-32, its coefficients in the order of RFC 1952: the bit of x to the 0 is the highest."""
_ONE = 1 << 31


def _times(a: int, b: int) -> int:
    """Multiply two polynomials over GF(2), modulo that of CRC-32."""
    product = 0
    while a:
        if a & _ONE:
            product ^= b
        a = (a << 1) & 0xFFFFFFFF
        b = (b >> 1) ^ _POLYNOMIAL if b & 1 else b >> 1
    return product


def _squares() -> list[int]:
    powers = [_ONE >> 1]
    for _ in range(31):
        powers.append(_times(powers[-1], powers[-1]))
    return powers


_SQUARES = _squares()
"""x to the 1, 2, 4, ... 2^31; from 2^32 on they repeat, because x to the 2^32 is x."""


def _power_of_x(exponent: int) -> int:
    power, place = _ONE, 0
    while exponent:
        if exponent & 1:
            power = _times(power, _SQUARES[place % 32])
        exponent >>= 1
        place += 1
    return power
