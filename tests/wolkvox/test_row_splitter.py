import json
import math
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from exporter.wolkvox.errors import Cause, RequestFailed
from exporter.wolkvox.row_splitter import MAX_ENVELOPE_BYTES, MAX_ROW_BYTES, RowSplitter, decode_document


def split(
    document: bytes, sizes: list[int] | None = None, block: int = 65536
) -> tuple[list[object], RowSplitter]:
    rows: list[object] = []
    splitter = RowSplitter(rows.extend, block=block)
    at = turn = 0
    while at < len(document):
        size = sizes[turn % len(sizes)] if sizes else 65536
        splitter.feed(document[at : at + size])
        at, turn = at + size, turn + 1
    splitter.finish()
    return rows, splitter


def failure(document: bytes, sizes: list[int] | None = None, block: int = 65536) -> Cause:
    with pytest.raises(RequestFailed) as caught:
        split(document, sizes, block)
    return caught.value.cause


TRICKY = st.text(alphabet='{}[],:"\\ dataé\n\u2028😀', max_size=12)
SCALAR = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5)
    | TRICKY
)
VALUE = st.recursive(
    SCALAR,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TRICKY | st.just("data"), inner, max_size=4),
    max_leaves=12,
)
ROWS = st.lists(st.dictionaries(TRICKY, SCALAR, max_size=4) | VALUE, max_size=12)
STYLE = st.fixed_dictionaries(
    {
        "indent": st.sampled_from([None, 0, 2]),
        "ensure_ascii": st.booleans(),
        "separators": st.sampled_from([(",", ":"), (" , ", " : ")]),
    }
)
SIZES = st.lists(st.integers(1, 40), min_size=1, max_size=4)
LEAD = st.sampled_from([b"", b"\xef\xbb\xbf", b" \r\n\t", b"\xef\xbb\xbf\n"])


@given(rows=ROWS, style=STYLE, sizes=SIZES, block=st.sampled_from([1, 7, 64, 65536]), lead=LEAD)
def test_a_bare_array(
    rows: list[object], style: dict[str, Any], sizes: list[int], block: int, lead: bytes
) -> None:
    got, splitter = split(lead + json.dumps(rows, **style).encode() + b"\n", sizes, block)
    assert got == rows
    assert splitter.rows == len(rows)
    assert splitter.envelope == []


@given(
    before=st.dictionaries(TRICKY, VALUE, max_size=3),
    after=st.dictionaries(TRICKY, VALUE, max_size=3),
    rows=ROWS,
    style=STYLE,
    sizes=SIZES,
    block=st.sampled_from([1, 7, 64, 65536]),
    lead=LEAD,
)
def test_an_envelope(  # noqa: PLR0913, PLR0917
    before: dict[str, object],
    after: dict[str, object],
    rows: list[object],
    style: dict[str, Any],
    sizes: list[int],
    block: int,
    lead: bytes,
) -> None:
    for other in (before, after):
        other.pop("data", None)
    document = {**{k: v for k, v in before.items() if k not in after}, "data": rows, **after}
    got, splitter = split(lead + json.dumps(document, **style).encode(), sizes, block)
    assert got == rows
    assert splitter.rows == len(rows)
    assert splitter.envelope == {**document, "data": []}


@given(
    document=VALUE.filter(lambda v: not isinstance(v, list)), sizes=SIZES, block=st.sampled_from([1, 65536])
)
def test_a_document_without_rows_is_its_own_envelope(document: Any, sizes: list[int], block: int) -> None:
    if isinstance(document, dict):
        document.pop("data", None)
    got, splitter = split(json.dumps(document).encode(), sizes, block)
    assert (got, splitter.rows, splitter.envelope) == ([], None, document)


@given(
    document=st.text(alphabet='[]{},:"\\ 1adtn\x00', max_size=40).map(str.encode)
    | st.binary(max_size=40)
    | st.text(alphabet='[]{},:"\\ 1\n', max_size=30).map(lambda t: b'{"data":[{"a":1},' + t.encode()),
    sizes=SIZES,
    block=st.sampled_from([1, 5, 65536]),
)
@example(b'[{}],"data":[{}]', [5], 1)
@example(b"[{}}]", [5], 1)
def test_what_is_not_json_fails_and_nothing_else_is_refused(
    document: bytes, sizes: list[int], block: int
) -> None:
    try:
        value = json.loads(document)
    except (ValueError, RecursionError):
        value = json
    rows: list[object] = []
    splitter = RowSplitter(rows.extend, block=block)
    try:
        for at in range(0, len(document), sizes[0]):
            splitter.feed(document[at : at + sizes[0]])
        splitter.finish()
    except RequestFailed as failed:
        assert value is json or failed.cause is Cause.SHAPE or b"\x00" in document  # noqa: PT017
        return
    if value is not json and splitter.rows is not None:
        expected = value if isinstance(value, list) else value["data"]
        assert repr(rows) == repr(expected)


@pytest.mark.parametrize(
    "document",
    [
        b'{"inner":{"data":[1,2]},"data":[{"a":1}]}',
        b'{"inner":[{"data":[1,2]}],"x":"data","data":[{"a":1}],"y":{"data":[3]}}',
        b'{"d":"\\"data\\":[","data" :\n [ {"a":1} ] , "z":[{"a":2},{"a":3}]}',
        b'{"d\\u0061ta":[{"a":1}]}',
    ],
)
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_only_the_outer_data_counts(document: bytes, size: int) -> None:
    rows, splitter = split(document, [size], block=1)
    assert rows == [{"a": 1}]
    assert splitter.envelope == {**json.loads(document), "data": []}


def test_data_named_twice_is_refused() -> None:
    assert failure(b'{"data":[{}],"data":[{},{}]}') is Cause.SHAPE
    assert failure(b'{"data":[{}],"data":null}') is Cause.SHAPE


@pytest.mark.parametrize("data", [b"null", b"{}", b'"x"', b"5"])
def test_data_that_is_no_list(data: bytes) -> None:
    rows, splitter = split(b'{"code":"200","data":' + data + b"}", [1], block=1)
    assert rows == []
    assert splitter.rows is None


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b'{"licenses":"25"}', [{"licenses": "25"}]),
        (b'{"data":[{}]}', [{"data": [{}]}]),
        (b'{"0":{"a":1},"7":{"a":2}}', [{"a": 1}, {"a": 2}]),
        (b'{"0":{"a":1},"total":2}', [{"0": {"a": 1}, "total": 2}]),
    ],
)
@pytest.mark.parametrize("size", [1, 1000])
def test_data_that_is_an_object_is_a_row_or_has_rows(data: bytes, expected: list[object], size: int) -> None:
    rows, splitter = split(b'{"code":"200","data":' + data + b',"error":null}', [size], block=1)
    assert rows == expected
    assert splitter.rows == len(expected)


def test_rows_that_are_no_objects_are_handed_on() -> None:
    document = b'[1, "x", null, [2, {"a": [3]}], {"b": {"c": "}, {"}}, true]'
    for block in (1, 8, 65536):
        assert split(document, [1], block)[0] == json.loads(document)


def test_an_odd_row_costs_no_row() -> None:
    document = (
        b'[{"a":1e999},{"a":-1e999},{"a":' + b"9" * 5000 + b'},{"a":123456789012345678901234567890},'
        b'{"a":"\\ud800"},{"a":"\xff\xfe"},{"a":NaN},{"a":"tab\there"},{"a":-'
        + b"9" * 5000
        + b'},{"a":"last"}]'
    )
    rows, _ = split(document)
    values = [row["a"] for row in rows if isinstance(row, dict)]
    assert values[:6] == [
        math.inf,
        -math.inf,
        math.inf,
        123456789012345678901234567890,
        "\ud800",
        "\ufffd\ufffd",
    ]
    assert isinstance(values[6], float)
    assert math.isnan(values[6])
    assert values[7:] == ["tab\there", -math.inf, "last"]


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"  \n",
        b"\xef\xbb\xbf",
        b"\xef\xbb",
        b"<!DOCTYPE html><html>",
        b"Fatal error: x",
        b"[",
        b"[{}",
        b"[{},",
        b"[{},]",
        b"[,{}]",
        b"[{},,{}]",
        b"[,]",
        b"[{}}",
        b"[{}]]",
        b"[{}] x",
        b"[{} {}]",
        b'[{"a":1]}',
        b'[{"a":"1]',
        b'[{"a":"1\\"}]',
        b"[1 2]",
        b'{"data":[{}]',
        b'{"data":[{}],}',
        b'{"data":[{}]}}',
        b'{"data"',
        b'{"data":',
        b'{"data" [{}]}',
        b"{}}",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
    ],
)
@pytest.mark.parametrize("size", [1, 4, 65536])
def test_invalid(document: bytes, size: int) -> None:
    assert failure(document, [size], 65536 if len(document) > 1000 else size) is Cause.DECODE


def test_the_limits_of_what_is_kept() -> None:
    large = b" " * (MAX_ENVELOPE_BYTES + 65536)
    assert failure(b'{"x":"' + large) is Cause.SHAPE
    assert failure(b'{"x":1}' + large) is Cause.SHAPE
    assert failure(b"[{}]" + large) is Cause.SHAPE
    assert failure(b"text" + large) is Cause.SHAPE
    assert failure(large) is Cause.DECODE
    huge = b'[{"a":"' + b"x" * (MAX_ROW_BYTES + 2 * 65536) + b'"}]'
    assert failure(huge) is Cause.TOO_LARGE
    big = b'[{"a":"' + b"x" * (MAX_ROW_BYTES // 2) + b'"},{}]'
    assert len(split(big)[0]) == 2


def test_an_exception_of_the_sink_passes_through() -> None:
    def sink(_rows: list[object]) -> None:
        raise ValueError("mine")

    splitter = RowSplitter(sink, block=1)
    with pytest.raises(ValueError, match="mine"):
        splitter.feed(b"[{},")


@pytest.mark.parametrize(
    "unit",
    [
        b'{"a":"},{"},',
        b'{"a":"}","b":"{\\"x\\":1},"},',
        b'{"a":{"b":[{"c":1},{"c":2}]}},',
        b"1,",
        b'"x",',
        b"[],",
        b'"},",',
        b'{"a":1e999},',
        b'{"a":"\\\\\\\\\\\\"},',
    ],
)
def test_time_is_linear_in_whatever_comes(unit: bytes) -> None:
    count = 2**20 // len(unit)
    start = time.process_time()
    rows, _ = split(b"[" + unit * count + b"0]")
    assert len(rows) == count + 1
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    "document",
    [
        b"[" + b'{"a":' * 200_000,
        b"[" + b"}" * 1_000_000,
        b"[" + b'"' * 1_000_000,
        b'["' + b"\\" * 1_000_000,
        b'[{"' + b"}," * 1_000_000,
        b"[" + b"{}" * 1_000_000,
        b"[[" + b"{}," * 700_000,
        b'{"x":[' + b'"data":[' * 250_000,
        b'{"x":"' + b"\\" * 1_000_000,
        b'{"data"' + b" " * 1_000_000,
        b"[" + b"[" * 1_000_000,
        b"[" + b"9" * 1_000_000,
        b"{" * 1_000_000,
    ],
)
def test_hostile_documents_end_soon(document: bytes) -> None:
    start = time.process_time()
    failure(document)
    assert time.process_time() - start < 5


def test_single_bytes_cost_no_more_than_their_number() -> None:
    document = b"[" + b",".join([b'{"a":"' + b"x" * 60_000 + b'"}'] * 8) + b"]"
    start = time.process_time()
    assert len(split(document, [1])[0]) == 8
    assert time.process_time() - start < 5


def test_memory_does_not_grow_with_the_answer() -> None:
    row = b'{"campaign":"4875 - X - tel1 (100%)","dial":"0","clean":"1"}'
    block = b",".join([row] * 1000)
    seen = 0

    def sink(rows: list[object]) -> None:
        nonlocal seen
        seen += len(rows)

    splitter = RowSplitter(sink)
    tracemalloc.start()
    try:
        splitter.feed(b'{"data":[')
        for _ in range(100):
            splitter.feed(block + b",")
        splitter.feed(row + b'],"code":"200"}')
        splitter.finish()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert seen == 100_001
    assert peak < 4 * 2**20


@pytest.mark.parametrize("decode", [decode_document, json.loads])
def test_plain_documents_mean_the_same_to_both_readers(decode: Callable[[bytes], object]) -> None:
    assert decode(b'{"a":[1,-2.5e3,"\\u00e9",null,true]}') == {"a": [1, -2500.0, "é", None, True]}
