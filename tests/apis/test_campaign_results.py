"""Attempts by result, of a campaign or of the operation."""

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.apis import PollContext, campaign_results
from exporter.families import Value

BOGOTA = timezone(timedelta(hours=-5))
NOON = datetime(2026, 8, 12, 12, 30, 15, tzinfo=BOGOTA)
NOTHING = {"answer": 0.0, "abandon": 0.0}


def read(*rows: object, campaign: str = "4875") -> tuple[campaign_results.AttemptReader, Value | None]:
    """Return a reader that has read some rows, and the attempts."""
    one = campaign_results.AttemptReader(PollContext(NOON, campaign_id=campaign))
    one.add(rows)
    (row,) = one.rows()
    assert row.labels == (campaign, "", "")
    (value,) = row.values
    return one, value


def attempts(*rows: object) -> dict[str, float] | None:
    """Return the attempts by result."""
    value = read(*rows)[1]
    return {result: count for (result,), count in value.items()} if isinstance(value, Mapping) else None


def line(result: object, records: object = "3", **more: object) -> dict[str, object]:
    return {"result": result, "records": records, "percent": "10.00 %", **more}


@pytest.mark.parametrize(
    ("written", "result"),
    [
        ("no-answer", "no_answer"),
        ("NO-ANSWER", "no_answer"),
        ("No answer", "no_answer"),
        ("no_answer", "no_answer"),
        (" no - answer ", "no_answer"),
        ("ANSWER-MACHINE", "answer_machine"),
        ("answer  machine", "answer_machine"),
        ("Answer Machine", "answer_machine"),
        ("do-not-call", "do_not_call"),
        ("-busy-", "busy"),
        ("ABANDON", "abandon"),
        ("Answer", "answer"),
        ("answer\nmachine", "answer_machine"),
    ],
)
def test_a_result_is_one_word_however_it_is_written(written: str, result: str) -> None:
    found = attempts(line(written, "7"))
    assert found == {**NOTHING, result: 7}


@pytest.mark.parametrize(
    ("records", "count"), [("7", 7), (7, 7), (7.0, 7), ("1,234", 1234), ("1.234", 1234), ("0", 0), (0, 0)]
)
def test_counts_are_read_however_they_are_written(records: object, count: float) -> None:
    assert attempts(line("busy", records)) == {**NOTHING, "busy": count}


def test_a_report_of_documented_results_tells_that_there_were_no_others() -> None:
    assert attempts() == NOTHING
    assert attempts(line("busy")) == {**NOTHING, "busy": 3}
    assert attempts(line("answer", "5")) == {"answer": 5, "abandon": 0}
    assert attempts(line("abandon", "5"), line("no-answer")) == {"answer": 0, "abandon": 5, "no_answer": 3}


@pytest.mark.parametrize(
    "unusable",
    [None, 7, "x", [], {}, {"records": "3"}, line(None), line(""), line("-"), line([]), line("--")],
)
def test_with_a_row_that_is_about_no_result_nothing_is_said_to_be_0(unusable: object) -> None:
    one, value = read(line("busy"), unusable)
    assert value == {("busy",): 3.0}
    assert one.discarded == {"shape": 1}


def test_with_a_result_of_another_name_nothing_is_said_to_be_0() -> None:
    assert attempts(line("busy"), line("COLGADO")) == {"busy": 3, "colgado": 3}


@pytest.mark.parametrize(
    "records", ["muchos", "-3", "1.5", 1.5, -1, True, [], {}, float("nan"), "NaN", "1e3"]
)
def test_a_count_that_cannot_be_read_is_counted_and_is_no_0(records: object) -> None:
    one, value = read(line("abandon", records), line("busy"))
    assert value == {("busy",): 3.0}
    assert [(entry.field, entry.count) for entry in one.unreadable] == [("records", 1)]
    assert one.unreadable[0].example == ascii(records)


@pytest.mark.parametrize("records", [None, "", " ", "-"])
def test_a_count_that_is_not_there_is_no_error_and_no_0(records: object) -> None:
    one, value = read(line("abandon", records), line("busy"))
    assert (value, one.unreadable, one.discarded) == ({("busy",): 3.0}, (), {})
    assert read({"result": "abandon"})[1] is None


@pytest.mark.parametrize("total", ["TOTAL", "Total", "total general", " TOTALES ", "total_calls"])
def test_a_total_is_no_result_and_no_error(total: str) -> None:
    one, value = read(line("busy"), line(total, "3"))
    assert value == {("busy",): 3.0, ("answer",): 0.0, ("abandon",): 0.0}
    assert (one.discarded, one.unreadable) == ({}, ())
    assert read(line(total, "?"))[0].unreadable == ()


def test_of_two_rows_about_one_result_the_last_counts() -> None:
    one, value = read(line("no-answer", "1"), line("NO ANSWER", "2"))
    assert value == {("no_answer",): 2.0, ("answer",): 0.0, ("abandon",): 0.0}
    assert one.discarded == {"duplicate": 1}
    one, value = read(line("answer", "1"), line("answer", "?"))
    assert (value, one.discarded) == (None, {"duplicate": 1})


def test_results_beyond_a_hundred_are_left_out_and_told() -> None:
    words = ["r" + chr(97 + n // 26) + chr(97 + n % 26) for n in range(120)]
    one, value = read(*(line(word) for word in words))
    assert isinstance(value, Mapping)
    assert (len(value), one.discarded) == (100, {"limit": 20})


def test_lists_in_lists_break_nothing() -> None:
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    one, value = read(line("busy", deep), line(deep))
    assert (value, one.discarded) == (None, {"shape": 1})
    assert [entry.count for entry in one.unreadable] == [1]


def test_the_operation_is_asked_for_as_all_and_each_campaign_by_its_id() -> None:
    for campaign, asked in (("", "all"), ("4875", "4875")):
        call = campaign_results.API.call(PollContext(NOON, campaign_id=campaign))
        assert call.path == "reports_manager.php"
        assert call.query == {
            "api": "campaign_4",
            "campaign_id": asked,
            "date_ini": "20260812000000",
            "date_end": "20260812123015",
        }


@pytest.mark.parametrize(
    ("counts", "share"),
    [
        ({("abandon",): 3.0, ("answer",): 97.0}, 0.03),
        ({("abandon",): 0.0, ("answer",): 97.0, ("busy",): 900.0}, 0.0),
        ({("abandon",): 5.0, ("answer",): 0.0}, 1.0),
        ({("abandon",): 0.0, ("answer",): 0.0}, None),
        ({("abandon",): 3.0}, None),
        ({("answer",): 3.0}, None),
        ({("busy",): 3.0}, None),
        (None, None),
        (3.0, None),
    ],
)
def test_abandonment_is_the_share_of_what_people_answered(counts: Value | None, share: float | None) -> None:
    assert campaign_results.abandonment(counts) == share


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda more: st.lists(more, max_size=3) | st.dictionaries(st.text(max_size=5), more, max_size=3),
    max_leaves=4,
)
RESULT = st.sampled_from(["answer", "ABANDON", "no-answer", "Busy", "TOTAL", "otro"]) | ANYTHING
ROWS = st.lists(ANYTHING | st.fixed_dictionaries({"result": RESULT, "records": st.integers(0, 9) | ANYTHING}))


@given(ROWS)
def test_no_rows_break_it_and_no_figure_is_made_up(rows: list[object]) -> None:
    one, value = read(*rows)
    found = value if isinstance(value, Mapping) else {}
    written = [row.get("records") for row in rows if isinstance(row, Mapping)]
    figures = [float(raw) for raw in written if isinstance(raw, int | float) and not isinstance(raw, bool)]
    texts = [raw for raw in written if isinstance(raw, str)]
    for (result,), count in found.items():
        assert result == result.lower()
        assert not result.startswith("total")
        assert count in figures or texts or (count == 0 and result in NOTHING)
    assert sum(one.discarded.values()) + sum(entry.count for entry in one.unreadable) <= 2 * len(rows)


@given(st.dictionaries(st.sampled_from(["answer", "abandon", "busy", "failed"]), st.integers(0, 10**9)))
def test_what_is_read_adds_up_to_what_was_written(counts: dict[str, int]) -> None:
    found = attempts(*(line(result.upper(), str(count)) for result, count in counts.items()))
    assert found is not None
    assert sum(found.values()) == sum(counts.values())
    assert found == {**NOTHING, **counts}
