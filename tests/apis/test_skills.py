"""Queues of the skills."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.apis import PollContext, RowReader, skills
from exporter.clock import Moment
from exporter.families import Value
from exporter.snapshot import Listing
from exporter.wolkvox import MAX_ROWS

CONTEXT = PollContext(datetime(2026, 8, 12, 10, tzinfo=UTC))
FIELDS = [column.field for column in skills.API.columns]


def skill(**more: object) -> dict[str, object]:
    return {**skills.API.example, **more}


def read(*rows: object) -> tuple[RowReader, dict[tuple[str, ...], Mapping[str, Value | None]]]:
    """Return a reader that has read some rows, and the figures of each skill by the vendor's field."""
    one = skills.API.reader(CONTEXT)
    one.add(rows)
    return one, {row.labels: dict(zip(FIELDS, row.values, strict=True)) for row in one.rows()}


def queued(*rows: object) -> float | None:
    one, _ = read(*rows)
    return skills.queued_calls(Listing(Moment(0.0, 0.0), one.rows()))


def test_a_row_is_about_its_skill() -> None:
    one, found = read(skill())
    assert set(found) == {("4000", "VENTAS")}
    assert (one.unreadable, one.discarded) == ((), {})


@pytest.mark.parametrize(
    ("written", "ratio"),
    [
        ("86.49 %", 0.8649),
        ("86.49%", 0.8649),
        ("86,49 %", 0.8649),
        ("86.49", 0.8649),
        (86.49, 0.8649),
        (0, 0.0),
        ("100 %", 1.0),
        ("0.00 %", 0.0),
        (" 7 % ", 0.07),
    ],
)
@pytest.mark.parametrize("field", ["by_abandon", "service_level_10seg", "service_level_30seg"])
def test_a_share_is_a_percentage_however_it_is_written(field: str, written: object, ratio: float) -> None:
    _, found = read(skill(**{field: written}))
    assert found["4000", "VENTAS"][field] == ratio


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("raw", [None, "", " ", "-"])
def test_what_is_not_there_is_no_error_and_no_0(field: str, raw: object) -> None:
    one, found = read(skill(**{field: raw}))
    assert found["4000", "VENTAS"][field] is None
    assert one.unreadable == ()


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("raw", ["n/d", [], {}, True, "NaN", math.inf])
def test_what_cannot_be_read_is_counted_once_a_row_and_is_no_0(field: str, raw: object) -> None:
    one, found = read(skill(**{field: raw}), skill(skill_id="4001", **{field: raw}))
    assert [figures[field] for figures in found.values()] == [None, None]
    assert [(entry.field, entry.count) for entry in one.unreadable] == [(field, 2)]


@pytest.mark.parametrize(
    ("names", "labels"),
    [
        ({"skill_id": 4000, "skill_name": " VENTAS "}, ("4000", "VENTAS")),
        ({"skill_id": 4000.0, "skill_name": None}, ("4000", "")),
        ({"skill_id": "-", "skill_name": "SOPORTE\nDOS"}, ("", "SOPORTE DOS")),
        ({"skill_id": "4000", "skill_name": "x" * 2000}, ("4000", "x" * 1024)),
    ],
)
def test_a_skill_is_known_by_its_id_and_its_name(names: dict[str, object], labels: tuple[str, str]) -> None:
    assert list(read(skill(**names))[1]) == [labels]


@pytest.mark.parametrize(
    "row", [None, 7, "x", [], {}, {"calls_in_queue_now": "3"}, skill(skill_id="", skill_name="-")]
)
def test_a_row_about_no_skill_is_told(row: object) -> None:
    one, found = read(row, skill())
    assert (list(found), one.discarded) == ([("4000", "VENTAS")], {"shape": 1})


def test_of_two_rows_about_one_skill_the_last_counts() -> None:
    one, found = read(skill(calls_in_queue_now="1"), skill(calls_in_queue_now="5"))
    assert (found["4000", "VENTAS"]["calls_in_queue_now"], one.discarded) == (5, {"duplicate": 1})


@pytest.mark.parametrize("skill_id", ["", "-", "TOTAL", "Totales"])
def test_a_total_is_no_skill_and_counts_no_call_twice(skill_id: str) -> None:
    total = skill(skill_id=skill_id, skill_name="TOTAL", calls_in_queue_now="2")
    assert queued(skill(calls_in_queue_now="2"), total) == 2


def test_a_skill_may_be_named_as_a_total_is() -> None:
    assert list(read(skill(skill_name="TOTAL CARE"))[1]) == [("4000", "TOTAL CARE")]
    # A word that only begins so is a name.
    assert list(read(skill(skill_id="", skill_name="TOTALPLAY"))[1]) == [("", "TOTALPLAY")]


def test_as_many_skills_are_kept_as_wolkvox_returns_rows() -> None:
    one, found = read(*(skill(skill_id=str(number)) for number in range(MAX_ROWS + 10)))
    assert (len(found), one.discarded) == (MAX_ROWS, {"limit": 10})


def test_the_calls_that_wait_are_those_of_all_skills() -> None:
    assert queued(skill(calls_in_queue_now="2"), skill(skill_id="4001", calls_in_queue_now="3")) == 5
    assert queued(skill(calls_in_queue_now="0")) == 0


@pytest.mark.parametrize("raw", [None, "", "n/d"])
def test_how_many_wait_is_not_known_where_one_skill_does_not_tell(raw: object) -> None:
    assert queued(skill(calls_in_queue_now="2"), skill(skill_id="4001", calls_in_queue_now=raw)) is None
    assert queued() is None
    assert skills.queued_calls(None) is None


def test_all_skills_are_asked_for_at_once() -> None:
    call = skills.API.call(CONTEXT)
    assert (call.path, call.query) == ("real_time.php", {"api": "skills", "skill_id": "all"})


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda more: st.lists(more, max_size=3) | st.dictionaries(st.text(max_size=5), more, max_size=3),
    max_leaves=4,
)
ROWS = st.lists(
    ANYTHING | st.dictionaries(st.sampled_from(["skill_id", "skill_name", *FIELDS]), ANYTHING), max_size=8
)


@given(ROWS)
def test_no_rows_break_it(rows: list[object]) -> None:
    one, found = read(*rows)
    assert len(found) + sum(one.discarded.values()) == len(rows)
    for figures in found.values():
        for figure in figures.values():
            assert figure is None or (isinstance(figure, float) and math.isfinite(figure))
    waiting = [row.get("calls_in_queue_now") for row in rows if isinstance(row, Mapping)]
    if len(rows) == len(found) and all(isinstance(raw, int) and 0 <= raw < 2**53 for raw in waiting) and rows:
        whole = all(not isinstance(raw, bool) for raw in waiting)
        total = sum(float(raw) for raw in waiting if isinstance(raw, int))
        assert queued(*rows) == (total if whole and len(waiting) == len(rows) else None)
