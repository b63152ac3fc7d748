import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.judgement import CampaignState
from exporter.status.query import Query, SortKey, paged, parse

NO_NUMBERS = ["0x1", "-1", "1e9", "٣", "9" * 5000, "1.5", "NaN"]


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
    query = Query("ventas", "regi sur", CampaignState.NO_CALLS, SortKey.LEFT, True, 3, 1000, 2)
    assert parse(fields) == (query, ())


def test_what_is_empty_is_not_asked_for_and_the_looks_of_the_page_are_no_part_of_it() -> None:
    fields = {name: ["", " "] for name in ("operation", "q", "state", "sort", "page")} | {"lang": ["x", "y"]}
    assert parse(fields) == (Query(), ())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("state", "stopped_in_hour"),
        ("state", "Stopped_in_hours"),
        ("sort", "hits"),
        ("sort", "--hit"),
        ("q", "x" * 301),
        ("operation", "x" * 301),
        *((name, bad) for name in ("page", "per_page", "operations_page") for bad in NO_NUMBERS),
        ("states", "stopped_in_hours"),
        ("query", "norte"),
    ],
)
def test_what_cannot_be_applied_is_told(name: str, value: str) -> None:
    query, (refused,) = parse({name: [value], "lang": ["es"], "theme": ["dark"]})
    assert query == Query()
    assert (refused.name, refused.value) == (name, value)
    assert refused.expected.startswith("one ")


def test_of_two_values_none_is_chosen_silently() -> None:
    query, (refused,) = parse({"state": ["no_calls", "list_used_up"], "q": ["sur", "sur", ""]})
    assert query == Query(text="sur")
    assert (refused.name, refused.value) == ("state", "no_calls, list_used_up")


@pytest.mark.parametrize("state", CampaignState)
def test_the_refusal_names_what_there_is(state: CampaignState) -> None:
    _, (refused,) = parse({"state": ["x"]})
    assert state.value in refused.expected.removeprefix("one of ").split(", ")
    assert parse({"state": [state.value]}) == (Query(state=state), ())


@given(
    st.dictionaries(
        st.sampled_from(["q", "sort", "state", "page", "per_page"]), st.lists(st.text(), min_size=1)
    )
)
def test_no_query_is_too_strange(fields: dict[str, list[str]]) -> None:
    query, refused = parse(fields)
    assert 1 <= query.per_page <= 1000
    assert query.page >= 1
    assert {one.name for one in refused} <= fields.keys()


@pytest.mark.parametrize(
    ("count", "page", "found"),
    [(0, 1, (1, 1)), (0, 9, (1, 1)), (100, 1, (1, 1)), (101, 2, (2, 2)), (101, 3, (2, 2)), (250, 2, (2, 3))],
)
def test_pages(count: int, page: int, found: tuple[int, int]) -> None:
    assert paged(count, page, 100) == found
