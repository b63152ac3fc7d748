"""Sums of campaign_8: people's telephones come in, only figures come out."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.apis import BY_NAME, PollContext
from exporter.apis.machine_codes import MachineCodeReader
from exporter.apis.telephones import COUNTED
from exporter.families import Value
from support.fakes import telephone_row


def reader(unreachable_after: int = 3, campaign_id: str = "4875") -> MachineCodeReader:
    now = datetime(2026, 8, 12, 10, tzinfo=UTC)
    options = {"unreachable_after": unreachable_after}
    return MachineCodeReader(PollContext(now, campaign_id=campaign_id, options=options))


def sums(*rows: object, unreachable_after: int = 3) -> tuple[MachineCodeReader, dict[str, Value | None]]:
    one = reader(unreachable_after)
    one.add(rows)
    (row,) = one.rows()
    assert row.labels == ("4875", "", "")
    fields = [column.field for column in BY_NAME["machine_codes"].columns]
    return one, dict(zip(fields, row.values, strict=True))


def test_telephones_are_added_up() -> None:
    _, figures = sums(
        telephone_row("3000000001", 1, 2, 3, 4, 5), telephone_row("3000000002", 10, 20, 30, 40, 50)
    )
    assert figures == {
        "no_answer": 11,
        "answer_machine": 22,
        "busy": 33,
        "congestion": 44,
        "failed": 55,
        "total_machine_recognitions": 22,
        "telephone": 2,
        "congestion, failed": 0,
    }


def test_without_telephones_every_sum_is_a_true_zero() -> None:
    _, figures = sums()
    assert set(figures.values()) == {0.0}


def test_a_field_that_is_nowhere_readable_is_not_known() -> None:
    one, figures = sums(telephone_row() | {"busy": "?", "failed": None})
    assert (figures["busy"], figures["failed"], figures["no_answer"]) == (None, None, 0)
    assert [(u.field, u.count, u.example) for u in one.unreadable] == [("busy", 1, "")]


def test_a_field_that_one_telephone_lacks_is_summed_over_the_others() -> None:
    _, figures = sums(telephone_row("1", 1) | {"busy": ""}, telephone_row("2", 1, 0, 7))
    assert (figures["busy"], figures["telephone"]) == (7, 2)


def test_how_many_are_unreachable_is_not_known_where_no_telephone_tells_all_of_its_codes() -> None:
    dead = telephone_row("1", 0, 0, 0, 2, 3)
    other = dead | {"telephone": "2"}
    _, figures = sums(dead | {"busy": ""}, other | {"busy": "?"})
    assert (figures["congestion, failed"], figures["failed"], figures["telephone"]) == (None, 6, 2)
    _, figures = sums(dead | {"busy": ""}, other)
    assert (figures["congestion, failed"], figures["failed"], figures["telephone"]) == (1, 6, 2)


def test_where_no_telephone_could_be_read_nothing_is_known() -> None:
    _, figures = sums(telephone_row("n/a", 1), telephone_row("TOTAL", 1))
    assert set(figures.values()) == {None}


@pytest.mark.parametrize(
    ("codes", "unreachable"),
    [
        ((0, 0, 0, 2, 1), 1),
        ((0, 0, 0, 3, 0), 1),
        ((0, 0, 0, 0, 3), 1),
        ((0, 0, 0, 1, 1), 0),  # too few to tell
        ((1, 0, 0, 2, 1), 0),  # it rang once
        ((0, 1, 0, 2, 1), 0),
        ((0, 0, 1, 2, 1), 0),
        ((0, 0, 0, 0, 0), 0),
    ],
)
def test_only_a_telephone_that_never_worked_is_unreachable(codes: tuple[int, ...], unreachable: int) -> None:
    _, figures = sums(telephone_row("3000000001", *codes))
    assert figures["congestion, failed"] == unreachable


def test_a_telephone_with_an_unreadable_code_is_not_called_unreachable() -> None:
    _, figures = sums(telephone_row("1", 0, 0, 0, 5, 5) | {"busy": "?"}, telephone_row("2", 1))
    assert figures["congestion, failed"] == 0


def test_how_many_codes_it_takes_is_configured() -> None:
    row = telephone_row("1", 0, 0, 0, 1, 0)
    assert sums(row, unreachable_after=1)[1]["congestion, failed"] == 1
    assert sums(row, unreachable_after=2)[1]["congestion, failed"] == 0


@pytest.mark.parametrize("label", ["TOTAL", "Total", "total general", "TOTALES"])
def test_a_total_row_is_no_telephone_and_no_error(label: str) -> None:
    one, figures = sums(telephone_row("1", 1), telephone_row(label, 1))
    assert (figures["telephone"], figures["no_answer"]) == (1, 1)
    assert one.discarded == {}


@pytest.mark.parametrize(
    "row", [None, "x", [], {}, {"telephone": ""}, {"telephone": "n/a"}, {"telephone": []}]
)
def test_a_row_without_a_telephone_is_of_another_shape(row: object) -> None:
    one, figures = sums(row, telephone_row("1", 1))
    assert figures["telephone"] == 1
    assert one.discarded == {"shape": 1}


def test_a_telephone_of_several_rows_is_one_and_judged_by_all_of_them() -> None:
    often = [telephone_row("3001", *codes) for codes in ((0, 0, 0, 0, 3), (5, 0, 0, 0, 0), (0, 0, 0, 0, 3))]
    once = [telephone_row(f"30{n}", 0, 0, 0, 1, 2 if n == 20 else 0) for n in range(11, 21)]
    _, figures = sums(*often, *once)
    assert (figures["telephone"], figures["congestion, failed"], figures["failed"]) == (11, 1, 8)


@pytest.mark.parametrize(
    "numbers", [("3001", " 3001 "), ("3001", 3001), (3001, 3001.0), ("\u00a03001", "3001\n")]
)
def test_one_telephone_is_recognised(numbers: tuple[object, object]) -> None:
    one, other = (telephone_row() | {"telephone": number} for number in numbers)
    assert sums(one, other)[1]["telephone"] == 1


@pytest.mark.parametrize("number", ["+57 3001", "57-3001", "573001", "03001", "3001x", "300 1", "٣001"])
def test_what_may_be_another_telephone_is_another(number: str) -> None:
    _, figures = sums(telephone_row("3001", 0, 0, 0, 0, 2), telephone_row(number, 0, 0, 0, 0, 1))
    assert (figures["telephone"], figures["congestion, failed"]) == (2, 0)


@pytest.mark.parametrize("after", [1, 2, 3, 5, 7, 8, 1000, 5000])
def test_the_codes_of_several_rows_come_to_what_it_takes(after: int) -> None:
    more = telephone_row("3001", 0, 0, 0, after, after)
    assert sums(more, more, more, unreachable_after=after)[1]["congestion, failed"] == 1
    rows = [telephone_row("3001", 0, 0, 0, 0, 1)] * after
    assert sums(*rows, unreachable_after=after)[1]["congestion, failed"] == 1
    assert sums(*rows[1:], unreachable_after=after)[1]["congestion, failed"] == 0


def test_what_no_telephone_can_come_to_is_never_reached() -> None:
    rows = [telephone_row(f"300{number}", 0, 0, 0, 0, 86_400) for number in range(200)]
    _, figures = sums(*rows, *rows, unreachable_after=10**30)
    assert (figures["telephone"], figures["congestion, failed"]) == (200, 0)


def test_a_row_that_tells_less_leaves_a_telephone_unknown() -> None:
    dead = telephone_row("3001", 0, 0, 0, 3, 3)
    for missing in ("n/d", None, ""):
        _, figures = sums(dead, dead | {"no_answer": missing}, telephone_row("3002", 1))
        assert (figures["telephone"], figures["congestion, failed"], figures["failed"]) == (2, 0, 6)


FIGURE = st.none() | st.integers(-5, 5) | st.floats() | st.text(max_size=6)


@given(
    st.lists(
        st.dictionaries(st.sampled_from(COUNTED), FIGURE).flatmap(
            lambda row: st.sampled_from(
                [row, row | {"telephone": "3000000001"}, row | {"telephone": "TOTAL"}]
            )
        )
    )
)
def test_no_rows_break_it_and_no_telephone_is_kept(rows: list[dict[str, object]]) -> None:
    one, figures = sums(*rows)
    telephones, unreachable = figures["telephone"], figures["congestion, failed"]
    if telephones is None:
        assert sum(one.discarded.values()) > 0
        assert set(figures.values()) == {None}
    else:
        assert isinstance(telephones, float)
        assert unreachable is None or (isinstance(unreachable, float) and 0 <= unreachable <= telephones)
        assert telephones + sum(one.discarded.values()) <= len(rows)
    kept = (one.unreadable, one.discarded, one._counts, one._kinds, one._telephones._buckets)
    assert "3000000001" not in repr(kept)
