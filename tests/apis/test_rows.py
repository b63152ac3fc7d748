"""Lists of campaigns, row by row: no row is lost for one bad field, and what is not used is counted."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.apis import BY_NAME, PollContext, RowReader
from exporter.families import Value
from exporter.snapshot import Row
from exporter.snapshot.model import campaign_key
from exporter.wolkvox import MAX_ROWS
from support.fakes import campaign_settings_row, campaigns_row

BOGOTA = ZoneInfo("America/Bogota")
REAL_TIME, INFORMATION = "campaigns", "campaign_settings"


def reader(
    api: str = REAL_TIME,
    names: Mapping[str, str] | None = None,
    selected: Callable[[str, str], bool] = lambda _id, _name: True,
) -> RowReader:
    now = datetime(2026, 8, 12, 10, tzinfo=BOGOTA)
    return BY_NAME[api].reader(PollContext(now, selects=selected, names=names or {}))


def read(rows: Sequence[object], api: str = REAL_TIME) -> tuple[Row, ...]:
    one = reader(api)
    one.add(rows)
    return one.rows()


def value(row: Row, field: str, api: str = REAL_TIME) -> Value | None:
    return BY_NAME[api].value(row, field)


def test_a_documented_row_of_real_time() -> None:
    (row,) = read([campaigns_row()])
    assert (row.labels[0], row.labels[1], row.labels[2], campaign_key(row)) == (
        "4875",
        "VENTAS",
        "4000",
        "4875",
    )
    assert (value(row, "records"), value(row, "dial"), value(row, "speed")) == (1000, 600, 1.1)


def test_a_documented_row_of_information() -> None:
    (row,) = read([campaign_settings_row()], INFORMATION)
    assert (row.labels[0], row.labels[1], row.labels[2]) == ("4875", "VENTAS", "4000")
    assert value(row, "recycled", INFORMATION) == 30


@pytest.mark.parametrize("raw", [None, "", " ", "-", "n/a", "12..5", "NaN", ["1"], {"a": 1}, "1e3"])
def test_a_bad_field_costs_no_other_field_and_no_row(raw: object) -> None:
    one = reader()
    one.add([campaigns_row(dial=raw)])
    (row,) = one.rows()
    assert value(row, "dial") is None
    assert value(row, "clean") == 400
    missing = raw is None or raw in {"", " ", "-"} if not isinstance(raw, list | dict) else False
    assert [(u.field, u.count) for u in one.unreadable] == ([] if missing else [("dial", 1)])
    assert one.discarded == {}


def test_a_field_that_is_not_there_is_no_error() -> None:
    one = reader()
    one.add([{"campaign": "4875 - VENTAS"}])
    (row,) = one.rows()
    assert set(row.values) == {None}
    assert one.unreadable == ()


def test_unreadable_values_are_counted_by_field_with_the_first_as_an_example() -> None:
    one = reader()
    one.add([campaigns_row("1 - A", hits="?", dial="x\n" + "y" * 200), campaigns_row("2 - B", hits="!")])
    found = {u.field: (u.count, u.example) for u in one.unreadable}
    assert set(found) == {"hits", "dial"}
    # Two families read this field, and it is unreadable once in each row.
    assert found["hits"] == (2, "'?'")
    assert found["dial"][0] == 1
    assert found["dial"][1].startswith(r"'x\ny")
    assert len(found["dial"][1]) == 80


def test_a_value_that_is_nested_too_deeply_to_be_shown_is_unreadable_like_others() -> None:
    deep: object = "x"
    for _ in range(100_000):
        deep = [deep]
    one = reader()
    one.add([campaigns_row(speed=deep)])
    assert [(u.field, u.count, u.example) for u in one.unreadable] == [("speed", 1, "nested too deeply")]
    assert [row.labels[0] for row in one.rows()] == ["4875"]


@pytest.mark.parametrize(
    "raw",
    [None, 7, "4875", [], {}, {"campaign": None}, {"campaign": " "}, {"campaign": ["x"]}, {"speed": "1"}],
)
def test_what_names_no_campaign_is_of_another_shape(raw: object) -> None:
    one = reader()
    one.add([raw, campaigns_row()])
    assert [row.labels[0] for row in one.rows()] == ["4875"]
    assert one.discarded == {"shape": 1}


def test_the_last_of_two_rows_with_the_same_labels_counts() -> None:
    one = reader()
    one.add([campaigns_row(dial="1"), campaigns_row("4876 - B")])
    one.add([campaigns_row("4875 - VENTAS - tel1 (40%), tel2 (60%)", dial="2")])
    assert [(row.labels[0], value(row, "dial")) for row in one.rows()] == [("4876", 600), ("4875", 2)]
    assert one.discarded == {"duplicate": 1}


def test_a_campaign_with_two_skills_is_two_rows() -> None:
    rows = read([campaigns_row(skill_id="1"), campaigns_row(skill_id="2")])
    assert [row.labels[2] for row in rows] == ["1", "2"]


def test_what_is_wrong_with_campaigns_that_nobody_wants_is_not_told() -> None:
    one = reader(selected=lambda campaign_id, name: name == "VENTAS" or campaign_id == "7")
    unwanted = [campaigns_row("8 - Y", dial="?")] * 2
    one.add([campaigns_row(), campaigns_row("7 - X"), *unwanted])
    assert [row.labels[0] for row in one.rows()] == ["4875", "7", "8"]
    assert (one.discarded, one.unreadable) == ({}, ())


def test_the_operator_chooses_by_the_known_name() -> None:
    # `campaign_settings` has the clean name; that of `campaigns` can differ in its tail.
    one = reader(names={"4875": "VENTAS (nueva)"}, selected=lambda _id, name: name == "VENTAS (nueva)")
    one.add([campaigns_row(hits="?"), campaigns_row("9 - VENTAS (otra)", dial="?")])
    assert [bad.field for bad in one.unreadable] == ["hits"]


def test_an_answer_without_end_fills_no_memory() -> None:
    one = reader(INFORMATION)
    for start in range(0, MAX_ROWS + 2000, 1000):
        one.add([{"campaign_id": str(start + number)} for number in range(1000)])
    # What is known already can still be told again.
    one.add([{"campaign_id": "7"}])
    assert len(one.rows()) == MAX_ROWS
    assert one.discarded == {"limit": 2000, "duplicate": 1}


def test_the_fields_whose_errors_are_counted_from_the_start() -> None:
    labels = {"skill_id", "campaign_id", "campaign_name", "campaign_description", "type_campaign"}
    for api, row in ((REAL_TIME, campaigns_row()), (INFORMATION, campaign_settings_row())):
        expected = set(row) - labels
        assert set(BY_NAME[api].fields) == expected, "tests/support/fakes.py has the vendor's whole row"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
FIELDS = {REAL_TIME: list(campaigns_row()), INFORMATION: list(campaign_settings_row())}


@pytest.mark.parametrize("api", [REAL_TIME, INFORMATION])
@given(data=st.data())
def test_no_row_breaks_the_reading_and_every_row_is_accounted_for(api: str, data: st.DataObject) -> None:
    fields = st.dictionaries(st.sampled_from(FIELDS[api]), JSON)
    rows = data.draw(st.lists(JSON | fields, max_size=6))
    one = reader(api)
    one.add(rows)
    kept = one.rows()
    assert len(kept) + sum(one.discarded.values()) == len(rows)
    assert all(
        u.example.isascii() and u.example.isprintable() and len(u.example) <= 80 for u in one.unreadable
    )
    for row in kept:
        assert campaign_key(row)
        assert len(row.values) == len(BY_NAME[api].columns)
        json.dumps([row.labels[0], row.labels[1], row.labels[2]]).encode()


@pytest.mark.parametrize("api", [REAL_TIME, INFORMATION])
def test_megabytes_of_text_become_no_megabytes_of_labels(api: str) -> None:
    long = "x" * 500_000
    row = (
        campaigns_row(f"4875 - {long}" + " - tel1 (100%)" * 1000, skill_id=long)
        if api == REAL_TIME
        else campaign_settings_row(
            campaign_name=long, campaign_description=long, type_campaign=long, dial_mode=long
        )
    )
    (found,) = read([row], api)
    assert found.labels[0] == "4875"
    assert found.labels[1].startswith("xxx")
    assert len(repr(found)) < 8000


def test_a_tail_of_broken_shares_alone_is_counted() -> None:
    one = reader()
    one.add([campaigns_row("4875 - VENTAS - tel1 (x %)")])
    assert one.rows()[0].labels[1] == "VENTAS"
    assert [(bad.field, bad.count) for bad in one.unreadable] == [("campaign", 1)]
