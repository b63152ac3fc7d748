from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.schedules import ScheduleState
from exporter.status.campaign_figures import folded
from exporter.status.condition import Condition
from exporter.status.query import Judged, Query, SortKey, matching, paged, parse
from status.test_condition import RUNNING


def judged(
    name: str,
    condition: Condition = Condition.RUNNING,
    campaign_id: str = "",
    left: float | None = None,
    kind: str = "",
) -> Judged:
    figures = replace(
        RUNNING,
        campaign_id=campaign_id,
        name=name,
        records_left=left,
        type=kind,
        searched=folded(f"{name}\n{campaign_id}\n4000\n{kind}"),
        name_key=folded(name),
    )
    return Judged(figures, ScheduleState(None, None), condition)


def names(found: Sequence[Judged]) -> list[str]:
    return [one.figures.name for one in found]


CAMPAIGNS = [
    judged("Región Sur", campaign_id="4875", left=5.0, kind="preview"),
    judged("COBRANZA", Condition.STOPPED_AS_PLANNED, "4876", 70.0, "predictive"),
    judged("árbol", Condition.OUTSIDE_HOURS, "4877", None, "predictive"),
    judged("Zulia", campaign_id="4878", left=0.0, kind="predictive"),
]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (Query(), ["árbol", "Región Sur", "Zulia", "COBRANZA"]),
        (Query(descending=True), ["COBRANZA", "Región Sur", "Zulia", "árbol"]),
        (Query(sort=SortKey.NAME), ["árbol", "COBRANZA", "Región Sur", "Zulia"]),
        (Query(sort=SortKey.NAME, descending=True), ["Zulia", "Región Sur", "COBRANZA", "árbol"]),
        # What is not known is last both ways.
        (Query(sort=SortKey.LEFT), ["Zulia", "Región Sur", "COBRANZA", "árbol"]),
        (Query(sort=SortKey.LEFT, descending=True), ["COBRANZA", "Región Sur", "Zulia", "árbol"]),
        (Query(sort=SortKey.TYPE), ["árbol", "Zulia", "COBRANZA", "Región Sur"]),
        (Query(sort=SortKey.SKILL), ["árbol", "Región Sur", "Zulia", "COBRANZA"]),
        (Query(text="region"), ["Región Sur"]),
        (Query(text="SUR regi"), ["Región Sur"]),
        (Query(text="ARBOL"), ["árbol"]),
        (Query(text="4876"), ["COBRANZA"]),
        (Query(text="preview 4000"), ["Región Sur"]),
        (Query(text="nobody"), []),
        (Query(condition=Condition.RUNNING), ["Región Sur", "Zulia"]),
        (Query(condition=Condition.RUNNING, text="zulia"), ["Zulia"]),
        (Query(condition=Condition.UNKNOWN), []),
    ],
)
def test_campaigns_are_found_and_sorted(query: Query, found: list[str]) -> None:
    assert names(matching(query, CAMPAIGNS)) == found


@pytest.mark.parametrize("key", SortKey)
@pytest.mark.parametrize("descending", [False, True])
def test_every_order_keeps_every_campaign(key: SortKey, descending: bool) -> None:
    found = matching(Query(sort=key, descending=descending), CAMPAIGNS)
    assert sorted(names(found)) == sorted(names(CAMPAIGNS))


def test_a_query_is_read() -> None:
    fields = {
        "operation": ["ventas"],
        "q": [" regi\n sur "],
        "state": ["no_calls"],
        "sort": ["-left"],
        "page": ["3"],
        "per_page": ["5000"],
        "operations_page": ["2"],
    }
    assert parse(fields) == Query("ventas", "regi sur", Condition.NO_CALLS, SortKey.LEFT, True, 3, 1000, 2)


@pytest.mark.parametrize("bad", ["", "0x1", "-1", "1e9", "٣", "9" * 5000, "1.5", "NaN"])
def test_a_page_that_cannot_be_read_is_the_first(bad: str) -> None:
    assert parse({"page": [bad], "sort": [bad], "state": [bad]}) == Query(descending=bad.startswith("-"))


@given(
    st.dictionaries(
        st.sampled_from(["q", "sort", "state", "page", "per_page"]), st.lists(st.text(), min_size=1)
    )
)
def test_no_query_is_too_strange(fields: dict[str, list[str]]) -> None:
    query = parse(fields)
    assert 1 <= query.per_page <= 1000
    assert query.page >= 1
    matching(query, CAMPAIGNS)


@pytest.mark.parametrize(
    ("count", "page", "found"),
    [(0, 1, (1, 1)), (0, 9, (1, 1)), (100, 1, (1, 1)), (101, 2, (2, 2)), (101, 3, (2, 2)), (250, 2, (2, 3))],
)
def test_pages(count: int, page: int, found: tuple[int, int]) -> None:
    assert paged(count, page, 100) == found
