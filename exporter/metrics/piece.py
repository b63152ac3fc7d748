"""Finished lines, immutable, and kept in every coding that was asked for."""

from exporter.metrics.coding import Coding, Packed


class Piece:
    """Lines that are served many times: packed when first wanted, then kept.

    Two threads may pack the same piece at the same time; both come to the same.
    """

    __slots__ = ("_packed", "text")

    def __init__(self, text: bytes) -> None:
        self.text = text
        self._packed: dict[str, Packed] = {}

    def packed(self, coding: Coding) -> Packed:
        """Return the piece in a coding."""
        packed = self._packed.get(coding.name)
        if packed is None:
            packed = self._packed[coding.name] = coding.pack(self.text)
        return packed

    def unpacked_size(self, coding: Coding) -> int:
        """Return the bytes that would have to be packed first, 0 when it is done."""
        return 0 if coding.name in self._packed else len(self.text)
