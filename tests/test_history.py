import math
from collections import deque

from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.apis import BY_NAME
from exporter.clock import Moment
from exporter.history import CampaignSeries, History, OperationSeries
from exporter.snapshot import Listing, OperationSnapshot, Row

POSITIONS = {column.field: place for place, column in enumerate(BY_NAME["campaigns"].columns)}


def row(
    campaign_id: str,
    calls: float | None,
    left: float | None = None,
    running: float | None = 1.0,
    skill_id: str = "",
) -> Row:
    values: list[float | None] = [None] * len(BY_NAME["campaigns"].columns)
    values[POSITIONS["calls_x_min"]] = calls
    values[POSITIONS["clean"]] = left
    values[POSITIONS["status"]] = running
    return Row((campaign_id, "", skill_id), tuple(values))


def note(history: History, at: float, *rows: Row, operation: str = "ventas") -> None:
    listing = Listing(Moment(at + 1e9, at), rows)
    history.note(OperationSnapshot(operation, {}, {"campaigns": {"": listing}}))


def calls(history: History, campaign_id: str, skill_id: str = "") -> tuple[float | None, ...] | None:
    (series,) = history.series("ventas", [(campaign_id, skill_id)]).campaigns
    return series.calls_per_minute if series else None


def test_what_was_not_said_is_a_gap() -> None:
    history = History()
    note(history, 10, row("1", 5.0, 100.0), row("2", None, running=None))
    note(history, 20, row("2", 7.0, running=0.0))
    note(history, 30, row("1", 6.0, 90.0), row("2", 0.0), row("3", 1.5))
    series = history.series("ventas", [("1", ""), ("2", ""), ("3", ""), ("4", "")])
    assert series == OperationSeries(
        (10, 20, 30),
        (5.0, 7.0, 7.5),
        [
            CampaignSeries((True, None, True), (100.0, None, 90.0), (5.0, None, 6.0)),
            CampaignSeries((None, False, True), (None, None, None), (None, 7.0, 0.0)),
            CampaignSeries((None, None, True), (None, None, None), (None, None, 1.5)),
            None,
        ],
    )


def test_a_sum_of_nothing_known_is_not_known() -> None:
    history = History()
    note(history, 10, row("1", None))
    note(history, 20)
    assert history.series("ventas").calls_per_minute == (None, None)


def test_an_answer_counts_once() -> None:
    history = History()
    for _ in range(3):
        note(history, 10, row("1", 5.0))
    note(history, 9, row("1", 4.0))
    assert calls(history, "1") == (5.0,)


def test_an_answer_that_comes_back_from_the_store_counts_once() -> None:
    history = History()
    note(history, 10, row("1", 5.0))
    # Its monotonic time was reckoned anew.
    again = Listing(Moment(1e9 + 10.0000002, 10.0031), (row("1", 5.0),))
    history.note(OperationSnapshot("ventas", {}, {"campaigns": {"": again}}))
    assert calls(history, "1") == (5.0,)


def test_who_has_no_answer_yet_has_no_course() -> None:
    history = History()
    history.note(OperationSnapshot("ventas", {}))
    assert history.series("ventas", [("1", "")]) == OperationSeries(campaigns=[None])


def test_skills_are_kept_apart_and_one_that_is_not_told_is_found() -> None:
    history = History()
    note(history, 10, row("1", 5.0, skill_id="4000"), row("1", 6.0, skill_id="4001"), row("2", 7.0))
    assert calls(history, "1", "4000") == (5.0,)
    assert calls(history, "1", "4001") == (6.0,)
    assert calls(history, "2", "4002") == (7.0,)
    assert calls(history, "1", "4002") is None


def test_operations_are_forgotten_with_their_room() -> None:
    history = History(max_campaigns=1)
    note(history, 10, row("1", 5.0), operation="old")
    note(history, 10, row("1", 5.0))
    assert calls(history, "1") is None
    history.forget({"old", "never there"})
    note(history, 20, row("1", 6.0))
    assert history.series("old", [("1", "")]) == OperationSeries(campaigns=[None])
    assert calls(history, "1") == (None, 6.0)


def test_campaigns_beyond_the_bound_are_summed_but_not_remembered() -> None:
    history = History(max_answers=2, max_campaigns=2)
    for at in range(20):
        note(history, at, *(row(f"{at}-{i}", 1.0) for i in range(5)))
    assert sum(len(o.campaigns) for o in history._operations.values()) <= 2
    assert history.series("ventas").calls_per_minute == (5.0, 5.0)


@settings(max_examples=60)
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from("abc"), st.none() | st.floats(0, 1000, width=32).map(lambda x: round(x, 1))
        ),
        max_size=40,
    )
)
def test_it_holds_the_last_polls_and_no_more(answers: list[dict[str, float | None]]) -> None:
    history, model = History(max_answers=5), deque[dict[str, float | None]](maxlen=5)
    for at, answer in enumerate(answers):
        note(history, at, *(row(key, value) for key, value in answer.items()))
        model.append(answer)
        series = history.series("ventas", [(key, "") for key in "abc"])
        assert series.at == tuple(range(max(at - 4, 0), at + 1))
        for key, own in zip("abc", series.campaigns, strict=True):
            wanted = [known.get(key) for known in model]
            found = list(own.calls_per_minute) if own else [None] * len(wanted)
            assert len(found) == len(wanted)
            assert all(
                a is b is None or (a is not None and b is not None and math.isclose(a, b, abs_tol=0.01))
                for a, b in zip(found, wanted, strict=True)
            )
        assert all(len(s.running) <= 10 for o in history._operations.values() for s in o.campaigns.values())
