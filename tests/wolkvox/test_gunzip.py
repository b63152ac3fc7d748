import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.wolkvox.gunzip import Gunzip


@given(
    members=st.lists(st.binary(max_size=300), min_size=1, max_size=3),
    cut=st.integers(1, 50),
    piece=st.integers(1, 64),
)
def test_any_cutting_of_any_members_unpacks(members: list[bytes], cut: int, piece: int) -> None:
    gunzip = Gunzip(piece)
    pieces: list[bytes] = []
    for member in members:
        packed = gzip.compress(member)
        # Members end where a chunk does, as nothing but the magic tells the next one from garbage.
        for at in range(0, len(packed), cut) if cut > 1 else [0]:
            pieces += gunzip.feed(packed[at : at + cut] if cut > 1 else packed)
    gunzip.finish()
    assert b"".join(pieces) == b"".join(members)
    assert all(0 < len(p) <= piece for p in pieces)


def test_members_in_one_chunk_and_garbage_after_them() -> None:
    gunzip = Gunzip(4)
    assert b"".join(gunzip.feed(gzip.compress(b"abcdefgh") + gzip.compress(b"ij") + b"\0\0")) == b"abcdefghij"
    gunzip.finish()


def test_a_cut_stream_is_noticed_and_none_at_all_is_not() -> None:
    gunzip = Gunzip(100)
    assert list(gunzip.feed(gzip.compress(b"abc")[:-1])) == [b"abc"]
    with pytest.raises(zlib.error):
        gunzip.finish()
    Gunzip(100).finish()


def test_not_gzip() -> None:
    with pytest.raises(zlib.error):
        list(Gunzip(100).feed(b"[{}]"))
