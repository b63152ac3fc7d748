"""The table of APIs and their families: what is promised to users, and how examples are read."""

import math
import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.apis import APIS, CAMPAIGN_FAMILIES, PLACE, RANK, Api, PollContext
from exporter.families import CAMPAIGN_LABELS, Column, Family, Value
from exporter.parsing import Absent
from exporter.wolkvox import Answer, Cause, RequestFailed
from support.fakes import campaign_settings_row

BOGOTA = ZoneInfo("America/Bogota")
FAMILIES = {family.name: family for family in CAMPAIGN_FAMILIES}


def test_a_campaign_is_known_by_the_labels_that_users_rely_on() -> None:
    assert CAMPAIGN_LABELS == ("operation", "campaign_id", "campaign", "skill_id")


def test_figures_that_information_knows_too_fall_back_to_it() -> None:
    assert {family.name: family.fallback.field for family in CAMPAIGN_FAMILIES if family.fallback} == {
        "wolkvox_campaign_running": "status",
        "wolkvox_campaign_speed_ratio": "speed",
        "wolkvox_campaign_records": "records",
    }


@pytest.mark.parametrize("family", CAMPAIGN_FAMILIES, ids=lambda family: family.name)
def test_help_says_that_the_figure_is_cached_and_names_the_field(family: Family) -> None:
    for column in family.columns:
        assert f"Cached from wolkvox {column.api}: " in family.help_text
        assert column.field in family.help_text.partition("Cached from")[2]
    assert family.help.endswith(".")


@pytest.mark.parametrize("family", CAMPAIGN_FAMILIES, ids=lambda family: family.name)
def test_names_and_labels_are_valid_and_told_apart(family: Family) -> None:
    assert re.fullmatch(r"wolkvox_[a-z_]+", family.name)
    assert len(set(family.label_names)) == len(family.label_names)
    fixed = [column.labels for column in family.columns if column.labels]
    assert len(set(fixed)) == len(fixed)
    assert all(len(labels) == len(family.labels) for labels in fixed)


def read(family: str, row: dict[str, object]) -> list[Value | Absent]:
    return [column.read(row, BOGOTA) for column in FAMILIES[family].columns]


def test_what_always_has_rows_is_said_in_the_table() -> None:
    assert [api.name for api in APIS if api.always_has_rows] == ["token_info", "services"]


@pytest.mark.parametrize("api", APIS, ids=lambda api: api.name)
@pytest.mark.parametrize(
    ("answer", "row", "usual", "always"),
    [
        (Answer(0, 80, 404, "Validate dates entered"), None, None, Cause.HTTP_STATUS),
        (Answer(0, 10, 200), None, None, Cause.SHAPE),
        (Answer(1, 10, 200), {"unknown": 1}, Cause.SHAPE, Cause.SHAPE),
    ],
)
def test_what_an_answer_without_a_usable_row_is(
    api: Api, answer: Answer, row: object, usual: Cause | None, always: Cause
) -> None:
    reader = api.reader(PollContext(datetime(2026, 8, 12, 10, tzinfo=BOGOTA), campaign_id="4875"))
    reader.add([row] if row else [])
    expected = always if api.always_has_rows else usual
    if expected is None:
        api.check(answer, reader)
        return
    with pytest.raises(RequestFailed) as caught:
        api.check(answer, reader)
    assert (caught.value.cause, caught.value.http_status) == (expected, answer.http_status)


@pytest.mark.parametrize("api", APIS, ids=lambda api: api.name)
def test_the_example_of_each_column_comes_to_its_figure(api: Api) -> None:
    reader = api.reader(PollContext(datetime(2026, 8, 12, 10, tzinfo=BOGOTA), campaign_id="4875"))
    reader.add([api.example])
    (row,) = reader.rows()
    assert list(row.values) == [column.example[1] for column in api.columns]
    assert (reader.unreadable, dict(reader.discarded)) == ((), {})


@pytest.mark.parametrize("api", APIS, ids=lambda api: api.name)
def test_a_field_has_one_example_whoever_reads_it(api: Api) -> None:
    for column in api.columns:
        assert len(column.fields) == len(column.example[0])
        for name, text in zip(column.fields, column.example[0], strict=True):
            assert api.example[name] == text


@pytest.mark.parametrize("api", APIS, ids=lambda api: api.name)
def test_every_field_that_is_read_is_among_those_that_are_known(api: Api) -> None:
    known = [field.name for field in api.vendor_fields]
    read = {name for column in api.columns for name in column.fields}
    assert len(set(known)) == len(known)
    missing = (read | set(api.identity)) - set(known)
    assert missing == set(), f"add them to vendor_fields in exporter/apis/{api.name}.py"


@pytest.mark.parametrize("api", APIS, ids=lambda api: api.name)
def test_an_api_is_named_alike_everywhere_and_has_its_words(api: Api) -> None:
    assert re.fullmatch(r"[a-z_]+", api.name)
    assert {column.api for column in api.columns} == {api.name}
    assert {column for family in api.families for column in family.columns} <= set(api.columns)
    assert set(api.title) == {"en", "es"}
    assert api.description.endswith(".")


def test_the_most_important_api_comes_first() -> None:
    assert [api.name for api in APIS][:3] == ["campaigns", "campaign_settings", "token_info"]
    assert [api.name for api in APIS if RANK[api.name] == 0] == ["campaigns", "token_info", "services"]
    others = [RANK[api.name] for api in APIS if RANK[api.name]]
    assert others == sorted(set(others))


def test_information_tells_the_same_of_a_campaign_that_real_time_does_not_list() -> None:
    row = campaign_settings_row(status="Stopped")
    fallbacks = [family.fallback for family in CAMPAIGN_FAMILIES if family.fallback]
    assert [column.read(row, BOGOTA) for column in fallbacks] == [0.0, 1.1, 1000.0]


def test_unknown_texts_of_the_info_are_empty_labels() -> None:
    row: dict[str, object] = {"type_campaign": None, "dial_mode": " ", "campaign_description": "-"}
    assert read("wolkvox_campaign_info", row) == [{("", "", ""): 1.0}]


@given(
    st.sampled_from([column for api in APIS for column in api.columns]),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
        max_leaves=4,
    ),
)
def test_no_value_breaks_a_reader_or_becomes_a_figure_that_is_none(column: Column, raw: object) -> None:
    row = dict.fromkeys(column.field.split(", "), raw)
    value = column.read(row, BOGOTA)
    if not isinstance(value, Absent):
        figures = value.values() if isinstance(value, dict) else [value]
        assert all(type(figure) is float and math.isfinite(figure) for figure in figures)


def test_columns_are_told_apart_by_position() -> None:
    for api in APIS:
        assert [PLACE[column] for column in api.columns] == list(range(len(api.columns)))
        assert len(set(api.column_names)) == len(api.column_names)


def test_a_field_that_no_column_reads_is_a_defect() -> None:
    reader = APIS[0].reader(PollContext(datetime(2026, 8, 12, 10, tzinfo=BOGOTA)))
    reader.add([APIS[0].example])
    with pytest.raises(KeyError):
        APIS[0].value(reader.rows()[0], "dail")
