import pytest
from hypothesis import given
from hypothesis import strategies as st

from apis.test_machine_codes import reader as metric_reader
from exporter.apis.telephones import (
    CODES,
    COUNTED,
    RECOGNITIONS,
    CodeSums,
    Telephone,
    TelephoneReader,
    unreachable,
)
from exporter.operators.telephone_filter import TelephoneFilter, sum_cells, telephone_cells
from support.fakes import telephone_row


def read(*rows: object) -> tuple[list[Telephone], TelephoneReader]:
    reader = TelephoneReader()
    reader.add(rows)
    return list(reader.telephones()), reader


def test_a_row_is_read() -> None:
    ((telephone,), reader) = read(telephone_row("5550000001", 1, 2, 3, 4, 5))
    assert telephone_cells(telephone) == {
        "telephone": "5550000001",
        RECOGNITIONS: 2,
        "no_answer": 1,
        "answer_machine": 2,
        "busy": 3,
        "congestion": 4,
        "failed": 5,
    }
    assert telephone.attempts == 15
    assert (reader.rows, reader.discarded, reader.unreadable) == (1, 0, 0)
    assert "5550000001" not in repr(telephone)


def test_unreadable_is_never_zero() -> None:
    row = {**telephone_row("5550000001", 0, 0, 0, 2, 2), "busy": "n/d", "failed": None}
    ((telephone,), reader) = read(row)
    assert (telephone.counts["busy"], telephone.counts["failed"]) == (None, None)
    assert telephone.attempts is None
    assert unreachable(telephone.counts, 1) is None
    assert reader.unreadable == 1


@pytest.mark.parametrize("row", [None, 1, [], {}, {"telephone": ""}, {"telephone": "abc"}, {"telephone": []}])
def test_what_is_no_telephone_is_counted(row: object) -> None:
    found, reader = read(row)
    assert (found, reader.discarded) == ([], 1)


def test_a_total_is_no_telephone() -> None:
    found, reader = read({**telephone_row(), "telephone": "TOTAL"})
    assert (found, reader.discarded) == ([], 0)


@pytest.mark.parametrize(
    ("codes", "dead"),
    [
        ((0, 0, 0, 1, 2), True),
        ((0, 0, 0, 0, 3), True),
        ((0, 0, 0, 1, 1), False),
        ((1, 0, 0, 3, 3), False),
        ((0, 0, 1, 3, 3), False),
        ((0, 0, 0, 0, 0), False),
    ],
)
def test_unreachable(codes: tuple[int, ...], dead: bool) -> None:
    ((telephone,), _) = read(telephone_row("5550000001", *codes))
    assert unreachable(telephone.counts, 3) is dead


@given(
    st.lists(
        st.tuples(
            st.integers(1, 4),
            st.lists(st.integers(0, 4) | st.sampled_from(["", "x", None]), min_size=6, max_size=6),
        ),
        min_size=1,
    ),
    st.integers(1, 5),
)
def test_the_sums_are_those_of_the_metric(codes: list[tuple[int, list[object]]], after: int) -> None:
    rows = [{"telephone": number, **dict(zip(COUNTED, values, strict=True))} for number, values in codes]
    metric = metric_reader(after)
    metric.add(rows)
    sums = CodeSums(after)
    for telephone in read(*rows)[0]:
        sums.add(telephone)
    found = sum_cells(sums)
    assert list(metric.rows()[0].values) == [
        *(found[name] for name in (*CODES, RECOGNITIONS, "telephones", "unreachable"))
    ]


def test_choices() -> None:
    ((telephone,), _) = read(telephone_row("5550000001", 0, 0, 2, 1, 0))
    for choice, wanted in [
        (TelephoneFilter(3), True),
        (TelephoneFilter(3, unreachable=True), False),
        (TelephoneFilter(3, min_attempts=3), True),
        (TelephoneFilter(3, min_attempts=4), False),
        (TelephoneFilter(3, codes=("busy",)), True),
        (TelephoneFilter(3, codes=("busy", "congestion")), True),
        (TelephoneFilter(3, codes=("busy", "failed")), False),
    ]:
        assert choice.matches(telephone) is wanted


def test_sums() -> None:
    sums = CodeSums(3)
    rows = [telephone_row("1", 1, 2, 3, 4, 5), {"telephone": "2", "busy": "4"}]
    for telephone in read(*rows)[0]:
        sums.add(telephone)
    assert sum_cells(sums)["busy"] == 7
    nothing = CodeSums(3)
    nothing.add(read({"telephone": "2"})[0][0])
    assert sum_cells(nothing)["busy"] is None
