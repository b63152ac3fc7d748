import gzip
import random
import subprocess
import zlib
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from exporter.metrics.content_encoding import ENCODINGS, GZIP_LEVEL, IDENTITY, OFFERED, ZSTD_LEVEL, zstd
from support.programs import program

PARTS = st.lists(
    st.binary(max_size=60) | st.integers(1, 40_000).map(lambda size: b"wolkvox " * size), max_size=6
)
BLOCK = 2**17
NOISE = random.Random(1).randbytes(BLOCK + 5000)
"""Cannot be compressed, so that a body of zstd is large enough for an end that is not compressed."""


def body_of(name: str, parts: list[bytes], end: bytes) -> bytes:
    return b"".join(ENCODINGS[name](parts).body(end))


def decoded(name: str, body: bytes) -> bytes:
    """Return what a reader finds that stops at the end of the first member or frame."""
    if name == IDENTITY:
        return body
    reader = zstd.ZstdDecompressor() if name == "zstd" else zlib.decompressobj(16 + zlib.MAX_WBITS)
    text = reader.decompress(body)
    assert reader.eof
    assert not reader.unused_data
    return text


@pytest.mark.parametrize("name", ENCODINGS)
@given(parts=PARTS, ends=st.lists(st.binary(max_size=200), min_size=1, max_size=3))
@example(parts=[NOISE], ends=[b"an end", b"", b"another", NOISE])
@example(parts=[NOISE], ends=[NOISE[:BLOCK], NOISE[: BLOCK + 1], NOISE * 2])
@example(parts=[], ends=[b"", b"an end"])
def test_a_text_is_one_whole_with_each_end(name: str, parts: list[bytes], ends: list[bytes]) -> None:
    encoded = ENCODINGS[name](parts)
    for end in ends:
        assert decoded(name, b"".join(encoded.body(end))) == b"".join(parts) + end


def test_zstd_is_offered_before_gzip() -> None:
    assert OFFERED == ("zstd", "gzip")


@pytest.mark.parametrize("name", OFFERED)
def test_what_repeats_is_small_and_the_same_each_time(name: str) -> None:
    bodies = [body_of(name, [b"wolkvox_up 1\n"] * 1000, b"the end") for _ in range(2)]
    assert bodies[0] == bodies[1]
    assert len(bodies[0]) < 1000


@pytest.mark.parametrize("name", ["gzip", "zstd"])
@pytest.mark.parametrize("lines", [100, 1_000, 10_000, 100_000])
def test_a_body_is_as_small_as_one_stream_of_the_same_text(name: str, lines: int) -> None:
    parts = [b'wolkvox_up{operation="%d"} %d\n' % (n, n * n % 4001) for n in range(lines)]
    end = b"".join(b'process_%d{version="3.11"} %d\n' % (n, n**3) for n in range(100))
    text = b"".join([*parts, end])
    one = zstd.compress(text, ZSTD_LEVEL) if name == "zstd" else gzip.compress(text, GZIP_LEVEL)
    assert len(body_of(name, parts, end)) <= 1.02 * len(one)


@pytest.mark.integration
@pytest.mark.parametrize("name", ["gzip", "zstd"])
@pytest.mark.parametrize("count", [3, 20])
def test_the_usual_tools_take_a_body_for_one_file(name: str, count: int, tmp_path: Path) -> None:
    parts = [NOISE[number * 7 : number * 7919] for number in range(count)]
    body = tmp_path / "body"
    body.write_bytes(body_of(name, parts, b"the end"))
    with body.open("rb") as stream:
        result = subprocess.run(
            [program(name), "-dc"], stdin=stream, capture_output=True, check=True, timeout=60
        )
    assert (result.stdout, result.stderr) == (b"".join([*parts, b"the end"]), b"")
