"""However a batch is decoded, the sums are those of its rows one by one."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apis.test_machine_codes import reader
from exporter.apis.machine_codes import MachineCodeReader
from exporter.apis.telephones import COUNTED, TelephoneRow, decode_rows
from exporter.wolkvox.row_splitter import RowSplitter
from support.fakes import telephone_row

PLAIN = st.integers(0, 12).map(str) | st.integers(0, 9)
ODD: st.SearchStrategy[object] = st.sampled_from(
    [
        "",
        " ",
        "-",
        " 3",
        "1,234",
        "1.234",
        "1.000",
        "007",
        "-1",
        "-3",
        "-0",
        "+1",
        "x",
        "9" * 30,
        10**30,
        1e300,
        2.5,
        1.0,
        None,
        True,
        False,
        [],
        {},
        [1],
        {"a": 1},
        "TOTAL",
        "1000000",
        "Infinity",
    ]
)
TELEPHONE: st.SearchStrategy[object] = st.sampled_from(
    [
        "3000000001",
        "93000000002",
        "+573000000003",
        "300 000 0004",
        "TOTAL",
        "total 5",
        "n/a",
        "",
        None,
        3000000006,
        1.5,
        True,
        [],
        "٣",
        -5,
    ]
)


def rows_of(
    figure: st.SearchStrategy[object], telephone: st.SearchStrategy[object]
) -> st.SearchStrategy[object]:
    whole = st.fixed_dictionaries({"telephone": telephone, **dict.fromkeys(COUNTED, figure)})
    return st.lists(
        whole | whole.map(lambda row: dict(list(row.items())[2:])) | st.just({"telephone": "1"}), max_size=6
    )


BATCHES = st.lists(
    rows_of(PLAIN, st.just("3000000001"))
    | rows_of(PLAIN | st.sampled_from(["", "1,234", None]), TELEPHONE.filter(lambda t: isinstance(t, str)))
    | rows_of(PLAIN | ODD, TELEPHONE)
    | st.lists(st.none() | st.integers() | st.just("x"), max_size=2),
    max_size=4,
)


def summed(one: MachineCodeReader) -> object:
    (row,) = one.rows()
    return (
        row,
        sorted((u.field, u.count) for u in one.unreadable),
        {k: v for k, v in one.discarded.items() if v},
    )


@given(batches=BATCHES)
def test_sums_are_those_of_the_rows_one_by_one(batches: list[list[object]]) -> None:
    decoded, plain = reader(2, "1"), reader(2, "1")
    for batch in batches:
        decoded.add(decode_rows(json.dumps(batch).encode()))
        for row in batch:
            plain.add([row])
    assert summed(decoded) == summed(plain)


def test_each_way_takes_what_the_one_before_leaves() -> None:
    def kinds(*rows: object) -> set[type]:
        return {type(row) for row in decode_rows(json.dumps(rows).encode())}

    row = telephone_row("3000000001", 1, 2)
    assert kinds(row, row | {"busy": ""}) == {TelephoneRow}
    assert kinds(row | {"telephone": "TOTAL", "extra": [{"deep": 1}]}) == {TelephoneRow}
    assert kinds(row, row | {"busy": None}, {"telephone": "1"}) == {TelephoneRow}
    assert kinds(row, row | {"busy": 4}) == {dict}
    assert kinds(row, row | {"busy": [1]}) == {dict}
    assert kinds(1, "x") == {int, str}


@pytest.mark.parametrize("text", [b"", b"{}", b"[{]", b'[{"telephone": "1"', b"[1,]", b'[{"a": "\xff"}'])
def test_what_is_no_array_is_refused(text: bytes) -> None:
    with pytest.raises((msgspec.DecodeError, UnicodeDecodeError)):
        decode_rows(text)


@given(batches=BATCHES, block=st.sampled_from([1, 50, 300, 65536]))
def test_the_splitter_hands_on_every_row_in_its_order(batches: list[list[object]], block: int) -> None:
    rows = [row for batch in batches for row in batch]
    body = json.dumps({"code": "200", "data": rows}).encode()
    typed, plain = reader(2, "1"), reader(2, "1")
    for sums, splitter in (
        (typed, RowSplitter(typed.add, decode=decode_rows, block=block)),
        (plain, RowSplitter(plain.add, block=block)),
    ):
        for at in range(0, len(body), 37):
            splitter.feed(body[at : at + 37])
        splitter.finish()
        assert splitter.rows == len(rows), sums
    assert summed(typed) == summed(plain)


def test_telephones_with_ever_other_codes_do_not_pile_up() -> None:
    one = reader()
    for start in range(0, 20_000, 1000):
        rows = [telephone_row("3000000001", number) for number in range(start, start + 1000)]
        one.add(decode_rows(json.dumps(rows).encode()))
        assert len(one._waiting) <= 5096
    assert one.rows()[0].values[0] == sum(range(20_000))
