"""The table of campaign families: what is promised to users, and how documented rows are read."""

import math
import re
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.api import Api
from exporter.families import CAMPAIGN_FAMILIES, CAMPAIGN_LABELS, COLUMNS, Column, Family, Value
from exporter.parsing import Absent
from support.fakes import campaign_settings_row, campaigns_row

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


DOCUMENTED: dict[Api, list[tuple[str, list[Value]]]] = {
    Api.CAMPAIGNS: [
        ("wolkvox_campaign_running", [1.0]),
        ("wolkvox_campaign_speed_ratio", [1.1]),
        ("wolkvox_campaign_records", [1000.0]),
        ("wolkvox_campaign_clean_records", [400.0]),
        ("wolkvox_campaign_dialed_records", [600.0]),
        ("wolkvox_campaign_outcome_records", [100.0, 200.0, 250.0, 50.0]),
        ("wolkvox_campaign_penetration_day_ratio", [0.6]),
        ("wolkvox_campaign_penetration_now_ratio", [152.3333]),
        ("wolkvox_campaign_hits", [6.0]),
        ("wolkvox_campaign_hit_ratio", [0.1429]),
        ("wolkvox_campaign_calls_per_minute", [12.0]),
        ("wolkvox_campaign_recycles", [2.0]),
        ("wolkvox_campaign_dialing_share_ratio", [{("tel1",): 1.0}]),
    ],
    Api.CAMPAIGN_SETTINGS: [
        (
            "wolkvox_campaign_info",
            [{("predictive", "phone1 – ring: 60(seg)", "Lista ficticia"): 1.0}],  # noqa: RUF001 - the vendor's
        ),
        ("wolkvox_campaign_recycled_records", [30.0]),
        ("wolkvox_campaign_turbo_dial", [1.0]),
        ("wolkvox_campaign_last_use_timestamp_seconds", [1786539728.0]),
        ("wolkvox_campaign_ring_timeout_seconds", [{("phone1",): 60.0}]),
    ],
}
"""What the rows of tests/support/fakes.py come to, by family."""


@pytest.mark.parametrize(("family", "values"), DOCUMENTED[Api.CAMPAIGNS])
def test_a_documented_row_of_real_time(family: str, values: list[Value]) -> None:
    assert read(family, campaigns_row()) == values


@pytest.mark.parametrize(("family", "values"), DOCUMENTED[Api.CAMPAIGN_SETTINGS])
def test_a_documented_row_of_information(family: str, values: list[Value]) -> None:
    assert read(family, campaign_settings_row()) == values


@pytest.mark.parametrize("api", DOCUMENTED)
def test_every_family_of_a_row_is_read_from_the_documented_one(api: Api) -> None:
    families = {family.name for family in CAMPAIGN_FAMILIES if family.columns[0].api is api}
    assert families - {family for family, _ in DOCUMENTED[api]} == set(), "add them to DOCUMENTED above"


def test_information_tells_the_same_of_a_campaign_that_real_time_does_not_list() -> None:
    row = campaign_settings_row(status="Stopped")
    fallbacks = [family.fallback for family in CAMPAIGN_FAMILIES if family.fallback]
    assert [column.read(row, BOGOTA) for column in fallbacks] == [0.0, 1.1, 1000.0]


def test_unknown_texts_of_the_info_are_empty_labels() -> None:
    row: dict[str, object] = {"type_campaign": None, "dial_mode": " ", "campaign_description": "-"}
    assert read("wolkvox_campaign_info", row) == [{("", "", ""): 1.0}]


@given(
    st.sampled_from([column for columns in COLUMNS.values() for column in columns]),
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
    for api in (Api.CAMPAIGNS, Api.CAMPAIGN_SETTINGS, Api.MACHINE_CODES):
        assert len(set(COLUMNS[api])) == len(COLUMNS[api])
    assert COLUMNS[Api.TOKEN_INFO] == ()
