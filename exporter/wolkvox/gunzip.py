"""Unpacking gzip in pieces of a bounded size, whatever the packed bytes claim to hold (RFC 1952)."""

import zlib
from collections.abc import Iterator

_GZIP = 16 + zlib.MAX_WBITS
_MAGIC = b"\x1f\x8b"


class Gunzip:
    """An incremental reader of gzip that never makes more than `piece` bytes at once.

    Bytes after the last member are ignored, as other readers of HTTP do.
    """

    def __init__(self, piece: int) -> None:
        self._piece = piece
        self._member = zlib.decompressobj(_GZIP)
        self._begun = False

    def feed(self, packed: bytes) -> Iterator[bytes]:
        """Give the unpacked pieces of `packed`. Raises zlib.error when it is not gzip."""
        self._begun = self._begun or bool(packed)
        full = False
        # zlib may hold output back when the last piece was a full one, though no input is left.
        while packed or full:
            if self._member.eof:
                if not packed.startswith(_MAGIC):
                    return
                self._member = zlib.decompressobj(_GZIP)
            piece = self._member.decompress(packed, self._piece)
            packed = self._member.unused_data if self._member.eof else self._member.unconsumed_tail
            full = len(piece) == self._piece
            if piece:
                yield piece

    def finish(self) -> None:
        """Raise zlib.error when the stream ended in the middle of a member."""
        if self._begun and not self._member.eof:
            raise zlib.error("incomplete stream")
