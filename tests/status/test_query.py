import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.judgement import CampaignState
from exporter.status.query import Query, SortKey, paged, parse


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
    assert parse(fields) == Query(
        "ventas", "regi sur", CampaignState.NO_CALLS, SortKey.LEFT, True, 3, 1000, 2
    )


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


@pytest.mark.parametrize(
    ("count", "page", "found"),
    [(0, 1, (1, 1)), (0, 9, (1, 1)), (100, 1, (1, 1)), (101, 2, (2, 2)), (101, 3, (2, 2)), (250, 2, (2, 3))],
)
def test_pages(count: int, page: int, found: tuple[int, int]) -> None:
    assert paged(count, page, 100) == found
