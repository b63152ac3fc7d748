"""Bodies on real sockets: unpacked in small pieces, and whole or not at all."""

import gzip
import os
import socket
import ssl
from collections.abc import Callable, Sequence
from importlib import metadata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from exporter.wolkvox import Cause, RequestFailed
from exporter.wolkvox.transport import CHUNK_BYTES, ExchangeLimits, exchange
from wolkvox.vendor import Script, Vendor, answer, chunked

SERVE = Callable[..., Vendor]
OK = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
PLAIN = b"HTTP/1.1 200 OK\r\n"
CHUNKED = PLAIN + b"Transfer-Encoding: chunked\r\n\r\n"
ABC, DEF = (gzip.compress(text, mtime=0) for text in (b"abc", b"def"))


BLANK = pytest.param(
    "http://an example",
    marks=pytest.mark.skipif(
        Version(metadata.version("urllib3")) < Version("2.8"),
        reason="this urllib3 asks the resolver for the name",
    ),
)


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


INTERIM = {
    "continue": b"HTTP/1.1 100 Continue\r\n\r\n",
    "processing": b"HTTP/1.1 102 Processing\r\n\r\n",
    "early hints": b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\nX: y\r\n\r\n",
    "unknown": b"HTTP/1.1 199\r\n\r\n",
}


@given(before=st.lists(st.sampled_from(list(INTERIM.values())), max_size=99))
def test_interim_answers_are_skipped(before: Sequence[bytes]) -> None:
    with Vendor(b"".join(before) + answer(b"[1]")) as vendor:
        assert pieces(vendor) == [b"[1]"]


@pytest.mark.parametrize("interim", INTERIM.values(), ids=INTERIM)
def test_interim_answers_do_not_go_on_for_ever(vendor: SERVE, interim: bytes) -> None:
    failed = failure(vendor(interim * 100 + answer(b"[1]")))
    assert (failed.cause, failed.detail) == (Cause.DECODE, "the answer is not valid HTTP")


def test_an_interim_answer_is_not_an_answer(vendor: SERVE) -> None:
    failed = failure(vendor(INTERIM["early hints"]))
    assert (failed.cause, failed.http_status, failed.sent) == (Cause.CONNECTION, None, True)


def test_an_upgrade_that_nobody_asked_for_is_the_answer(vendor: SERVE) -> None:
    upgrade = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"
    with exchange("GET", vendor(upgrade).url, {}, "token", ExchangeLimits(15.0, 10.0, 2**30)) as response:
        assert response.status == 101


@pytest.mark.parametrize(
    "size",
    [
        b"zz",
        b"-3",
        b"+3",
        b"0x3",
        b"0_3",
        b"",
        b" 3",
        b"3 3",
        b"f" * 20,
        b"\xb3",
        b"3;" + b"a" * 100_000,
    ],
)
@pytest.mark.parametrize("first", [b"", b"1\r\n[\r\n"])
def test_a_bad_size_of_a_chunk_is_no_valid_http(vendor: SERVE, first: bytes, size: bytes) -> None:
    failed = failure(vendor(CHUNKED + first + size + b"\r\n[1]\r\n0\r\n\r\n"))
    assert (failed.cause, failed.detail) == (Cause.DECODE, "the answer is not valid HTTP")
    assert failed.http_status == 200


@pytest.mark.parametrize("size", [b"3", b"003", b"3 ", b"3;name=value", b'3 ; a="b"', b"3;\xff"])
def test_a_good_size_of_a_chunk_is_read(vendor: SERVE, size: bytes) -> None:
    assert b"".join(pieces(vendor(CHUNKED + size + b"\r\n[1]\r\n0\r\nTrailer: x\r\n\r\n"))) == b"[1]"


@pytest.mark.parametrize("cut", range(len(b"A\r\n[1,2,3,4,5\r\n")))
def test_chunks_that_end_early_are_a_lost_connection(vendor: SERVE, cut: int) -> None:
    failed = failure(vendor(CHUNKED + b"A\r\n[1,2,3,4,5\r\n"[:cut]))
    assert (failed.cause, failed.detail) == (Cause.CONNECTION, "the answer was cut short")


@pytest.mark.parametrize(
    "script",
    [
        PLAIN + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\n[1]",
        PLAIN + b"Content-Length: 3, 4\r\n\r\n[1]",
        PLAIN + b"X: " + b"x" * 70_000 + b"\r\n\r\n[1]",
        PLAIN + b"X: x\r\n" * 200 + b"\r\n[1]",
        b"HTTP/1.1 200 " + b"x" * 70_000 + b"\r\n\r\n[1]",
        b"HTTP/1.1 20 OK\r\n\r\n[1]",
        b"HTTP/1.1 2000 OK\r\n\r\n[1]",
        b"HTTP/1.1 OK\r\n\r\n[1]",
        b"HTTP/1.1\r\n\r\n[1]",
        b"HTTP/2 200 OK\r\n\r\n[1]",
        b"HTTP 200 OK\r\n\r\n[1]",
        b"\r\n\r\n[1]",
        b"[1]",
        b"<html>Bad gateway</html>\r\n",
        b"\x15\x03\x03\x00\x02\x02\x28",
        INTERIM["early hints"] + b"nonsense\r\n\r\n",
    ],
)
def test_a_malformed_answer_is_the_vendors_fault_and_no_address(vendor: SERVE, script: bytes) -> None:
    failed = failure(vendor(script))
    assert (failed.cause, failed.detail, failed.hint) == (Cause.DECODE, "the answer is not valid HTTP", "")
    assert failed.sent


def test_encryption_that_breaks_in_the_answer_was_no_handshake(
    vendor: SERVE, server_tls: ssl.SSLContext, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def script(conn: socket.socket) -> None:
        conn.sendall(PLAIN + b"Content-Length: 100\r\n\r\n[1")
        os.write(conn.fileno(), b"not encrypted")

    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate[0]))
    failed = failure(vendor(script, server_tls))
    assert (failed.cause, failed.detail) == (Cause.TLS, "the encrypted connection failed")
    assert failed.http_status == 200


@pytest.mark.parametrize(
    "url", ["http://[::1", BLANK, "http://localhost:99999", "http://", "ftp://localhost"]
)
def test_an_address_that_is_not_valid(url: str) -> None:
    with (
        pytest.raises(RequestFailed) as caught,
        exchange("GET", url, {}, "token", ExchangeLimits(15.0, 10.0, 2**30)),
    ):
        pass
    failed = caught.value
    assert failed.cause is Cause.CONNECTION
    assert failed.detail == "the address of the operation is not valid"
    assert not failed.sent
