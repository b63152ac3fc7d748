import gzip
import subprocess
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.metrics.coding import CODINGS, IDENTITY, OFFERED, Packed
from support.programs import program

TEXTS = st.lists(
    st.binary(max_size=60) | st.integers(1, 40_000).map(lambda size: b"wolkvox " * size), max_size=6
)


def unpacked(name: str, body: bytes) -> bytes:
    if name == IDENTITY:
        return body
    if name == "gzip":
        # One member and nothing after it: what a browser reads.
        reader = zlib.decompressobj(16 + zlib.MAX_WBITS)
        text = reader.decompress(body) + reader.flush()
        assert reader.eof
        assert not reader.unused_data
        return text
    from backports import zstd  # noqa: PLC0415

    return bytes(zstd.decompress(body))


@pytest.mark.parametrize("name", CODINGS)
@given(groups=st.lists(TEXTS, max_size=4), squeeze=st.booleans())
def test_parts_in_any_groups_unpack_to_the_texts_in_order(
    name: str, groups: list[list[bytes]], squeeze: bool
) -> None:
    coding = CODINGS[name]
    parts: list[Packed] = []
    for texts in groups:
        packed = [coding.pack(text) for text in texts]
        parts += [coding.run(packed, squeeze=squeeze)] if len(texts) % 2 else packed
    whole = b"".join(text for texts in groups for text in texts)
    if name == "zstd" and not any(groups):
        assert coding.body(parts) == []  # no frame, no byte
        return
    assert unpacked(name, b"".join(coding.body(parts))) == whole
    assert sum(part.size for part in parts) == len(whole)


def test_zstd_is_offered_before_gzip() -> None:
    assert OFFERED == ("zstd", "gzip")


@pytest.mark.parametrize("name", OFFERED)
def test_what_repeats_is_small_and_the_same_each_time(name: str) -> None:
    coding = CODINGS[name]
    bodies = [b"".join(coding.body([coding.pack(b"wolkvox_up 1\n" * 1000)])) for _ in range(2)]
    assert bodies[0] == bodies[1]
    assert len(bodies[0]) < 1000


def test_a_run_of_a_compressing_coding_is_one_piece() -> None:
    for name in OFFERED:
        run = CODINGS[name].run([CODINGS[name].pack(b"a"), CODINGS[name].pack(b"b")])
        assert len(run.data) == 1


@pytest.mark.integration
def test_gzip_itself_takes_the_parts_for_one_file(tmp_path: Path) -> None:
    coding = CODINGS["gzip"]
    texts = [bytes([65 + number]) * (number * 7919) for number in range(20)]
    body = b"".join(coding.body([coding.pack(text) for text in texts]))
    file = tmp_path / "body.gz"
    file.write_bytes(body)
    result = subprocess.run([program("gzip"), "-dc", file], capture_output=True, check=True, timeout=60)
    assert (result.stdout, result.stderr) == (b"".join(texts), b"")
    assert gzip.decompress(body) == result.stdout
