"""Bodies on real sockets: unpacked in small pieces, and whole or not at all."""

import gzip
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.wolkvox import Cause, RequestFailed
from exporter.wolkvox.transport import CHUNK_BYTES, ExchangeLimits, exchange
from wolkvox.vendor import Script, Vendor, answer, chunked

SERVE = Callable[..., Vendor]
OK = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
ABC, DEF = (gzip.compress(text, mtime=0) for text in (b"abc", b"def"))


def pieces(vendor: Vendor) -> list[bytes]:
    with exchange("GET", vendor.url, {}, "token", ExchangeLimits(15.0, 10.0, 2**30)) as response:
        return list(response.chunks())


def failure(vendor: Vendor) -> RequestFailed:
    with pytest.raises(RequestFailed) as caught:
        pieces(vendor)
    return caught.value


def packed(body: bytes) -> bytes:
    return answer(body, Content_Encoding="gzip")


@given(
    members=st.lists(st.binary(max_size=300), min_size=1, max_size=3),
    cut=st.integers(1, 50),
    repeated=st.sampled_from([1, 1000]),
)
def test_any_cutting_of_any_members_unpacks(members: list[bytes], cut: int, repeated: int) -> None:
    body = b"".join(gzip.compress(member * repeated) for member in members)
    cuts = [body[at : at + cut] for at in range(0, len(body), cut)]
    with Vendor(chunked(cuts, Content_Encoding="gzip")) as vendor:
        got = pieces(vendor)
    assert b"".join(got) == b"".join(member * repeated for member in members)
    assert all(0 < len(piece) <= CHUNK_BYTES for piece in got)


def test_members_and_padding_after_them(vendor: SERVE) -> None:
    body = gzip.compress(b"abcdefgh") + gzip.compress(b"ij") + b"\0\0"
    assert b"".join(pieces(vendor(packed(body)))) == b"abcdefghij"


@pytest.mark.parametrize(
    "body",
    [
        b"[{}]",
        ABC + b"garbage",
        ABC + DEF[:-1],
        ABC + DEF[:-8] + b"\0" * 8,
        *(ABC[:-cut] for cut in range(1, len(ABC))),
    ],
)
@pytest.mark.parametrize("length", [True, False])
def test_what_is_not_gzip_to_its_end_is_no_answer(vendor: SERVE, body: bytes, length: bool) -> None:
    server = vendor(packed(body) if length else OK + b"\r\n" + body)
    failed = failure(server)
    assert (failed.cause, failed.detail) == (Cause.DECODE, "the answer is not valid gzip")


@pytest.mark.parametrize("script", [packed(b""), chunked([], Content_Encoding="gzip")])
def test_nothing_at_all_is_whole(vendor: SERVE, script: bytes | Script) -> None:
    assert pieces(vendor(script)) == []


def test_gzip_that_is_cut_short_of_its_length_is_a_lost_connection(vendor: SERVE) -> None:
    script = answer(ABC[:-1], Content_Encoding="gzip", Content_Length="100")
    assert failure(vendor(script)).cause is Cause.CONNECTION
