"""However a batch is decoded, the sums are those of its rows one by one."""

import json
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apis.test_machine_codes import reader
from exporter.apis.machine_codes import COLUMNS, MachineCodeReader
from exporter.apis.telephones import CODES, COUNTED, TelephoneReader, TelephoneRow, decode_rows, unreachable
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


SPLIT_CODE = st.lists(st.integers(0, 3) | st.sampled_from(["n/d", None]), min_size=1, max_size=3)
SPLIT: st.SearchStrategy[dict[str, list[Any]]] = st.fixed_dictionaries(dict.fromkeys(COUNTED, SPLIT_CODE))
NEVER_RANG: st.SearchStrategy[dict[str, list[Any]]] = SPLIT.map(
    lambda parts: {**parts, "no_answer": [0], "answer_machine": [0], "busy": [0]}
)
WRITTEN: tuple[Callable[[int], object], ...] = (str, int, float, "{}  ".format, " {}".format)


@st.composite
def split_report(draw: st.DrawFn) -> tuple[list[dict[str, list[Any]]], list[list[object]]]:
    """Return telephones, with the parts of each of their codes, and a report with a row for each part."""
    telephones = draw(st.lists(SPLIT | NEVER_RANG, max_size=5))
    rows: list[object] = []
    for number, parts in enumerate(telephones, 3_000_000_001):
        for place in range(max(map(len, parts.values()))):
            # A code that has fewer parts than another is 0 in the rows that are left.
            codes = {name: part[place] if place < len(part) else 0 for name, part in parts.items()}
            if draw(st.booleans()):
                codes = {name: code if code is None else str(code) for name, code in codes.items()}
            rows.append({"telephone": draw(st.sampled_from(WRITTEN))(number), **codes})
    rows = draw(st.permutations(rows))
    cuts = sorted(draw(st.lists(st.integers(0, len(rows)), max_size=3)))
    return telephones, [rows[a:b] for a, b in pairwise([0, *cuts, len(rows)])]


@settings(max_examples=500)
@given(report=split_report(), after=st.integers(1, 4))
def test_however_the_codes_of_a_telephone_are_split_the_figures_are_the_same(
    report: tuple[list[dict[str, list[Any]]], list[list[object]]], after: int
) -> None:
    telephones, batches = report
    # The model: what is true of telephones, without rows.
    sums = {
        name: [part for parts in telephones for part in parts[name] if isinstance(part, int)]
        for name in COUNTED
    }
    known = [parts for parts in telephones if all(isinstance(p, int) for code in CODES for p in parts[code])]
    totals = [{code: sum(parts[code]) for code in CODES} for parts in known]
    dead = [
        total
        for total in totals
        if total["no_answer"] == total["answer_machine"] == total["busy"] == 0
        and total["congestion"] + total["failed"] >= after
    ]
    expected = {
        # A row that has fewer parts adds a known 0.
        **{name: sum(parts) if parts or _padded(telephones, name) else None for name, parts in sums.items()},
        "telephone": len(telephones),
        "congestion, failed": len(dead) if known or not telephones else None,
    }
    one = reader(after)
    for batch in batches:
        one.add(decode_rows(json.dumps(batch).encode()))
    figures = dict(zip((column.field for column in COLUMNS), one.rows()[0].values, strict=True))
    assert figures == (expected if telephones else dict.fromkeys(expected, 0))
    for_people = TelephoneReader()
    for batch in batches:
        for_people.add(batch)
    found = list(for_people.telephones())
    assert len(found) == for_people.count == len(telephones)
    verdicts = [unreachable(telephone.counts, after) for telephone in found]
    assert (verdicts.count(True), verdicts.count(None)) == (len(dead), len(telephones) - len(known))
    assert sorted(t.attempts for t in found if t.attempts is not None) == sorted(
        sum(total.values()) for total in totals
    )


def _padded(telephones: list[dict[str, list[Any]]], name: str) -> bool:
    return any(len(parts[name]) < max(map(len, parts.values())) for parts in telephones)


def test_telephones_with_ever_other_codes_do_not_pile_up() -> None:
    one = reader()
    for start in range(0, 20_000, 1000):
        rows = [telephone_row("3000000001", number) for number in range(start, start + 1000)]
        one.add(decode_rows(json.dumps(rows).encode()))
        assert len(one._kinds) <= 5096
    assert one.rows()[0].values[0] == sum(range(20_000))
