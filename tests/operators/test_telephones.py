import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.operators.telephones import CODES, RECOGNITIONS, Choice, Sums, Telephone, TelephoneReader
from exporter.snapshot.machine_codes import MachineCodeSums
from support.fakes import telephone_row


def read(*rows: object) -> tuple[list[Telephone], TelephoneReader]:
    reader = TelephoneReader()
    return list(reader.read(rows)), reader


def test_a_row_is_read() -> None:
    ((telephone,), reader) = read(telephone_row("5550000001", 1, 2, 3, 4, 5))
    assert telephone.cells() == {
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
    assert (telephone.codes["busy"], telephone.codes["failed"]) == (None, None)
    assert telephone.attempts is None
    assert not telephone.unreachable(1)
    assert reader.unreadable == 1


@pytest.mark.parametrize("row", [None, 1, [], {}, {"telephone": ""}, {"telephone": "abc"}, {"telephone": []}])
def test_what_is_no_telephone_is_counted(row: object) -> None:
    found, reader = read(row)
    assert (found, reader.discarded) == ([], 1)


def test_a_total_is_no_telephone() -> None:
    found, reader = read({**telephone_row(), "telephone": "TOTAL"})
    assert (found, reader.discarded) == ([], 0)


@pytest.mark.parametrize(
    ("codes", "unreachable"),
    [
        ((0, 0, 0, 1, 2), True),
        ((0, 0, 0, 0, 3), True),
        ((0, 0, 0, 1, 1), False),
        ((1, 0, 0, 3, 3), False),
        ((0, 0, 1, 3, 3), False),
        ((0, 0, 0, 0, 0), False),
    ],
)
def test_unreachable(codes: tuple[int, ...], unreachable: bool) -> None:
    ((telephone,), _) = read(telephone_row("5550000001", *codes))
    assert telephone.unreachable(3) is unreachable


@given(
    st.lists(st.lists(st.integers(0, 4) | st.sampled_from(["", "x", None]), min_size=5, max_size=5)),
    st.integers(1, 5),
)
def test_the_rule_is_that_of_the_metric(codes: list[list[object]], after: int) -> None:
    rows = [
        {"telephone": str(number), **dict(zip(CODES, values, strict=True))}
        for number, values in enumerate(codes)
    ]
    metric = MachineCodeSums(after)
    metric.add(rows)
    sums = Sums(after)
    for telephone in read(*rows)[0]:
        sums.add(telephone)
    # By the order of the families: codes, recognitions, telephones, unreachable telephones.
    cells = sums.cells()
    assert [cells["telephones"], cells["unreachable"]] == list(metric.row("1").values[-2:])


def test_choices() -> None:
    ((telephone,), _) = read(telephone_row("5550000001", 0, 0, 2, 1, 0))
    for choice, wanted in [
        (Choice(3), True),
        (Choice(3, unreachable=True), False),
        (Choice(3, min_attempts=3), True),
        (Choice(3, min_attempts=4), False),
        (Choice(3, codes=("busy",)), True),
        (Choice(3, codes=("busy", "congestion")), True),
        (Choice(3, codes=("busy", "failed")), False),
    ]:
        assert choice.wants(telephone) is wanted


def test_sums() -> None:
    sums = Sums(3)
    assert sums.cells() == {
        "telephones": 0,
        "unreachable": 0,
        RECOGNITIONS: 0,
        **dict.fromkeys(CODES, 0),
    }
    rows = [telephone_row("1", 1, 2, 3, 4, 5), {"telephone": "2", "busy": "4"}]
    for telephone in read(*rows)[0]:
        sums.add(telephone)
    assert sums.cells()["busy"] == 7
    nothing = Sums(3)
    nothing.add(read({"telephone": "2"})[0][0])
    assert nothing.cells()["busy"] is None
