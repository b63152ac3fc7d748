"""From answers of several APIs to campaigns with one set of labels each."""

import math
from dataclasses import replace

import pytest

from exporter.clock import Moment
from exporter.judgement.view import Campaign, view
from exporter.snapshot import Listing, OperationSnapshot, Row

REAL_TIME, INFORMATION, CODES = "campaigns", "campaign_settings", "machine_codes"
MAX_AGE = {REAL_TIME: 900.0, INFORMATION: 1800.0, "token_info": 900.0, CODES: 10000.0}
START = Moment(1_000_000.0, 1000.0)


def later(seconds: float) -> Moment:
    return Moment(START.wall + seconds, START.monotonic + seconds)


def row(campaign_id: str, name: str, skill_id: str = "", value: float | None = None) -> Row:
    return Row((campaign_id, name, skill_id), (value,))


def snapshot(
    live: list[Row] | None = None,
    known: list[Row] | None = None,
    codes: dict[str, float] | None = None,
) -> OperationSnapshot:
    lists = {REAL_TIME: live, INFORMATION: known}
    return OperationSnapshot(
        "op",
        {},
        {
            **{e: {"": Listing(START, tuple(rows))} for e, rows in lists.items() if rows is not None},
            CODES: {
                key: Listing(START, (row(key, "", "", value),), valid_until=START.wall + 5000)
                for key, value in (codes or {}).items()
            },
        },
    )


def campaigns(of: OperationSnapshot, seconds: float = 0) -> list[Campaign]:
    return list(view(of, MAX_AGE, later(seconds)).campaigns)


def figures(campaign: Campaign) -> dict[str, float | None]:
    return {api: values[0] for api, values in campaign.values.items()}  # type: ignore[misc]


def test_both_lists_make_one_campaign() -> None:
    (campaign,) = campaigns(
        snapshot([row("1", "VENTAS", "4000", 1)], [row("1", "VENTAS", "4000", 2)], {"1": 3})
    )
    assert campaign.labels == ("op", "1", "VENTAS", "4000")
    assert figures(campaign) == {"campaigns": 1, "campaign_settings": 2, "machine_codes": 3}
    assert not campaign.fallback


def test_the_skill_stays_while_information_is_over_age() -> None:
    one = snapshot([row("1", "VENTAS", "", 1)], [row("1", "VENTAS", "4000")])
    fresh = Listing(later(1790), one.answers[REAL_TIME][""].rows)
    one = replace(one, answers={**one.answers, REAL_TIME: {"": fresh}})
    (campaign,) = campaigns(one, 1800)
    assert (campaign.labels[3], figures(campaign)) == ("4000", {"campaigns": 1})


def test_the_skill_stays_while_real_time_is_over_age() -> None:
    one = snapshot([row("1", "VENTAS", "4000", 1)], [row("1", "VENTAS", "", 2)])
    (campaign,) = campaigns(one, 900)
    assert (campaign.labels[3], figures(campaign)) == ("4000", {"campaign_settings": 2})
    assert campaign.fallback


def test_of_two_skills_that_of_the_list_counts_that_is_not_over_age() -> None:
    one = snapshot([row("1", "VENTAS", "4001", 1)], [row("1", "VENTAS", "4000", 2)])
    (campaign,) = campaigns(one, 900)
    assert (campaign.labels[3], figures(campaign)) == ("4000", {"campaign_settings": 2})


def test_a_row_without_a_skill_has_the_least_one() -> None:
    one = snapshot([row("1", "A", "", 1)], [row("1", "A", "999", 2), row("1", "A", "4000", 3)])
    found = {c.labels[3]: figures(c) for c in campaigns(one)}
    assert found == {"999": {"campaigns": 1, "campaign_settings": 2}, "4000": {"campaign_settings": 3}}


def test_what_is_not_known_is_the_empty_label() -> None:
    assert campaigns(snapshot([row("", "VENTAS")]))[0].labels == ("op", "", "VENTAS", "")


def test_the_skill_may_be_known_to_information_only() -> None:
    assert campaigns(snapshot([row("1", "A")], [row("1", "A", "4000")]))[0].labels[3] == "4000"


def test_a_campaign_that_real_time_does_not_list_falls_back() -> None:
    found = campaigns(snapshot([row("1", "A", "", 1)], [row("1", "A"), row("2", "B", "", 5)]))
    assert [(c.labels[1], c.fallback) for c in found] == [("1", False), ("2", True)]


def test_all_fall_back_when_real_time_is_over_age() -> None:
    one = snapshot([row("1", "A", "", 1)], [row("1", "A", "", 2)])
    (before,), (after,) = campaigns(one, 899), campaigns(one, 900)
    assert (before.fallback, after.fallback) == (False, True)
    assert figures(after) == {"campaign_settings": 2}


def test_over_age_answers_vanish() -> None:
    one = snapshot([row("1", "A")], [row("1", "A")])
    assert campaigns(one, 1799)
    assert campaigns(one, 1800) == []


def test_a_campaign_missing_from_good_lists_is_gone_with_its_codes() -> None:
    assert campaigns(snapshot([], [], {"1": 3})) == []


def test_codes_alone_keep_the_labels_that_were_known() -> None:
    one = snapshot([row("1", "VENTAS", "4000")], [row("1", "VENTAS")], {"1": 3})
    (campaign,) = campaigns(one, 4000)
    assert campaign.labels == ("op", "1", "VENTAS", "4000")
    assert figures(campaign) == {"machine_codes": 3}
    assert not campaign.fallback


def test_codes_of_yesterday_end_at_midnight() -> None:
    one = snapshot([row("1", "A")], codes={"1": 3})
    assert campaigns(one, 4999)
    assert campaigns(one, 5000) == []


def test_codes_of_a_campaign_that_was_gone_stay_away_when_the_lists_are_over_age() -> None:
    one = snapshot([row("1", "A")], [row("1", "A")], {"1": 3, "2": 4})
    for seconds in (0, 900, 1800, 4999):
        assert [c.labels[1] for c in campaigns(one, seconds)] == ["1"]


def test_codes_that_no_list_belongs_to_are_not_shown() -> None:
    # Nobody knows their campaign's name yet, and whether it is wanted.
    assert campaigns(snapshot(codes={"1": 3})) == []


def test_skills_of_one_campaign_are_paired() -> None:
    live = [row("1", "A", "s1", 1), row("1", "A", "s2", 2)]
    known = [row("1", "A", "s2", 20), row("1", "A", "s3", 30)]
    found = {c.labels[3]: figures(c) for c in campaigns(snapshot(live, known, {"1": 9}))}
    assert found == {
        "s1": {"campaigns": 1, "machine_codes": 9},
        "s2": {"campaigns": 2, "campaign_settings": 20},
        "s3": {"campaign_settings": 30},
    }


def test_a_single_row_is_paired_whatever_its_skill() -> None:
    (campaign,) = campaigns(snapshot([row("1", "A", "s1", 1)], [row("1", "A", "s2", 2)]))
    assert campaign.labels[3] == "s1"
    assert figures(campaign) == {"campaigns": 1, "campaign_settings": 2}


def test_no_label_set_stands_twice() -> None:
    # A campaign without id, and one whose id is that name.
    found = campaigns(snapshot([row("", "7", "", 1)], [row("", "7", "s", 2), row("", "7", "", 3)]))
    assert len({c.labels for c in found}) == len(found)


@pytest.mark.parametrize(
    ("one", "monotonic", "wall"),
    [
        (snapshot([], []), 1900, math.inf),
        (snapshot(None, []), 2800, math.inf),
        (snapshot([], [], {"1": 1}), 1900, START.wall + 5000),
        (snapshot(), math.inf, math.inf),
    ],
)
def test_a_view_holds_until_the_first_answer_comes_of_age(
    one: OperationSnapshot, monotonic: float, wall: float
) -> None:
    current = view(one, MAX_AGE, START)
    assert (current.until_monotonic, current.until_wall) == (monotonic, wall)
    assert current.holds(START)
    assert not current.holds(Moment(START.wall, monotonic)) or monotonic == math.inf


AGES = {**MAX_AGE, "agents": 900.0, "skills": 900.0, "services": 900.0, "audit_log": 900.0}
AGES["campaign_results"] = 2700.0


def whole_snapshot() -> OperationSnapshot:
    """Return the answers of everything that is told of the operation as a whole."""
    rows = {
        "agents": Row((), ({("ready",): 0.0, ("talk",): 2.0},)),
        "skills": Row(("4000", "VENTAS"), (3.0, *[None] * 7)),
        "services": Row((), (25.0, 0.0)),
        "token_info": Row((), (25_000.0, 10.0)),
        "audit_log": Row(("1", "", ""), (999_000.0,)),
        "campaign_results": Row(("", "", ""), ({("answer",): 5.0},)),
    }
    answers = {api: {"": Listing(START, (one,))} for api, one in rows.items()}
    until = START.wall + 1000
    answers["campaign_results"] = {"": Listing(START, (rows["campaign_results"],), until)}
    return OperationSnapshot("op", {}, answers)


def test_what_is_told_of_the_operation_is_read() -> None:
    whole = view(whole_snapshot(), AGES, START).operation
    assert whole.agents == {"ready": 0, "talk": 2}
    assert (whole.queued_calls, whole.attempts, whole.calls_limit) == (3, {("answer",): 5.0}, 25_000)
    assert (whole.licences, whole.customer_protection) == (25, False)
    assert whole.stops == {"1": (999_000.0, "")}


def test_what_is_over_age_is_not_known_but_a_stop_stays_one() -> None:
    one = whole_snapshot()
    assert view(one, AGES, later(899)).operation.agents is not None
    old = view(one, AGES, later(900)).operation
    assert (old.agents, old.queued_calls, old.licences, old.customer_protection) == (None, None, None, None)
    assert old.calls_limit is None
    assert old.attempts == {("answer",): 5.0}
    assert old.stops == {"1": (999_000.0, "")}


def test_attempts_of_the_operation_end_with_the_day_and_the_view_with_them() -> None:
    one = whole_snapshot()
    before, after = view(one, AGES, later(999)), view(one, AGES, later(1000))
    assert (before.operation.attempts, after.operation.attempts) == ({("answer",): 5.0}, None)
    assert before.until_wall == START.wall + 1000
    assert not before.holds(later(1000))


def test_who_stopped_it_is_told_by_the_notes_of_the_answer() -> None:
    one = whole_snapshot()
    noted = replace(one.answers["audit_log"][""], notes={"1": "zutana", "2": "mengana"})
    one = replace(one, answers={**one.answers, "audit_log": {"": noted}})
    assert view(one, AGES, START).operation.stops == {"1": (999_000.0, "zutana")}
