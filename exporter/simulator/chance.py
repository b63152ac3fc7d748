"""Repeatable chance: the same seed and the same question give the same number, whatever was asked before.

A random generator has a state, so what it gives depends on how often it was asked. Here every number is a
hash of what it is for (a campaign, a minute), so that polling more often changes nothing.
"""

from hashlib import blake2b

_MASK = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15


def key(*parts: str | int) -> int:
    """Return 64 bits that stand for the parts; slow (about 2 us), so made once for each campaign."""
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


def mix(base: int, number: int) -> int:
    """Return 64 bits mixed from a key and a number (the finaliser of splitmix64), in little time."""
    value = (base + number * _GOLDEN) & _MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
    return value ^ (value >> 31)


def unit(bits: int, part: int) -> float:
    """Return one of the four 16-bit parts (0 to 3) of a mixed value as a number in [0, 1)."""
    return ((bits >> (16 * part)) & 0xFFFF) / 65536.0
